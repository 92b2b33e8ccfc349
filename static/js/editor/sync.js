// A document and its way to the server: what is typed goes out at once, is kept here until it is stored, and is sent again after a break.
// State: "saved" when everything is stored, "away" when it is but there is no contact, "saving", "unsaved" while there is no contact, "large" or "refused" when the server will not
// have it, "ended" when one may not write any more. See portal/live/PROTOCOL.md.
import * as Y from "yjs";
import { fromBase64, toBase64 } from "./bytes.js";
import { Kept } from "./keeping.js";

const SEND_EVERY = 80;
const KEEP_EVERY = 150;
const PATIENCE = 5000;
const AGAIN = 3000;
const LARGEST_PART = 200_000; // letters of Base64
const LARGEST = 1_000_000;
const ENDS = ["may_not_write", "locked", "no_text"];

export class Sync {
  constructor(live, address, { person, csrf }) {
    Object.assign(this, { live, address, person, csrf });
    this.doc = new Y.Doc();
    this.waiting = []; // not sent
    this.sent = new Map(); // ref → update, not stored
    this.shown = []; // others' changes that may not be stored
    this.ref = 0;
    this.trouble = ""; // "large", "refused", "ended"
    this.isKept = true;
    this.timers = {};
  }

  get isUnsaved() {
    return this.waiting.length + this.sent.size > 0;
  }

  async open() {
    const given = await this.fetch();
    Object.assign(this, { stream: given.stream, cursor: given.cursor, mark: given.mark });
    this.kept = new Kept(this.person, given.mark);
    Y.applyUpdate(this.doc, fromBase64(given.state), this);
    await this.takeUp();
    this.doc.on("update", (update, origin) => origin !== this && this.changed(update));
  }

  follow() {
    this.live.subscribe(this.stream, this.cursor, {
      onEvent: (frame) => this.happened(frame),
      onSaid: (frame) => this.said(frame),
      onResync: (frame) => this.anew(frame),
      onBegin: () => this.begins(),
      onPresence: (frame) => this.onPresence(frame),
      onEnd: () => this.end(),
    });
    this.live.onState((state) => (state === "signed-out" ? this.leave() : this.tell()));
    document.addEventListener("visibilitychange", () => document.hidden && this.keep());
    addEventListener("pagehide", () => (this.send(), this.keep()));
    this.tell();
  }

  // What was written before the window was closed, or in another one that has no contact either.
  async takeUp() {
    try {
      const found = await this.kept.all();
      this.taken = found.map(({ key }) => key);
      for (const { update } of found) {
        Y.applyUpdate(this.doc, update, this);
        this.waiting.push(update);
      }
      this.kept.sweep();
    } catch (failure) {
      console.error(failure);
      this.isKept = false;
    }
  }

  changed(update) {
    this.waiting.push(update);
    this.since ??= Date.now();
    this.isKept = false;
    this.timers.keep ??= setTimeout(() => this.keep(), KEEP_EVERY);
    this.timers.send ??= setTimeout(() => this.send(), this.sentAt > Date.now() - SEND_EVERY ? SEND_EVERY : 0);
    this.tell();
  }

  send() {
    clearTimeout(this.timers.send);
    this.timers.send = undefined;
    if (!this.waiting.length || this.trouble === "ended") return;
    // After a refusal only the whole can be right again: what was too much may have been taken back.
    const update = this.trouble ? Y.encodeStateAsUpdate(this.doc) : Y.mergeUpdates(this.waiting);
    if (!this.say(this.ref + 1, update)) return;
    this.ref += 1;
    this.sent.set(this.ref, update);
    this.waiting = [];
    this.sentAt = Date.now();
  }

  say(ref, update) {
    const words = toBase64(update);
    if (words.length > LARGEST) {
      this.trouble = "large";
      return false;
    }
    let at = 0;
    for (; words.length - at > LARGEST_PART; at += LARGEST_PART) {
      if (!this.live.say({ t: "edit", stream: this.stream, update: words.slice(at, at + LARGEST_PART), more: true, ref })) return false;
    }
    return this.live.say({ t: "edit", stream: this.stream, update: words.slice(at), ref });
  }

  // After a break: what may have been lost on the way, others' as well as one's own. What was stored already is no change.
  begins() {
    if (this.shown.length) {
      this.passedOn = { ref: (this.ref += 1), shown: new Set(this.shown) };
      this.say(this.ref, Y.mergeUpdates(this.shown.map(fromBase64)));
    }
    const own = [...this.sent.values(), ...this.waiting];
    this.sent.clear();
    this.waiting = own.length ? [Y.mergeUpdates(own)] : [];
    this.onBegin?.();
    this.send();
    this.tell();
  }

