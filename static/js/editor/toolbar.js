// <div role="toolbar"> with <button data-do="bold">: one stop for Tab, the arrows go on from there, and a pressed button shows what holds here.
const DEEDS = {
  bold: (chain) => chain.toggleBold(),
  italic: (chain) => chain.toggleItalic(),
  heading: (chain) => chain.toggleHeading({ level: 3 }),
  bulletList: (chain) => chain.toggleBulletList(),
  orderedList: (chain) => chain.toggleOrderedList(),
  blockquote: (chain) => chain.toggleBlockquote(),
  undo: (chain) => chain.undo(),
  redo: (chain) => chain.redo(),
};

export function toolbar(bar, editor) {
  const buttons = [...bar.querySelectorAll("[data-do]")];
  bar.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault()); // the text keeps the focus
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button?.dataset.do === "link") link(editor, bar);
    else if (button) DEEDS[button.dataset.do](editor.chain().focus()).run();
  });
  bar.addEventListener("keydown", (event) => move(event, buttons));
  for (const button of buttons) button.tabIndex = button === buttons[0] ? 0 : -1;
  editor.on("transaction", () => show(buttons, editor));
  show(buttons, editor);
}

function show(buttons, editor) {
  for (const button of buttons) {
    if (button.ariaPressed !== null) button.ariaPressed = String(editor.isActive(button.dataset.do));
    else button.ariaDisabled = String(!editor.can()[button.dataset.do]());
  }
}

function link(editor, bar) {
  if (editor.isActive("link")) return editor.chain().focus().extendMarkRange("link").unsetLink().run();
  const href = prompt(bar.dataset.ask, "https://")?.trim();
  if (!href || href === "https://") return editor.commands.focus();
  const chain = editor.chain().focus();
  if (editor.state.selection.empty) chain.insertContent({ type: "text", text: href, marks: [{ type: "link", attrs: { href } }] }).run();
  else chain.setLink({ href }).run();
}

function move(event, buttons) {
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  buttons[at].tabIndex = -1;
  const next = buttons.at(to % buttons.length);
  next.tabIndex = 0;
  next.focus();
}
