// The days of a year are one stop of the Tab key: arrows go by days and weeks, Page Up and Page Down by months, Home and End within a week.
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
const DAY = 86400000;

let pressed, kept, dropped;

const yearOf = (element) => element.closest?.("[data-year]");
const daysOf = (year) => [...year.querySelectorAll("button[data-day]")];

function settle(year) {
  const days = daysOf(year);
  const current = days.find((each) => each.dataset.day === year.dataset.at) ?? days.find((each) => each.ariaPressed === "true") ?? days[0];
  for (const each of days) each.tabIndex = each === current ? 0 : -1;
}

function moved(day, key) {
  const date = new Date(`${day}T12:00:00Z`);
  const weekday = (date.getUTCDay() + 6) % 7;
  if (key in STEPS) return new Date(date.getTime() + STEPS[key] * DAY);
  if (key === "Home" || key === "End") return new Date(date.getTime() + ((key === "Home" ? 0 : 4) - weekday) * DAY);
  date.setUTCMonth(date.getUTCMonth() + (key === "PageDown" ? 1 : -1));
  return date;
}

// The day itself, or the next one in the same direction that can be picked.
function find(year, date, forward) {
  const iso = date.toISOString().slice(0, 10);
  const days = daysOf(year);
  return forward ? days.find((each) => each.dataset.day >= iso) : days.findLast((each) => each.dataset.day <= iso);
}

document.addEventListener("keydown", (event) => {
  const year = yearOf(event.target);
  const isOurs = event.key in STEPS || ["Home", "End", "PageUp", "PageDown"].includes(event.key);
  if (!year || !event.target.dataset.day || !isOurs || event.ctrlKey || event.altKey || event.metaKey) return;
  const there = moved(event.target.dataset.day, event.key);
  const target = find(year, there, !["ArrowLeft", "ArrowUp", "PageUp", "Home"].includes(event.key)) ?? event.target;
  event.preventDefault();
  target.focus();
});

document.addEventListener("focusin", (event) => {
  const year = yearOf(event.target);
  if (!year || !event.target.dataset.day) return;
  year.dataset.at = event.target.dataset.day;
  settle(year);
});

// A day that was pressed is another button afterwards, and the focus stays on it.
document.addEventListener("htmx:after:swap", () => {
  for (const year of document.querySelectorAll("[data-year]")) {
    const at = year.dataset.at ?? kept;
    if (at) year.dataset.at = at;
    settle(year);
    if (pressed) year.querySelector(`[data-day="${pressed}"]`)?.focus({ preventScroll: true });
  }
  pressed = undefined;
  // The last day of the list takes its button with it.
  const title = document.getElementById("picked-title");
  if (dropped && title && document.activeElement === document.body) {
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
    dropped = false;
  }
});

document.addEventListener("submit", (event) => {
  const year = yearOf(event.target);
  if (year) pressed = kept = event.submitter?.dataset.day;
  dropped = event.target.closest?.(".picks-list") !== null;
});

for (const year of document.querySelectorAll("[data-year]")) settle(year);
