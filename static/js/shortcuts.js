// Single-key shortcuts: data-shortcut="/" on a field, link or button. <html data-shortcuts="off"> turns them all off.
const TYPING = "input, textarea, select, [contenteditable]:not([contenteditable='false']), dialog[open] *";

document.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.shortcuts === "off") return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target.closest?.(TYPING)) return;
  const wanted = [...document.querySelectorAll("[data-shortcut]")].find(
    (element) => element.dataset.shortcut === event.key && element.checkVisibility(),
  );
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("a, button, summary")) wanted.click();
  else wanted.focus();
});
