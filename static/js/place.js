// Where one is in a thread: what is new since the last visit stands out, and an address of a comment finds it on any page.
const root = document.querySelector("[data-thread]");
if (root) {
  mark();
  find();
  addEventListener("hashchange", find);
  root.addEventListener("thread:loaded", mark);
  root.addEventListener("click", goTo);
  root.querySelector(".to-new")?.addEventListener("click", goOn);
}

function mark() {
  if (!root.dataset.newSince) return;
  const since = new Date(root.dataset.newSince);
  for (const comment of root.querySelectorAll("[data-comment]:not(.mine)")) {
    if (new Date(comment.querySelector("time").dateTime) > since) comment.classList.add("fresh");
  }
}

// The comment may stand further up or down than this page reaches.
function find() {
  if (location.hash === "#new" && !document.getElementById("new")) root.scrollIntoView(); // all of it is new, or nothing
  const number = /^#c(\d+)$/.exec(location.hash)?.[1];
  const isThere = !number || document.getElementById(`c${number}`) || /\b(around|end)=/.test(location.search);
  if (!isThere) location.replace(`${root.dataset.base}/comments/${number}`);
}

// A comment that stands on this page needs no other.
function goTo(event) {
  const link = event.target.closest("a[data-to]");
  if (!link || !document.getElementById(link.dataset.to) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  location.hash = link.dataset.to;
}

// Pressed again, it goes from one new comment to the next, and after the last to what is new in another part.
let current = null;
function goOn(event) {
  const link = event.target.closest("a[href='#new']");
  if (!link || !current?.isConnected) return link && (current = document.getElementById("new"));
  event.preventDefault();
  const isAfter = (each) => current.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING;
  const fresh = [...root.querySelectorAll("[data-comments] .fresh")].filter(isAfter);
  const next = current.id === "new" ? fresh[1] : fresh[0];
  if (!next && root.querySelector("[data-more-new]")) return root.querySelector("[data-more-new]").click();
  current = next ?? document.getElementById("new");
  if (next) next.tabIndex = -1;
  current.focus();
}
