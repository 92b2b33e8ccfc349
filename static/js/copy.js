// "Kopiera": puts what stands in a field on the clipboard, or selects it where that is not allowed.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.append(` – ${button.dataset.copied}`);
    delete button.dataset.copy;
  } catch {
    field.focus();
  }
});
