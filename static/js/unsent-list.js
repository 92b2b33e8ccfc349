// What waits to be sent stands at the end of its thread, with why where it was refused; it can be changed, thrown away, tried again.
import { change, forget, onChange, unsent } from "./unsent.js";
import { beginEdit, describe, endEdit, sendAll, watchSending } from "./sending.js";

const root = document.querySelector("[data-thread]");
if (root) start(root);

function start(root) {
  const address = new URL(root.dataset.reading.replace(/reading$/, "comments"), location.href).pathname;
  const place = root.querySelector("[data-unsent]");
  const pattern = root.querySelector("[data-unsent-comment]");
  const note = root.querySelector("[data-unsent-note]");
  const shown = new Map(); // key → entry

  onChange((changed = address) => changed === address && show());
  watchSending({
    onSent(where, _comment, html) {
      if (where !== address) return;
      root.dispatchEvent(new CustomEvent("comment:posted", { detail: { ...describe(html), isLate: true } }));
      say(note.dataset.sent);
    },
    onHalt(reason) {
      root.querySelector(`[data-halt="${reason}"]`).hidden = unsent(address).length === 0;
    },
  });
  show();

  function show() {
    const list = unsent(address);
    for (const [key, entry] of shown) {
      if (list.some((each) => each.key === key)) continue;
      moveFocusFrom(entry);
      entry.remove();
      shown.delete(key);
    }
    for (const comment of list) {
      if (!shown.has(comment.key)) {
        shown.set(comment.key, entryOf(comment));
        place.append(shown.get(comment.key));
      }
      tell(shown.get(comment.key), comment);
    }
    place.hidden = list.length === 0;
    root.classList.toggle("has-unsent", list.length > 0);
    if (!list.length) for (const each of root.querySelectorAll("[data-halt]")) each.hidden = true;
  }

  function entryOf({ key }) {
    const entry = pattern.content.firstElementChild.cloneNode(true);
    entry.dataset.key = key;
    const on = (button, action) => entry.querySelector(`[data-${button}]`).addEventListener("click", () => action(entry));
    on("throw", discard);
    on("again", tryAgain);
    on("change", edit);
    on("keep", finish);
    on("leave", (each) => leave(each));
    entry.querySelector("textarea").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) finish(entry);
      else if (event.key === "Escape") leave(entry);
    });
    return entry;
  }

  // Its words, to whom, which files, and how it stands with it.
  function tell(entry, { words, reply, files, refused }) {
    entry.querySelector("[data-words]").textContent = words;
    write(entry.querySelector("[data-reply-of]"), reply);
    write(entry.querySelector("[data-files-of]"), files.join(", "));
    const isNew = refused && entry.querySelector("[data-why]").textContent !== refused;
    entry.querySelector("[data-why]").textContent = refused ?? "";
    entry.querySelector("[data-waits]").hidden = Boolean(refused);
    entry.querySelector("[data-refused]").hidden = !refused;
    entry.querySelector("[data-again]").hidden = !refused;
    if (isNew) say(`${note.dataset.refused} ${refused}`);
  }

  function write(element, text) {
    element.querySelector("span").textContent = text ?? "";
    element.hidden = !text;
  }

  function discard({ dataset }) {
    const comment = unsent(address).find(({ key }) => key === dataset.key);
    forget(address, dataset.key);
    document.dispatchEvent(new CustomEvent("unsent:thrown", { detail: comment }));
    say(note.dataset.thrown);
  }

  function tryAgain({ dataset }) {
    change(address, dataset.key, { refused: "" });
    sendAll();
  }

  function edit(entry) {
    beginEdit(entry.dataset.key);
    const box = entry.querySelector("textarea");
    box.value = entry.querySelector("[data-words]").textContent;
    turn(entry, true);
    box.focus();
  }

  function finish(entry) {
    const words = entry.querySelector("textarea").value.trim();
    if (!words) return entry.querySelector("textarea").focus();
    const known = unsent(address).find(({ key }) => key === entry.dataset.key);
    leave(entry, () => (known ? rewrite(entry, known, words) : bringBack(words)));
  }

  // Refused, it is another comment from now on. One that waits may have come through without our hearing of it: the same key tells.
  function rewrite(entry, known, words) {
    const key = known.refused ? crypto.randomUUID() : known.key;
    const fields = known.fields.map(([name, value]) => [name, { body: words, key }[name] ?? value]);
    shown.delete(known.key);
    shown.set(key, entry);
    entry.dataset.key = key;
    change(address, known.key, { key, fields, words, refused: "" });
  }

  // Another window has sent it meanwhile: what was changed is not lost.
  function bringBack(words) {
    const box = root.querySelector("[data-composer] textarea");
    if (!box) return;
    box.value = [box.value.trim(), words].filter(Boolean).join("\n\n");
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  function leave(entry, before = () => {}) {
    const { key } = entry.dataset;
    before();
    turn(entry, false);
    entry.querySelector("[data-change]").focus();
    endEdit(key);
  }

  function turn(entry, isEdited) {
    for (const each of entry.querySelectorAll("[data-read]")) each.hidden = isEdited;
    entry.querySelector("[data-edit]").hidden = !isEdited;
  }

  // The focus goes to the next that waits, else to where one writes.
  function moveFocusFrom(entry) {
    if (!entry.contains(document.activeElement)) return;
    const next = entry.nextElementSibling ?? entry.previousElementSibling;
    (next?.querySelector("[data-change]") ?? root.querySelector("[data-composer] textarea"))?.focus({ preventScroll: true });
  }

  function say(text) {
    note.textContent = text;
  }
}
