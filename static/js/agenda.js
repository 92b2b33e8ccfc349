// Drag an agenda's items, but the first, into another order; the buttons beside them do the same from the keyboard and without this script.
let dragged = null;

// Only the grip takes hold, so that words can still be marked.
document.addEventListener("pointerdown", ({ target }) => {
  const item = target.closest?.(".grip")?.closest("[data-item]");
  if (item) item.draggable = true;
});

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-order] > [data-item]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  dragged.classList.add("dragged");
});

document.addEventListener("dragover", (event) => {
  const over = dragged && event.target.closest?.("[data-item]");
  if (!over || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const { top, height } = over.getBoundingClientRect();
  over[event.clientY < top + height / 2 && !("first" in over.dataset) ? "before" : "after"](dragged);
});

document.addEventListener("drop", (event) => dragged && event.preventDefault());

document.addEventListener("dragend", () => {
  const item = dragged;
  dragged = null;
  if (!item) return;
  item.draggable = false;
  item.classList.remove("dragged");
  send(item.parentElement);
});

function send(list) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = list.dataset.order;
  const fields = [["csrf", document.body.dataset.csrf], ...[...list.children].map((each) => ["item", each.dataset.item])];
  for (const [name, value] of fields) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

// Whoever has added an item mostly has another one to add.
const next = document.getElementById("new-item");
if (next && location.hash === "#new-item") {
  next.closest("details").open = true;
  next.focus();
}
