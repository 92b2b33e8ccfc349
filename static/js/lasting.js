// "Länk till kommentaren": puts the address that holds for ever on the clipboard and says so; where that is not allowed one goes there.
const SAID_FOR = 4000;
const root = document.querySelector("[data-thread]");

root?.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-lasting]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(link.href);
    say(link);
  } catch {
    location.assign(link.href);
  }
});

function say(link) {
  const note = root.querySelector("[data-announce]");
  const name = link.querySelector("span");
  const before = (link.dataset.lasting ||= name.textContent);
  name.textContent = note.textContent = note.dataset.copied;
  setTimeout(() => (name.textContent = before), SAID_FOR);
}