  said(frame) {
    if (frame.t === "cursors") return frame.cursors.forEach((each) => this.onCursor(each));
    if (frame.t === "saved" && frame.ref === this.passedOn?.ref) this.shown = this.shown.filter((update) => !this.passedOn.shown.has(update));
    if (frame.t === "edit") {
      this.shown.push(...frame.updates);
      this.take(frame.updates);
    } else if (frame.t === "saved" && this.sent.has(frame.ref)) {
      for (const ref of this.sent.keys()) if (ref <= frame.ref) this.sent.delete(ref);
      this.trouble = "";
      if (!this.isUnsaved) this.forget();
    } else if (frame.t === "unsaved" && this.sent.has(frame.ref)) {
      this.refused(frame);
    } else if (frame.t === "unsaved" && frame.ref === this.passedOn?.ref && frame.reason === "missing") {
      this.say((this.passedOn.ref = this.ref += 1), Y.encodeStateAsUpdate(this.doc)); // it builds upon what we were given when we came
    }
    this.tell();
  }

  refused({ ref, reason }) {
    this.waiting.unshift(this.sent.get(ref));
    this.sent.delete(ref);
    if (ENDS.includes(reason)) return this.end();
    if (reason === "too_large") this.trouble = "large";
    else if (reason === "bad_update" || (reason === "missing" && this.trouble)) this.trouble = "refused";
    else if (reason === "missing") this.trouble = "whole"; // the whole text brings what was missing
    if (reason === "missing" && !this.timers.send) this.timers.send = setTimeout(() => this.send(), 0);
    if (reason === "later" || reason === "not_yours") this.timers.send ??= setTimeout(() => this.send(), AGAIN);
  }

  happened(frame) {
    if (frame.kind === "text.locked") return this.end();
    this.shown = this.shown.filter((update) => !frame.updates.includes(update));
    this.take(frame.updates);
  }

  take(updates) {
    this.doc.transact(() => updates.forEach((update) => Y.applyUpdate(this.doc, fromBase64(update), this)), this);
  }

  // The log does not go back to where we were, or the database is another: the page's own text goes on from what there is now.
  async anew({ anew }) {
    const given = await this.fetch().catch(() => null);
    if (anew || given?.mark !== this.mark) {
      await this.keep();
      return location.reload();
    }
    this.doc.transact(() => Y.applyUpdate(this.doc, fromBase64(given.state), this), this);
  }

  // Signing out has emptied this browser, and nothing is kept here after it; where a sign-in ran out, all is kept already.
  leave() {
    this.trouble = "ended";
    this.isKept = true;
    clearTimeout(this.timers.keep);
    this.keep = () => undefined;
    this.tell();
  }

  end() {
    this.trouble = "ended";
    this.keep();
    this.tell();
  }

  async keep() {
    clearTimeout(this.timers.keep);
    this.timers.keep = undefined;
    const own = [...this.sent.values(), ...this.waiting];
    if (!own.length) return;
    try {
      await this.kept.put(Y.mergeUpdates(own));
      this.isKept = true;
    } catch (failure) {
      console.error(failure); // no room, or a window that keeps nothing: leaving the page asks first
    }
  }

  async forget() {
    this.isKept = true;
    clearTimeout(this.timers.keep);
    this.timers.keep = undefined;
    await this.kept.forget(this.taken).catch(console.error);
  }

  tell() {
    clearTimeout(this.timers.tell);
    if (!this.isUnsaved) this.since = undefined;
    else this.since ??= Date.now();
    this.onState?.(this.state);
    if (this.isUnsaved) this.timers.tell = setTimeout(() => this.tell(), 1000);
  }

  get state() {
    if (this.trouble && this.trouble !== "whole") return this.trouble;
    if (!this.isUnsaved) return this.live.state === "online" ? "saved" : "away";
    return this.live.state === "online" && Date.now() - this.since < PATIENCE ? "saving" : "unsaved";
  }

  async fetch() {
    const answer = await fetch(this.address, {
      method: "POST",
      headers: { "X-CSRF-Token": this.csrf, Accept: "application/json" },
      body: new URLSearchParams(),
      redirect: "error",
    });
    if (!answer.ok) throw new Error(`the document could not be fetched: ${answer.status}`);
    return answer.json();
  }
}
