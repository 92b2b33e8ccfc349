// Quoting: what is selected in a comment, or the whole of it from its menu, goes into the composer with its author's name.
const LONGEST = 1500;
const PAUSE = 150;

const root = document.querySelector("[data-thread]");
const form = root?.querySelector("[data-composer]");
if (form) start(root, form.elements.body);

function start(root, box) {
  const button = root.querySelector("[data-quote-passage]");
  let timer = 0;

  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, PAUSE);
  });
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
  button.addEventListener("click", () => quote(button.closest(".comment"), getSelection().toString()));
  document.addEventListener("keydown", steer);
  root.addEventListener("click", (event) => {
    const whole = event.target.closest("[data-quote]");
    if (!whole) return;
    whole.closest("details").open = false;
    const comment = whole.closest(".comment");
    quote(comment, comment.querySelector(".words").innerText);
  });

  // Selecting leaves the focus on the page as a whole: from there Tab comes to the button first.
  function steer(event) {
    if (button.hidden) return;
    if (event.key === "Escape") button.hidden = true;
    if (event.key !== "Tab" || event.shiftKey || !document.activeElement.contains(button) || document.activeElement === button) return;
    event.preventDefault();
    button.focus({ preventScroll: true });
  }

  // Beside the end of the selection.
  function offer() {
    const range = selected();
    if (document.activeElement === button && range) return;
    button.hidden = !range;
    if (!range) return;
    const words = wordsOf(range);
    const end = [...range.getClientRects()].at(-1);
    if (button.previousElementSibling !== words) words.after(button);
    const comment = words.parentElement.getBoundingClientRect();
    button.style.insetBlockStart = `${end.bottom - comment.top + 4}px`;
    button.style.insetInlineStart = `${Math.min(Math.max(end.right - comment.left - button.offsetWidth, 0), comment.width - button.offsetWidth)}px`;
  }

  // What is selected, if it lies in the words of one comment.
  function selected() {
    const selection = getSelection();
    if (selection.isCollapsed || form.hidden || !selection.toString().trim()) return null;
    const range = selection.getRangeAt(0).cloneRange();
    const words = wordsOf(range);
    if (!words) return null;
    if (!words.contains(range.endContainer)) range.setEndAfter(words.lastChild); // three clicks reach as far as the next element
    return bare(range) === bare(selection) ? range : null;
  }

  function quote(comment, said) {
    const name = comment.querySelector(".who b").textContent;
    const words = said.trim().replaceAll(/\n{2,}/g, "\n\n");
    const passage = words.length > LONGEST ? `${words.slice(0, LONGEST).trimEnd()} …` : words;
    const quoted = `**${name}:** ${passage}`.split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");
    const before = box.value.trimEnd();
    box.value = `${before}${before && "\n\n"}${quoted}\n\n`;
    button.hidden = true;
    getSelection().removeAllRanges();
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}

const wordsOf = (range) => elementOf(range.startContainer).closest("[data-comments] .words");
const elementOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement);
const bare = (said) => said.toString().replaceAll(/\s+/g, "");
