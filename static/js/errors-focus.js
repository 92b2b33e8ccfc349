// The summary of errors gets focus, says which field each sentence is about, and marks the title of the page.
function introduce(summary) {
  for (const link of summary.querySelectorAll("a[href^='#']")) {
    const field = document.getElementById(link.hash.slice(1));
    const label = nameOf(field);
    if (label && !link.textContent.includes(":")) link.prepend(label.endsWith("?") ? `${label} ` : `${label}: `);
    link.addEventListener("click", (event) => {
      if (!field) return;
      event.preventDefault();
      field.focus();
      (field.labels?.[0] ?? field).scrollIntoView({ block: "center" });
    });
  }
  document.title = `${summary.dataset.title}: ${document.title}`;
  summary.focus();
}

function nameOf(field) {
  const source = field?.closest("fieldset.picks")?.querySelector("legend") ?? field?.labels?.[0];
  if (!source) return "";
  const copy = source.cloneNode(true);
  copy.querySelectorAll(".optional").forEach((each) => each.remove());
  return copy.textContent.trim();
}

const first = document.querySelector("[data-summary]");
if (first) introduce(first);

document.addEventListener("htmx:after:swap", (event) => {
  const summary = event.target.querySelector?.("[data-summary]");
  if (summary) introduce(summary);
});
