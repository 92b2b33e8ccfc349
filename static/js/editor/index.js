// The editor of a section that several write in. Loaded only by pages where somebody writes.
import { Cursors } from "./cursors.js";
import { surface } from "./surface.js";
import { Sync } from "./sync.js";
import { toolbar } from "./toolbar.js";

export async function begin(place, live) {
  const status = place.querySelector("[data-status]");
  const sync = new Sync(live, place.dataset.together, document.body.dataset);
  await sync.open();
  const cursors = new Cursors(sync, live);
  const editor = surface(place.querySelector("[data-paper]"), sync.doc, cursors.awareness);
  toolbar(place.querySelector("[role=toolbar]"), editor);
  sync.onState = (state) => tell(status, state, editor);
  sync.onPresence = (here) => tellWho(place.querySelector("[data-here]"), here);
  sync.onCursor = (frame) => cursors.take(frame);
  sync.follow();
  for (const form of place.parentElement.querySelectorAll("form[data-alone]")) form.remove();
  for (const each of document.querySelectorAll("[data-beside]")) each.hidden = false;
  place.hidden = false;
  addEventListener("beforeunload", (event) => sync.isUnsaved && !sync.isKept && event.preventDefault());
}

function tell(status, state, editor) {
  const now = new Date().toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" });
  const time = document.documentElement.lang === "sv" ? now.replace(":", ".") : now;
  const words = status.dataset[state].replace("{time}", time);
  status.dataset.state = state;
  status.setAttribute("aria-live", ["unsaved", "refused", "large", "ended"].includes(state) ? "assertive" : "off");
  if (status.textContent !== words) status.textContent = words;
  if (editor.isEditable && state === "ended") editor.setEditable(false);
}

function tellWho(note, { here, more }) {
  const others = here.filter(({ id }) => String(id) !== document.body.dataset.person).map(({ name }) => name);
  const names = more ? [...others, `+${more}`] : others;
  const words = names.length ? note.dataset.text.replace("{names}", names.join(", ")) : "";
  if (note.textContent !== words) note.textContent = words;
}
