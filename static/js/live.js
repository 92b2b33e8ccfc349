// The page's one socket. Streams go on from their last number; signals say that something has changed. See portal/live/PROTOCOL.md.
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const AFTER_OUR_FAULT = 10_000;
const SPREAD = 2000;
const PATIENCE = 2000;
const PING_EVERY = 25_000;
const ANSWER_WITHIN = 10_000;
const HIDDEN_FOR = 600_000;
const WRITING_EVERY = 3000;

const { live: place, network } = document.body.dataset;
const address = new URL(place ?? "/live", location.href);
const streams = new Map(); // number → { cursor, asking, onEvent, onResync, onEnd }
const listeners = new Map(); // what → functions
const watchers = new Set();
const due = new Map(); // what → timer
const missed = new Set();
let socket = null;
let state = "connecting";
let pause = FIRST_PAUSE;
let isAnswered = false; // a plain request was, since the last socket
let heardAt = performance.timeOrigin; // what the page shows is as old as this
let timers = { again: 0, tell: 0, ping: 0, pong: 0, sleep: 0 };

export const live = {
  // Events after `cursor` in order, each once: onEvent(frame). onResync(): what is shown may be wrong, fetch it anew.
  // onEnd(code): this stream is not for the reader (any more). With onPresence({ here, more, writing }) the reader is shown to
  // the others who take part, and they to her: people as { id, name }, how many more, and the ids of those who write.
  // onBegin(): delivery begins (again), and what is said now is heard. onSaid(frame): what else is said of a shared text.
  subscribe(stream, cursor, { onEvent, onResync, onEnd, onPresence, onBegin, onSaid }) {
    streams.set(stream, { cursor, asking: false, onEvent, onResync, onEnd, onPresence, onBegin, onSaid, wroteAt: 0 });
    if (state === "online") ask(stream);
    else connect();
  },
  unsubscribe(stream) {
    if (streams.delete(stream)) send({ t: "unsubscribe", stream });
  },
  // Call at every keystroke; `on` = false when what was written has been sent or thrown away.
  writing(stream, on = true) {
    const known = streams.get(stream);
    if (!known?.onPresence || (on && Date.now() - known.wroteAt < WRITING_EVERY)) return;
    known.wroteAt = on ? Date.now() : 0;
    send({ t: "writing", stream, on });
  },
  // Says something in a stream whose delivery has begun; whether it could be said.
  say(frame) {
    const known = streams.get(frame.stream);
    return Boolean(known) && !known.asking && send(frame);
  },
  get state() {
    return state;
  },
  // `what` has changed; htmx elements say hx-trigger="signal:WHAT from:body" instead.
  onSignal(what, listener) {
    listeners.set(what, [...(listeners.get(what) ?? []), listener]);
  },
  // "online" whenever contact is made, "offline" when there has been none for a while, "deaf" when pages are answered but no socket
  // comes through, as behind some proxies; "signed-out".
  onState(watcher) {
    watchers.add(watcher);
  },
};

function connect() {
  clearTimeout(timers.again);
  if (socket) return;
  const mine = new WebSocket(address.href.replace(/^http/, "ws"));
  socket = mine;
  timers.pong = setTimeout(() => drop(4000, "silence"), ANSWER_WITHIN);
  let opened = false;
  mine.onopen = () => greet((opened = true));
  mine.onmessage = ({ data }) => mine === socket && take(JSON.parse(data));
  mine.onclose = ({ code, reason }) => mine === socket && closed(code, reason, opened);
}

function greet() {
  pause = FIRST_PAUSE;
  isAnswered = false;
  enter("online");
  const age = (Date.now() - heardAt) / 1000;
  if (network) send({ t: "hello", network: Number(network), age: age >= 0 ? age : null });
  for (const stream of streams.keys()) ask(stream);
  makeUp();
  listen();
}

// A browser does not notice a dead connection: an answer is asked for every now and then.
function listen() {
  clearTimeout(timers.ping);
  clearTimeout(timers.pong);
  timers.ping = setTimeout(() => {
    send({ t: "ping" });
    timers.pong = setTimeout(() => drop(4000, "silence"), ANSWER_WITHIN);
  }, PING_EVERY);
}

function drop(code, reason) {
  const old = socket;
  if (old) closed(code, reason, true);
  old?.close();
}

