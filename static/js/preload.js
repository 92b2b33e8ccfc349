// A page that somebody is about to open is fetched beforehand: after a moment of rest on a link of the menu or a list, with
// pointer or Tab. The browser keeps it for this page alone (Speculation Rules); one that cannot, does without.
const REST = 65;
const FRESH = 20_000; // what is shown must not be older
const AT_MOST = 20; // from one page
const LINKS = "nav a, .rows a.what, .hits a, .crumbs a, .tabs a, .pages a";
const canPreload = HTMLScriptElement.supports?.("speculationrules") && !navigator.connection?.saveData;

const kept = new Map([[address(location), null]]); // address → the rule that keeps it
let timer = 0;
let asked = 0;

function intend(event) {
  const link = event.target.closest?.(LINKS);
  clearTimeout(timer);
  if (!link || !isPage(link) || kept.has(address(link)) || asked >= AT_MOST) return;
  timer = setTimeout(preload, REST, link);
}

// A link that only moves within the page, leads elsewhere or opens a file has nothing to fetch; writing is always a form.
function isPage(link) {
  return link.origin === location.origin && !link.target && !link.hasAttribute("download") && link.protocol.startsWith("http");
}

function preload(link) {
  const rules = document.createElement("script");
  rules.type = "speculationrules";
  rules.textContent = JSON.stringify({ prefetch: [{ urls: [address(link)], eagerness: "immediate" }] });
  document.head.append(rules);
  kept.set(address(link), rules);
  asked += 1;
  setTimeout(forget, FRESH, address(link));
}

function forget(what) {
  kept.get(what)?.remove();
  kept.delete(what);
}

// What is sent may change any page.
function forgetAll() {
  for (const [what, rules] of kept) if (rules) forget(what);
}

function address(place) {
  return place.origin + place.pathname + place.search;
}

if (canPreload) {
  document.addEventListener("submit", forgetAll);
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, intend, { passive: true });
  for (const name of ["pointerout", "focusout"]) document.addEventListener(name, () => clearTimeout(timer), { passive: true });
}

// Fetched ahead it was seen by nobody: that somebody looks at it now is told by asking for it once more.
if (performance.getEntriesByType("navigation")[0]?.deliveryType === "navigational-prefetch") fetch(location.href).catch(() => {});
