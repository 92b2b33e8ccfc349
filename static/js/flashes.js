// A page that begins further down, at what one has changed, says there that it is done, and not above where nobody looks. It is
// said for a while, and until one goes on.
const SAID_FOR = 5000;
const said = document.querySelector("[data-flashes]");

if (said?.childElementCount && !said.querySelector("form") && document.getElementById(location.hash.slice(1))) {
  said.dataset.inSight = "";
  setTimeout(waitForNext, SAID_FOR);
}

function waitForNext() {
  const kinds = ["pointerdown", "keydown", "wheel", "touchmove"];
  const leave = () => {
    said.replaceChildren();
    for (const kind of kinds) removeEventListener(kind, leave);
  };
  for (const kind of kinds) addEventListener(kind, leave, { passive: true });
}
