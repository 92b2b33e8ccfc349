// One socket for the page. Streams go on from their last number; signals say that something has changed. See portal/live/PROTOCOL.md.
const SHORTEST = 500;
const LONGEST = 30000;
const SPREAD = 2000;
const QUIET = 25000;
const ANSWER_WITHIN = 10000;

class Live {
  constructor() {
    this.streams = new Map();
    this.watchers = new Set();
    this.state = "offline";
    this.pause = SHORTEST;
    this.socket = null;
    this.timer = null;
    this.doubt = null;
    this.missed = new Set();
  }

  start(address, network) {
    this.address = new URL(address, location.href);
    this.address.protocol = this.address.protocol === "https:" ? "wss:" : "ws:";
    this.network = network;
    window.addEventListener("online", () => this.connect());
    window.addEventListener("offline", () => this.drop());
    document.addEventListener("visibilitychange", () => !document.hidden && this.wake());
    this.connect();
  }

  subscribe(stream, cursor, { onEvent, onResync }) {
    this.streams.set(stream, { cursor, onEvent, onResync });
    if (this.state === "online") this.ask(stream);
  }

  onState(watcher) {
    this.watchers.add(watcher);
  }

  connect() {
    clearTimeout(this.timer);
    if (this.socket) return;
    const socket = new WebSocket(this.address);
    const mine = (heard) => (event) => this.socket === socket && heard(event);
    this.socket = socket;
    socket.addEventListener("open", mine(() => this.opened()));
    socket.addEventListener("message", mine((message) => this.take(JSON.parse(message.data))));
    socket.addEventListener("close", mine(({ code }) => this.closed(code)));
  }

  opened() {
    this.pause = SHORTEST;
    this.listen();
    this.tell("online");
    if (this.network) this.send({ t: "hello", network: this.network });
    for (const stream of this.streams.keys()) this.ask(stream);
  }

  closed(code) {
    this.socket = null;
    clearTimeout(this.doubt);
    this.tell("offline");
    if (code === 4401 || code === 4403) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), this.pause * (0.5 + Math.random()));
    this.pause = Math.min(this.pause * 2, LONGEST);
  }

  // A line that breaks without a word leaves the socket standing: what stays silent is asked, and what does not answer is dropped.
  listen() {
    clearTimeout(this.doubt);
    this.doubt = setTimeout(() => {
      this.send({ t: "ping" });
      this.doubt = setTimeout(() => this.drop(), ANSWER_WITHIN);
    }, QUIET);
  }

  drop() {
    const socket = this.socket;
    if (!socket) return;
    this.closed(0);
    socket.close();
  }

  ask(stream) {
    this.send({ t: "subscribe", stream, cursor: this.streams.get(stream).cursor });
  }

  send(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  take(frame) {
    this.listen();
    const stream = this.streams.get(frame.stream);
    if (frame.t === "signal") return this.signal(frame.what);
    if (!stream) return;
    if (frame.t === "resync") {
      stream.cursor = frame.cursor;
      stream.onResync?.();
    } else if (frame.t === "event") {
      this.arrived(frame, stream);
    }
  }

  arrived(frame, stream) {
    const [epoch, last] = split(stream.cursor);
    if (frame.seq <= last) return;
    if (frame.seq > last + 1) return this.ask(frame.stream);
    stream.cursor = `${epoch}.${frame.seq}`;
    if (!frame.void) stream.onEvent(frame);
  }

  // Only pages that somebody looks at fetch anew, and not all in the same moment.
  signal(what) {
    if (document.hidden) return this.missed.add(what);
    setTimeout(() => {
      document.body.dispatchEvent(new CustomEvent(what === "*" ? "signal" : `signal:${what}`));
      if (what === "*") document.querySelectorAll("[hx-trigger*='signal:']").forEach(refresh);
    }, Math.random() * SPREAD);
  }

  wake() {
    this.connect();
    for (const what of this.missed) this.signal(what);
    this.missed.clear();
  }

  tell(state) {
    this.state = state;
    document.documentElement.dataset.liveState = state;
    for (const watcher of this.watchers) watcher(state);
  }
}

function split(cursor) {
  const dot = cursor.lastIndexOf(".");
  return [cursor.slice(0, dot), Number(cursor.slice(dot + 1))];
}

function refresh(element) {
  const first = element.getAttribute("hx-trigger").match(/signal:[^\s,]+/);
  if (first) document.body.dispatchEvent(new CustomEvent(first[0]));
}

export const live = new Live();
if (document.body.dataset.network) live.start(document.body.dataset.live, Number(document.body.dataset.network));
