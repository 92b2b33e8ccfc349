// What becomes of a comment that waits is told to nobody but its author: her page asks for it whenever somebody moderates.
import { askPage } from "./ask.js";
import { live } from "./live.js";

const root = document.querySelector("[data-thread]");
if (root) live.onSignal("moderation", look);

async function look() {
  for (const { id } of root.querySelectorAll("[data-comments] .mine[data-held]")) {
    const page = await askPage(`${root.dataset.base}/comments/${id.slice(1)}`);
    const [held, now] = [document.getElementById(id), page?.getElementById(id)];
    if (held?.hasAttribute("data-held") && now?.hasAttribute("data-held")) take(held, now); // approved, it comes as an event
  }
}

function take(held, now) {
  const said = (comment) => comment.querySelector(".hidden, .held").textContent;
  if (said(held) === said(now)) return;
  const hadFocus = held.contains(document.activeElement);
  held.replaceWith(now);
  if (hadFocus) now.querySelector(".tools a")?.focus();
  root.querySelector("[data-announce]").textContent = said(now);
}