function closed(code, reason, opened) {
  socket = null;
  clearTimeout(timers.ping);
  clearTimeout(timers.pong);
  if (code === 4401) return enter("signed-out");
  if (reason === "asleep") return enter("asleep");
  enter(isAnswered ? "deaf" : "offline");
  isAnswered = false;
  timers.again = setTimeout(opened ? connect : knock, wait(code, reason));
}

function wait(code, reason) {
  const hint = /^retry (\d+)$/.exec(reason);
  if (hint) return 200 + Math.random() * 1000 * Number(hint[1]);
  if ([4400, 4403, 4408, 4429].includes(code)) pause = Math.max(pause, AFTER_OUR_FAULT);
  const now = pause * (0.5 + Math.random());
  pause = Math.min(pause * 2, LONGEST_PAUSE);
  return now;
}

// A browser is not told why a socket was refused; a plain request is.
async function knock() {
  try {
    const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_WITHIN) });
    if (answer.status === 401) return enter("signed-out");
    isAnswered = answer.status < 500;
  } catch {
    // no contact at all: the socket finds that out too
  }
  connect();
}

function ask(stream) {
  const known = streams.get(stream);
  known.asking = true;
  send({ t: "subscribe", stream, cursor: known.cursor, presence: Boolean(known.onPresence) });
}

function send(frame) {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(frame));
  return true;
}

function take(frame) {
  heardAt = Date.now();
  listen();
  const stream = streams.get(frame.stream);
  if (frame.t === "signal") return changed(frame.what);
  if (!stream) return;
  if (frame.t === "event") return arrived(frame, stream);
  if (frame.t === "presence") return stream.onPresence?.(frame);
  if (["edit", "saved", "unsaved", "cursors"].includes(frame.t)) return stream.onSaid?.(frame);
  if (frame.t === "subscribed" || frame.t === "resync") {
    stream.asking = false;
    stream.cursor = frame.cursor;
    if (frame.t === "resync") stream.onResync?.(frame);
    stream.onBegin?.();
  } else if (frame.t === "error" && frame.code !== 4400) {
    streams.delete(frame.stream);
    stream.onEnd?.(frame.code);
  }
}

function arrived(frame, stream) {
  const dot = stream.cursor?.lastIndexOf(".");
  const last = Number(stream.cursor?.slice(dot + 1));
  if (stream.asking || frame.seq <= last) return;
  if (frame.seq !== last + 1) return ask(frame.stream);
  stream.cursor = `${stream.cursor.slice(0, dot)}.${frame.seq}`;
  if (!frame.void) stream.onEvent(frame);
}

// Only pages that somebody looks at and that have contact fetch anew, and not all at the same moment.
function changed(what) {
  if (document.hidden) missed.add(what);
  else if (!due.has(what)) due.set(what, setTimeout(() => announce(what), Math.random() * SPREAD));
}

function announce(what) {
  due.delete(what);
  if (document.hidden || state !== "online") return missed.add(what);
  for (const each of what === "*" ? everything() : [what]) {
    document.body.dispatchEvent(new CustomEvent(`signal:${each}`));
    for (const listener of listeners.get(each) ?? []) listener(each);
  }
}

function everything() {
  const waiting = [...document.querySelectorAll("[hx-trigger*='signal:']")].map((each) => each.getAttribute("hx-trigger"));
  return new Set([...listeners.keys(), ...(waiting.join(" ").match(/(?<=signal:)[^\s,[]+/g) ?? [])]);
}

// A break is told when it lasts; that it is over is told in any case, for what waits to be sent.
function enter(now) {
  if (state === now) return; // a break that goes on is not a new one
  state = now;
  document.documentElement.dataset.liveState = now;
  clearTimeout(timers.tell);
  if (now === "offline") timers.tell = setTimeout(tell, PATIENCE);
  else if (now !== "asleep") tell();
}

function tell() {
  for (const watcher of watchers) watcher(state);
}

function wake() {
  clearTimeout(timers.sleep);
  if (document.hidden) return (timers.sleep = setTimeout(() => drop(1000, "asleep"), HIDDEN_FOR));
  pause = FIRST_PAUSE;
  if (isWanted()) connect();
  if (state === "online") makeUp();
}

function makeUp() {
  const again = [...missed];
  missed.clear();
  again.forEach(changed);
}

const isWanted = () => network || streams.size > 0;

addEventListener("online", () => isWanted() && connect());
addEventListener("offline", () => drop(4000, "offline"));
addEventListener("pageshow", (shown) => shown.persisted && wake());
document.addEventListener("visibilitychange", wake);
document.documentElement.dataset.liveState = state;
if (network) connect();
