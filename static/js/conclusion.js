// What a thread came to stands on top of it, for everyone at once.
const root = document.querySelector("[data-thread]");

root?.addEventListener("thread:concluded", ({ detail }) => {
  const place = root.querySelector("[data-conclusion]");
  const note = root.querySelector("[data-conclusion-note]");
  const holder = document.createElement("template");
  holder.innerHTML = detail.conclusion;
  place.querySelector("[data-conclusion-words]").replaceChildren(holder.content);
  place.hidden = detail.concluded === null;
  const said = detail.concluded === null ? note.dataset.withdrawn : note.dataset.drawn;
  if (detail.kind.startsWith("conclusion.") && note.textContent !== said) note.textContent = said;
});
