// Comments that could not be sent, kept in this browser for the one who wrote them until they have come through, or she throws them
// away. A list for each thread: { key, fields, words, reply, files, refused, at }. Signing out empties it (Clear-Site-Data).
const PREFIX = "unsent ";
const KEPT_FOR = 30 * 24 * 3600 * 1000;
export const MOST = 50;

const mine = `${PREFIX}${document.body.dataset.person} `;
const watchers = new Set();

// Where comments of hers wait: the addresses they are posted to.
export function addresses() {
  if (!document.body.dataset.person) return [];
  return Object.keys(localStorage).filter((name) => name.startsWith(mine)).map((name) => name.slice(mine.length));
}

export function unsent(address) {
  return JSON.parse(localStorage.getItem(mine + address) ?? "[]");
}

// "kept", or why not: "full" at fifty, "no room" when the browser keeps no more.
export function keep(address, comment) {
  const list = unsent(address);
  if (list.length >= MOST) return "full";
  return write(address, [...list, { ...comment, at: Date.now() }]) ? "kept" : "no room";
}

// Whether it still waited, and was changed.
export function change(address, key, changed) {
  const list = unsent(address);
  const known = list.find((each) => each.key === key);
  return Boolean(known) && write(address, list.map((each) => (each === known ? { ...known, ...changed } : each)));
}

export function forget(address, key) {
  write(address, unsent(address).filter((each) => each.key !== key));
}

// Called with the address whose list has changed, here or in another window; without one when all are gone.
export function onChange(watcher) {
  watchers.add(watcher);
}

function write(address, list) {
  try {
    if (list.length) localStorage.setItem(mine + address, JSON.stringify(list));
    else localStorage.removeItem(mine + address);
  } catch (failure) {
    if (failure instanceof DOMException) return false;
    throw failure;
  }
  tell(address);
  return true;
}

function tell(address) {
  for (const watcher of watchers) watcher(address);
}

addEventListener("storage", ({ key }) => {
  if (key === null) tell(); // signed out
  else if (key.startsWith(mine)) tell(key.slice(mine.length));
});

// What nobody has come back for is not kept for ever, whoever wrote it.
for (const name of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
  const list = JSON.parse(localStorage.getItem(name)).filter(({ at }) => at > Date.now() - KEPT_FOR);
  if (list.length) localStorage.setItem(name, JSON.stringify(list));
  else localStorage.removeItem(name);
}
