// The bell of the top line: how much waits for me. Home says it itself; other pages ask for it once they stand, at most once a
// minute, so that no page is slower for it.
import { ask } from "./ask.js";

const FRESH = 60_000;
const KEPT = "waiting"; // for this tab and the network that is shown in it
const { network } = document.body.dataset;
const bell = () => document.getElementById("bell");

if (bell()) start();
else forget(); // such as the sign-in: somebody else may come

function start() {
  show();
  document.addEventListener("htmx:after:swap", show); // Home has been drawn anew
  // What is sent, and what one opens from the list of what waits, may change it.
  document.addEventListener("submit", forget);
  document.addEventListener("click", (event) => event.target.closest("[data-tasks] a") && forget());
}

// Says what waits, asking for it unless that is known since a minute.
export async function show() {
  if (!bell()) return;
  const { dataset, ariaLabel } = bell();
  if ("waiting" in dataset) return keep({ count: Number(dataset.waiting), words: ariaLabel });
  const kept = JSON.parse(sessionStorage.getItem(KEPT));
  const isOurs = kept?.network === network;
  if (isOurs) say(kept);
  if (isOurs && Date.now() - kept.at < FRESH) return;
  const told = await ask(`${new URL(bell().href).pathname}/waiting`);
  if (told) say(keep(told));
}

function say({ count, words }) {
  bell().ariaLabel = words;
  bell().querySelector("b").textContent = count || "";
}

function keep(told) {
  sessionStorage.setItem(KEPT, JSON.stringify({ ...told, network, at: Date.now() }));
  return told;
}

// It may be something else now.
export function forget() {
  sessionStorage.removeItem(KEPT);
}
