// Sends what waits, on whatever page its writer comes back to: one after the other, in their order, from one window at a time.
// The key that each comment was written with makes it one comment however often it is sent.
import { live } from "./live.js";
import { addresses, change, forget, unsent } from "./unsent.js";

const FIRST_PAUSE = 2500;
const LONGEST_PAUSE = 30_000;
const PATIENCE = 20_000;

const watchers = new Set();
const edited = new Set(); // keys of what is being written anew
const { csrf } = document.body.dataset;
let pause = FIRST_PAUSE;
let timer = 0;
let halt = ""; // why nothing can be sent from this page any more: "signed-out", or "stale" when the page is from before a new sign-in

// The answer to a comment's fields, or null where none came.
export async function post(address, fields, options = {}) {
  try {
    const body = new URLSearchParams([...fields.filter(([name]) => name !== "csrf"), ["csrf", csrf]]);
    return await fetch(address, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE), ...options });
  } catch (failure) {
    if (failure instanceof TypeError || failure.name === "TimeoutError") return null;
    throw failure;
  }
}

export const AS_FRAGMENT = { headers: { "X-Fragment": "1" } };

// What stalled on its way (408) or comes too often (429) is as good as what was sent.
export const isLater = (answer) => !answer || [408, 429].includes(answer.status) || answer.status >= 500;

// A page from before another sign-in: its forms are shown again, to be sent anew.
export const isStale = (status, page) => status === 403 && page.querySelector("form [name=key]") !== null;

// One sentence for why not, out of the page that says it.
export function why(page) {
  const said = page.querySelector("[data-sentence], .summary li, .error") ?? page.querySelector(".lead, main p");
  return said?.textContent.trim() ?? "";
}

// A posted comment's markup, as an event would bring it.
export function describe(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const comment = holder.content.firstElementChild;
  return { id: Number(comment.dataset.comment), parent: Number(comment.dataset.parent) || null, html };
}

// onSent(address, comment, html), onHalt("signed-out" | "stale")
export function watchSending(watcher) {
  watchers.add(watcher);
  if (halt) watcher.onHalt?.(halt);
}

// While it is written anew it is not sent, and neither is what comes after it.
export function beginEdit(key) {
  edited.add(key);
}

export function endEdit(key) {
  edited.delete(key);
  sendAll();
}

export async function sendAll() {
  clearTimeout(timer);
  if (halt) return;
  const delays = await Promise.all(addresses().map(sendThread));
  const soonest = Math.min(...delays.filter(Boolean));
  if (!halt && soonest < Infinity) timer = setTimeout(sendAll, soonest);
}

// After how many milliseconds to come back; 0 when nothing is left to send.
function sendThread(address) {
  return navigator.locks.request(`sending ${address}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return FIRST_PAUSE;
    for (let next; (next = unsent(address).find((each) => !each.refused)); ) {
      if (halt || edited.has(next.key)) return 0;
      const delay = await sendOne(address, next);
      if (delay) return delay;
    }
    return 0;
  });
}

async function sendOne(address, comment) {
  const answer = await post(address, comment.fields, AS_FRAGMENT);
  if (isLater(answer)) return wait(answer);
  pause = FIRST_PAUSE;
  const html = await answer.text();
  if (answer.status === 201) return sent(address, comment, html);
  const page = new DOMParser().parseFromString(html, "text/html");
  if (answer.status === 401) return stop("signed-out");
  if (isStale(answer.status, page)) return stop("stale");
  change(address, comment.key, { refused: why(page) || String(answer.status) });
  return 0;
}

function wait(answer) {
  const asked = Number(answer?.headers.get("retry-after")) * 1000;
  if (answer?.status === 429 && asked) return asked;
  const now = pause * (0.5 + Math.random());
  pause = Math.min(pause * 2, LONGEST_PAUSE);
  return now;
}

function sent(address, comment, html) {
  forget(address, comment.key);
  for (const watcher of watchers) watcher.onSent?.(address, comment, html);
  return 0;
}

function stop(reason) {
  halt = reason;
  for (const watcher of watchers) watcher.onHalt?.(reason);
  return 0;
}

live.onState((state) => ["online", "deaf"].includes(state) && sendAll());
addEventListener("online", sendAll);
if (addresses().length) sendAll();

// Signing out takes what waits along, so it is asked first.
document.addEventListener("submit", askFirst, { capture: true });

function askFirst(event) {
  if (!event.target.matches("form[data-sign-out]")) return;
  const count = addresses().flatMap(unsent).length;
  const { one, many } = event.target.dataset;
  if (!count || confirm((count === 1 ? one : many).replace("{n}", count))) return;
  event.preventDefault();
  event.stopPropagation();
}
