// A live thread: new comments arrive in order and never move what is being read or written.
import { live } from "./live.js";

const root = document.querySelector("[data-thread]");
if (root) start(root);

function start(root) {
  const list = root.querySelector("[data-comments]");
  const more = root.querySelector("[data-show-new]");
  const pause = root.querySelector("[data-pause]");
  const waiting = new Map();
  let paused = false;

  live.subscribe(Number(root.dataset.stream), root.dataset.cursor, { onEvent: take, onResync: () => location.reload() });
  live.onState(showState);
  more.addEventListener("click", showWaiting);
  pause.hidden = false;
  pause.addEventListener("click", togglePause);

  function take(event) {
    if (!event.html) return lock(event.locked);
    const known = document.getElementById(`c${event.id}`);
    if (known) return replace(known, event);
    if (waiting.has(event.id) || paused || isBusy()) {
      waiting.set(event.id, event);
      return offer();
    }
    place(event);
    announce(event.name);
  }

  // Somebody who writes, or reads further up, is not disturbed.
  function isBusy() {
    const body = root.querySelector("[data-composer] textarea");
    const isWriting = body && (document.activeElement === body || body.value.trim() !== "");
    const last = list.lastElementChild;
    const isAbove = last && last.getBoundingClientRect().top > window.innerHeight;
    return Boolean(isWriting || isAbove);
  }

  function place(event) {
    const comment = element(event);
    const parent = event.parent && list.querySelector(`[data-exchange="${event.parent}"]`);
    if (event.parent && !parent) return;
    if (parent) return parent.append(comment);
    const exchange = document.createElement("div");
    exchange.className = "exchange";
    exchange.dataset.exchange = event.id;
    exchange.append(comment);
    list.append(exchange);
    root.querySelector("[data-empty]")?.remove();
  }

  function replace(known, event) {
    const hadFocus = known.contains(document.activeElement);
    const comment = element(event);
    comment.classList.toggle("fresh", known.classList.contains("fresh"));
    known.replaceWith(comment);
    if (hadFocus) comment.querySelector("a")?.focus();
  }

  function element(event) {
    const holder = document.createElement("template");
    holder.innerHTML = event.html.trim();
    const comment = holder.content.firstElementChild;
    const mine = comment.dataset.author === root.dataset.me;
    comment.classList.toggle("mine", mine);
    comment.classList.toggle("fresh", !mine);
    return comment;
  }

  function offer() {
    more.hidden = waiting.size === 0;
    more.textContent = waiting.size === 1 ? more.dataset.one : more.dataset.many.replace("{n}", waiting.size);
  }

  function showWaiting() {
    const first = Math.min(...waiting.keys());
    for (const event of waiting.values()) place(event);
    waiting.clear();
    offer();
    const shown = document.getElementById(`c${first}`);
    shown?.setAttribute("tabindex", "-1");
    shown?.focus({ preventScroll: false });
  }

  function togglePause() {
    paused = !paused;
    pause.setAttribute("aria-pressed", paused);
    pause.dataset.running ??= pause.textContent;
    pause.textContent = paused ? pause.dataset.paused : pause.dataset.running;
    if (!paused && waiting.size && !isBusy()) showWaiting();
  }

  function announce(name) {
    const line = root.querySelector("[data-announce]");
    line.textContent = `${line.dataset.text} ${name}`;
  }

  function lock(locked) {
    root.querySelector("[data-locked]").hidden = !locked;
    const composer = root.querySelector("[data-composer]");
    if (composer) composer.querySelector("button").disabled = locked;
  }

  function showState(state) {
    const note = root.querySelector("[data-live-note]");
    if (state === "online" && note.hidden) return;
    note.textContent = state === "online" ? note.dataset.online : note.dataset.offline;
    note.hidden = false;
    if (state === "online") setTimeout(() => (note.hidden = true), 4000);
  }

  root.addEventListener("comment:posted", (posted) => {
    showWaitingBefore();
    if (!document.getElementById(`c${posted.detail.id}`)) place(posted.detail);
  });

  function showWaitingBefore() {
    for (const event of waiting.values()) place(event);
    waiting.clear();
    offer();
  }
}
