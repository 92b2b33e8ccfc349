// An address of one of our records in a comment shows the record's title, for who may read it; for others it stays an address.
import { ask } from "./ask.js";

const MOST = 50;
const RECORD = /^(\/[a-z0-9-]+)(\/(?:findings|meetings|consultations|calls)\/\d{1,18})$/;

const list = document.querySelector("[data-thread] [data-comments]");
if (list) start(list);

function start(list) {
  const known = new Map(); // path → title, or null where there is none for this reader
  const network = RECORD.exec(location.pathname)?.[1];
  const untitled = () => [...list.querySelectorAll(".words a[href]:not([data-titled])")].map(bare).filter(Boolean);
  new MutationObserver(name).observe(list, { childList: true, subtree: true });
  name();

  async function name() {
    const unknown = [...new Set(untitled().map(({ path }) => path))].filter((path) => !known.has(path));
    for (let first = 0; first < unknown.length; first += MOST) await learn(unknown.slice(first, first + MOST));
    // Looked for again: while one asked, a comment may have been drawn anew.
    for (const { link, path } of untitled()) if (known.get(path)) entitle(link, known.get(path));
  }

  // Links that somebody has given words of his own keep them.
  function bare(link) {
    const address = new URL(link.href);
    const [, where, path] = RECORD.exec(address.pathname) ?? [];
    const isOurs = address.origin === location.origin && where === network;
    return isOurs && link.textContent === link.getAttribute("href") ? { link, path } : null;
  }

  async function learn(paths) {
    for (const path of paths) known.set(path, null);
    // No answer is no harm: the address stands there.
    const titles = await ask(`${network}/records/titles?${new URLSearchParams(paths.map((path) => ["paths", path]))}`);
    for (const [path, title] of Object.entries(titles ?? {})) known.set(path, title);
  }

  function entitle(link, title) {
    link.dataset.titled = "";
    link.title = link.textContent;
    link.textContent = title;
  }
}
