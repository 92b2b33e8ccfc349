// Where the others write. Each page says where its own cursor is; whose it is, the server says.
import { Awareness } from "y-protocols/awareness";

const SAY_EVERY = 200;
const COLOURS = 6;

export class Cursors {
  constructor(sync, live) {
    Object.assign(this, { sync, live });
    this.awareness = new Awareness(sync.doc);
    this.awareness.on("update", (_changes, origin) => origin === "local" && this.sayLater());
    sync.onBegin = () => this.sayLater();
  }

  sayLater() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const place = this.awareness.getLocalState()?.cursor ?? { anchor: null, head: null };
      this.live.say({ t: "cursor", stream: this.sync.stream, client: this.sync.doc.clientID, anchor: place.anchor, head: place.head });
    }, SAY_EVERY);
  }

  take({ client, id, name, anchor, head }) {
    if (client === this.sync.doc.clientID) return;
    const { states, meta } = this.awareness;
    const changes = { added: [], updated: [], removed: [] };
    if (anchor && head) {
      changes[states.has(client) ? "updated" : "added"].push(client);
      states.set(client, { user: { name: name || "…", colour: id % COLOURS }, cursor: { anchor, head } });
      meta.set(client, { clock: (meta.get(client)?.clock ?? 0) + 1, lastUpdated: Date.now() });
    } else if (states.delete(client)) {
      meta.delete(client);
      changes.removed.push(client);
    }
    this.awareness.emit("change", [changes, "live"]);
  }
}
