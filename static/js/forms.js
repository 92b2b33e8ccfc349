// A form is sent once; long texts say how much room is left.
const FORGOTTEN = 10000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.getAttribute("aria-busy") === "true") event.preventDefault();
  else form.setAttribute("aria-busy", "true");
  // An answer that is a file leaves the page standing: let it be asked for again.
  setTimeout(() => form.removeAttribute("aria-busy"), FORGOTTEN);
});

// Coming back with the browser's own Back shows the page as it was left: ready to be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[aria-busy]")) form.removeAttribute("aria-busy");
});

document.addEventListener("htmx:finally:request", (event) => {
  event.target.closest?.("form[aria-busy]")?.removeAttribute("aria-busy");
});

function showRoom(note) {
  const field = document.getElementById(note.dataset.left);
  if (!field) return;
  const room = Number(note.dataset.max) - [...field.value.replaceAll("\r\n", "\n")].length;
  note.hidden = room > note.dataset.max * 0.2;
  note.classList.toggle("over", room < 0);
  note.textContent = (room < 0 ? note.dataset.overText : note.dataset.leftText).replace("{n}", Math.abs(room));
}

document.addEventListener("input", (event) => {
  const note = event.target.id && document.querySelector(`[data-left="${CSS.escape(event.target.id)}"]`);
  if (note) showRoom(note);
});

for (const note of document.querySelectorAll("[data-left]")) showRoom(note);

// A choice that needs no button of its own, such as a sort order: <select data-submit>.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
