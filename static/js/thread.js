// A live thread: new comments arrive in order and never move what is being read or written.
import { live } from "./live.js";
import { namesMe } from "./reading.js";

const root = document.querySelector("[data-thread]");
if (root) start(root);

function start(root) {
  const list = root.querySelector("[data-comments]");
  const more = root.querySelector("[data-show-new]");
  const pause = root.querySelector("[data-pause]");
  const body = root.querySelector("[data-composer] textarea");
  const waiting = new Map();
  const placed = new Set();
  let paused = false;
  let wasStopped = root.querySelector("[data-stopped]") !== null;

  live.subscribe(Number(root.dataset.stream), root.dataset.cursor, {
    onEvent: take,
    onResync: () => location.reload(),
    onPresence: (detail) => root.dispatchEvent(new CustomEvent("thread:present", { detail })),
  });
  live.onState(showState);
  more.addEventListener("click", showWaiting);
  root.addEventListener("thread:loaded", forgetLoaded);
  document.addEventListener("htmx:after:swap", closeOrReload);
  if (!root.querySelector("[data-locked]").hidden) lock(true);
  root.querySelector("[data-reload]").addEventListener("click", () => location.reload());
  pause.hidden = false;
  pause.addEventListener("click", togglePause);

  function take(event) {
    if (event.html) root.dispatchEvent(new CustomEvent("thread:said", { detail: event }));
    if ("concluded" in event) root.dispatchEvent(new CustomEvent("thread:concluded", { detail: event }));
    if (!event.html) return "locked" in event && lock(event.locked);
    const known = document.getElementById(`c${event.id}`);
    if (known && !isHeld(known)) {
      if (event.kind === "comment.posted" && !placed.has(event.id)) count(); // loaded with its part, before its event came
      return replace(known, event);
    }
    const isNew = !waiting.has(event.id);
    if (isNew && event.kind !== "comment.posted") return; // it stands in a part of the thread that is not shown
    if (!isNew || paused || isElsewhere(event) || isBusy()) {
      waiting.set(event.id, event);
      offer();
    } else {
      placeAbove(event);
    }
    if (isNew) announce(event);
  }

  // Somebody who writes, or reads further up in the thread, is not disturbed.
  function isBusy() {
    const isReading = list.getBoundingClientRect().top < window.innerHeight;
    const isAbove = list.lastElementChild?.getBoundingClientRect().top > window.innerHeight;
    return Boolean(body?.value.trim()) || (isReading && isAbove);
  }

  // It stands at the thread's end, or answers what stands in a part that is not loaded.
  const isElsewhere = (event) => (event.parent ? !exchangeOf(event) : "later" in root.dataset);
  const exchangeOf = (event) => list.querySelector(`[data-exchange="${event.parent}"]`);

  // An empty box that has the focus stays where it is on the screen while a comment comes in above it.
  function placeAbove(event) {
    const before = body?.getBoundingClientRect().top;
    place(event);
    if (document.activeElement === body) window.scrollBy(0, body.getBoundingClientRect().top - before);
  }

  // Among its neighbours by number: one's own comment may be shown before others that were first.
  function place(event) {
    const held = document.getElementById(`c${event.id}`);
    if (held) (event.parent ? held : held.closest("[data-exchange]")).remove(); // approved, it gets its place among the others
    const comment = element(event);
    placed.add(event.id);
    const parent = exchangeOf(event);
    if (!isHeld(comment)) count();
    if (!comment.classList.contains("mine")) queueMicrotask(() => root.dispatchEvent(new CustomEvent("thread:shown", { detail: comment })));
    const isLater = (each) => Number(each.dataset.seq) > Number(comment.dataset.seq);
    if (parent) return insert(parent, comment, isLater);
    const exchange = document.createElement("div");
    exchange.className = "exchange";
    exchange.dataset.exchange = event.id;
    exchange.append(comment);
    insert(list, exchange, (each) => each.matches("[data-exchange]") && isLater(each.firstElementChild)); // the line above what is new is none
    root.querySelector(".empty[data-empty]")?.remove();
  }

  const isHeld = (comment) => comment.hasAttribute("data-held");

  function insert(among, element, isLater) {
    among.insertBefore(element, [...among.children].find(isLater) ?? null);
  }

  function count() {
    const note = root.querySelector("[data-count]");
    note.dataset.count = Number(note.dataset.count) + 1;
    const said = Number(note.dataset.count).toLocaleString(document.documentElement.lang);
    note.textContent = note.dataset.count === "1" ? note.dataset.one : note.dataset.many.replace("{n}", said);
  }

  function replace(known, event) {
    const hadFocus = known.contains(document.activeElement);
    const comment = element(event);
    comment.classList.toggle("fresh", known.classList.contains("fresh"));
    known.replaceWith(comment);
    if (hadFocus) comment.querySelector(".tools a")?.focus();
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
    const said = waiting.size === 1 ? more.dataset.one : more.dataset.many.replace("{n}", waiting.size);
    more.textContent = [...waiting.values()].some(isForMe) ? `${said} · ${more.dataset.named}` : said;
  }

  // What has no place on this page is led to by the next press.
  function showWaiting() {
    const placed = placeWaiting();
    if (!placed.length) return waiting.size && leadTo(Math.min(...waiting.keys()));
    const shown = document.getElementById(`c${placed[0]}`);
    shown?.setAttribute("tabindex", "-1");
    shown?.focus({ preventScroll: false });
  }

  // A part of the thread that was fetched may hold what waits.
  function forgetLoaded() {
    for (const id of waiting.keys()) {
      const here = document.getElementById(`c${id}`);
      if (!here || isHeld(here)) continue;
      waiting.delete(id);
      placed.add(id);
      count();
    }
    offer();
  }

  function togglePause() {
    paused = !paused;
    pause.classList.toggle("on", paused);
    pause.firstElementChild.hidden = paused;
    pause.lastElementChild.hidden = !paused;
    if (!paused && [...waiting.values()].some((event) => !isElsewhere(event)) && !isBusy()) showWaiting();
  }

  function announce(event) {
    const line = root.querySelector("[data-announce]");
    line.textContent = `${isForMe(event) ? line.dataset.named : line.dataset.text} ${event.name}`;
  }

  const isForMe = (event) => namesMe(element(event));

  function lock(locked) {
    root.querySelector("[data-locked]").hidden = !locked;
    offerOpposite(locked);
    close();
  }

  // Whoever may lock has the other button in the menu now, with the focus if that was on the one before.
  function offerOpposite(locked) {
    const [right, wrong] = [locked, !locked].map((when) => root.querySelector(`form[data-when-locked="${when}"]`));
    if (!right) return;
    const hadFocus = wrong.contains(document.activeElement);
    right.hidden = false;
    wrong.hidden = true;
    if (hadFocus) right.querySelector("button").focus();
  }

  // The composer goes and comes back with what is written in it: with the thread's lock, and with the reader's leave to write here.
  function close() {
    const note = root.querySelector("[data-stopped]") ?? root.querySelector("[data-locked]:not([hidden])");
    const composer = root.querySelector("[data-composer]");
    if (!composer) return;
    if (note && composer.contains(document.activeElement)) note.focus({ preventScroll: true });
    root.classList.toggle("may-write", !note);
    composer.hidden = Boolean(note);
    const kept = root.querySelector("[data-kept-words]");
    kept.hidden = !note || !body.value.trim();
    kept.lastElementChild.textContent = body.value;
  }

  // What is here of the leave to write has been asked for anew. Who came without one has no composer in her page.
  function closeOrReload() {
    const isStopped = root.querySelector("[data-stopped]") !== null;
    if (wasStopped && !isStopped && !body) return location.reload();
    if (wasStopped !== isStopped) close();
    wasStopped = isStopped;
  }

  // Without the socket nothing comes by itself, though what one posts goes out: the page can be asked for anew.
  function showState(state) {
    const note = root.querySelector("[data-live-note]");
    const reload = root.querySelector("[data-reload]");
    reload.hidden = state !== "deaf";
    if (state === "online" && note.hidden) return;
    note.querySelector("span").textContent = note.dataset[{ online: "online", deaf: "deaf" }[state] ?? "offline"];
    note.hidden = false;
    if (state === "online") setTimeout(() => (note.hidden = live.state === "online"), 4000);
  }

  const leadTo = (id) => location.assign(`${root.dataset.base}/comments/${id}`);

  // Those whose place is on this page, in their order; the others are offered still. Their numbers.
  function placeWaiting() {
    const numbers = [];
    for (const event of [...waiting.values()].sort((one, other) => one.id - other.id)) {
      if (isElsewhere(event)) continue;
      place(event);
      waiting.delete(event.id);
      numbers.push(event.id);
    }
    offer();
    return numbers;
  }

  // One that has waited for contact comes in as others' do: she may be elsewhere in the thread by now. It may have been here already.
  root.addEventListener("comment:posted", ({ detail }) => {
    if (!detail.isLate) placeWaiting();
    const event = waiting.get(detail.id) ?? detail;
    if (document.getElementById(`c${detail.id}`)) return;
    if (detail.isLate && isElsewhere(event)) waiting.set(event.id, event);
    else waiting.delete(detail.id);
    offer();
    if (waiting.has(detail.id)) return;
    if (event.parent && !exchangeOf(event)) return leadTo(event.id);
    if (detail.isLate) placeAbove(event);
    else place(event);
  });
}
