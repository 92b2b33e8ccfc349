// After @ and two letters in the composer: members to choose from in a listbox, which the text field leads through (aria-activedescendant). Enter or Tab chooses.
const PAUSE = 150;
const BEGUN = /(?:^|[^\p{L}\p{N}_@.])@(\p{L}[\p{L}\p{N}'-]+(?: \p{L}[\p{L}\p{N}'-]*)?)$/u;

const form = document.querySelector("[data-composer][data-suggest]");
if (form) start(form);

function start(form) {
  const box = form.elements.body;
  const list = form.querySelector("[data-suggestions]");
  const told = form.querySelector("[data-suggested]");
  let timer = 0;
  let asked = "";
  let active = -1;

  box.setAttribute("aria-autocomplete", "list");
  box.addEventListener("input", look);
  box.addEventListener("click", look);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", steer, { capture: true });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => choose(event.target.closest("[role=option]")));
  form.closest("[data-thread]").addEventListener("comment:posted", ({ detail }) => tell(detail.html));

  const begun = () => (box.selectionStart === box.selectionEnd ? BEGUN.exec(box.value.slice(0, box.selectionStart))?.[1] : undefined);
  const options = () => [...list.children];

  function look() {
    clearTimeout(timer);
    const typed = begun();
    if (!typed) return close();
    timer = setTimeout(() => ask(typed), PAUSE);
  }

  async function ask(typed) {
    asked = typed;
    const people = await fetchPeople(`${form.dataset.suggest}?q=${encodeURIComponent(typed)}`);
    if (asked !== typed || begun() !== typed || document.activeElement !== box) return;
    show(people);
  }

  // Without contact one writes the name by hand.
  async function fetchPeople(address) {
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : [];
    } catch (failure) {
      if (failure instanceof TypeError) return [];
      throw failure;
    }
  }

  function show(people) {
    list.replaceChildren(...people.map(option));
    list.hidden = people.length === 0;
    pointTo(!list.hidden);
    told.textContent = list.hidden ? "" : told.dataset[people.length === 1 ? "one" : "many"].replace("{n}", people.length);
    activate(list.hidden ? -1 : 0);
  }

  // Only while the list is open. A field of several lines may not be a combobox (ARIA in HTML), which alone may be said to be expanded:
  // that there is something to choose from is said beside it.
  function pointTo(isOpen) {
    for (const [name, value] of Object.entries({ "aria-haspopup": "listbox", "aria-controls": list.id })) {
      if (isOpen) box.setAttribute(name, value);
      else box.removeAttribute(name);
    }
  }

  function option({ name, unit }, number) {
    const item = document.createElement("li");
    item.id = `${list.id}-${number}`;
    item.setAttribute("role", "option");
    item.dataset.name = name;
    item.append(name);
    if (unit) item.append(Object.assign(document.createElement("small"), { textContent: unit }));
    return item;
  }

  function activate(number) {
    active = number;
    for (const [each, item] of options().entries()) item.setAttribute("aria-selected", String(each === number));
    const item = options()[number];
    item?.scrollIntoView({ block: "nearest" });
    if (item) box.setAttribute("aria-activedescendant", item.id);
    else box.removeAttribute("aria-activedescendant");
  }

  function steer(event) {
    if (list.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const many = list.children.length;
    const moves = { ArrowDown: (active + 1) % many, ArrowUp: (active - 1 + many) % many };
    if (event.key in moves) activate(moves[event.key]);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) choose(options()[active]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function choose(item) {
    const typed = begun();
    if (!item || !typed) return;
    const end = box.selectionStart;
    box.setRangeText(`${item.dataset.name} `, end - typed.length, end, "end");
    close();
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  function close() {
    clearTimeout(timer);
    asked = "";
    if (!list.hidden) show([]);
  }

  // A word for the author alone comes with her comment: who was named but may not read it.
  function tell(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const note = form.querySelector("[data-untold-note]");
    note.textContent = holder.content.querySelector("[data-untold]")?.textContent ?? "";
    note.hidden = !note.textContent;
  }
}
