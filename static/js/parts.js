// The rest of a long thread is fetched into the page, in both directions. What one reads stays where it is, and so does the focus.
import { askPage } from "./ask.js";

const root = document.querySelector("[data-thread]");

root?.addEventListener("click", (event) => {
  const link = event.target.closest("[data-part] > a:first-child");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  load(link, link.closest("[data-part]").dataset.part);
});

async function load(link, part) {
  if (link.ariaBusy === "true") return;
  link.ariaBusy = "true";
  const page = await askPage(link.href);
  const fetched = page?.querySelector("[data-thread]");
  if (!fetched) return location.assign(link.href); // the page itself says what is the matter
  const list = root.querySelector("[data-comments]");
  const known = part === "earlier" ? list.querySelector("[data-exchange]") : list.lastElementChild;
  const before = known.getBoundingClientRect().top;
  if (document.getElementById("new")) fetched.querySelector("#new")?.remove(); // one line is enough
  const found = [...fetched.querySelector("[data-comments]").children].filter((each) => !isHere(each));
  if (part === "earlier") list.prepend(...found);
  else list.append(...found);
  turn(part, fetched);
  window.scrollBy({ top: known.getBoundingClientRect().top - before, behavior: "instant" });
  root.dispatchEvent(new CustomEvent("thread:loaded"));
  focusOn(part === "earlier" ? known : found.find((each) => each.matches("[data-exchange]")));
}

const isHere = (each) => document.getElementById(each.matches("[data-exchange]") ? `c${each.dataset.exchange}` : each.id) !== null;

// The way further on is the fetched page's; what has reached the end follows the thread live.
function turn(part, fetched) {
  const here = root.querySelector(`[data-part="${part}"]`);
  const next = fetched.querySelector(`[data-part="${part}"]`);
  if (next) here.replaceWith(next);
  else here.remove();
  if (part === "later" && !("later" in fetched.dataset)) delete root.dataset.later;
  turnNew(fetched.querySelector("[data-more-new]"));
}

// What is new elsewhere, as the server knows it now.
function turnNew(next) {
  const here = root.querySelector("[data-more-new]");
  if (next) return here && (here.href = next.href);
  delete root.dataset.unseen;
  here?.remove();
}

// On the comment beside the link that was pressed, which is where the link was.
function focusOn(exchange) {
  const comment = exchange?.querySelector(".comment");
  comment?.setAttribute("tabindex", "-1");
  comment?.focus({ preventScroll: true });
}
