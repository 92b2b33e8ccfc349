// Who has the thread open and who writes in it, quietly: nothing is announced, nothing moves.
import { live } from "./live.js";

const SOMEBODY = 0; // whose name is not for this reader
const REST = 3000; // after the last key nobody writes any more
const root = document.querySelector("[data-thread]");
const line = root?.querySelector("[data-present]");
const box = root?.querySelector("[data-composer] textarea");
let rest = 0;

root?.addEventListener("thread:present", ({ detail: { here, more, writing } }) => {
  const others = here.filter(({ id }) => id !== Number(root.dataset.me));
  const writers = others.filter(({ id }) => writing.includes(id));
  const isUnnamed = writing.includes(SOMEBODY);
  line.textContent = line.title = isUnnamed ? told([{ name: line.dataset.somebody }]) : writers.length ? told(writers) : shown(others, more);
});

box?.addEventListener("input", () => {
  clearTimeout(rest);
  live.writing(Number(root.dataset.stream), box.value.trim() !== "");
  rest = setTimeout(stop, REST);
});
box?.addEventListener("blur", stop);
root?.addEventListener("comment:posted", stop);

function stop() {
  clearTimeout(rest);
  live.writing(Number(root.dataset.stream), false);
}

function shown(people, more) {
  if (!people.length) return more ? line.dataset[more === 1 ? "one" : "several"].replace("{n}", more) : "";
  const names = people.map(({ name }) => name).join(", ");
  return `${line.dataset.here} ${names}${more ? ` ${line.dataset.more.replace("{n}", more)}` : ""}`;
}

function told(people) {
  const names = people.map(({ name }) => name);
  return names.length === 1 ? line.dataset.writes.replace("{name}", names[0]) : line.dataset.write.replace("{names}", names.join(", "));
}
