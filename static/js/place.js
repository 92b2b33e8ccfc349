// Where one is in a thread: what is new since the last visit stands out, and an address of a comment finds it on any page.
const root = document.querySelector("[data-thread]");
if (root) {
  mark();
  find();
  addEventListener("hashchange", find);
  root.addEventListener("thread:loaded", mark);
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
