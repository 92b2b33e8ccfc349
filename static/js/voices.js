// Which of the units that were asked have not spoken: asked for anew when one of them has, or when what one has said is hidden or shown again.
import { askPage } from "./ask.js";

const SPREAD = 2000;
const root = document.querySelector("[data-thread]");
let due = 0;

root?.addEventListener("thread:said", ({ detail }) => hear(detail));
root?.addEventListener("comment:posted", ({ detail }) => hear({ kind: "comment.posted", ...detail }));

function hear({ kind, html }) {
  if (!root.querySelector("[data-voices]") || kind === "comment.edited") return;
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const unit = holder.content.querySelector(".who small").textContent.split("\u00a0·")[0].trim();
  const among = kind === "comment.posted" ? "[data-silent] [data-unit]" : "[data-unit]";
  const isNews = [...root.querySelectorAll(`[data-voices] ${among}`)].some((each) => each.dataset.unit === unit);
  if (isNews) due ||= setTimeout(ask, Math.random() * SPREAD);
}

async function ask() {
  due = 0;
  const now = (await askPage(location.pathname))?.querySelector("[data-voices]");
  if (now) root.querySelector("[data-voices]").replaceWith(now);
}
