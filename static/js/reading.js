// What comes in while one looks has been read: Home hears of it when one leaves the thread, and at once where one is named.
import { forget, show } from "./waiting.js";

const root = document.querySelector("[data-thread]");
let isShown = false; // something has come in
let isSeen = false; // and the page was looked at since

root?.addEventListener("thread:shown", ({ detail }) => {
  isShown = true;
  look();
  if (isSeen && namesMe(detail)) note();
});
document.addEventListener("visibilitychange", () => (document.hidden ? note() : look()));
addEventListener("pagehide", note);

export function namesMe(comment) {
  const mine = `@${root.dataset.myName}`.toLowerCase();
  return [...comment.querySelectorAll("strong.mention")].some((name) => name.textContent.toLowerCase() === mine);
}

function look() {
  isSeen ||= isShown && !document.hidden;
}

function note() {
  if (!isSeen || !root.querySelector("[data-show-new]").hidden || "unseen" in root.dataset) return; // what waits, or stands elsewhere, has not been read
  isShown = isSeen = false;
  const body = new URLSearchParams({ csrf: document.body.dataset.csrf });
  forget();
  fetch(root.dataset.reading, { method: "POST", body, keepalive: true }).then(show, () => {}); // without contact it stays new
}
