// The clock on the wall, and how long the meeting has been at its item.
const EVERY = 5000;

function tick() {
  const wall = document.querySelector("[data-wall-clock]");
  if (!wall) return;
  const now = new Date();
  const hour = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Europe/Stockholm" });
  wall.textContent = document.documentElement.lang === "sv" ? hour.format(now).replace(":", ".") : hour.format(now);
  for (const each of document.querySelectorAll("[data-since]")) tell(each, now);
}

function tell(element, now) {
  const { since, minutes, unit, ofText, overText } = element.dataset;
  const n = Math.max(0, Math.floor((now - new Date(since)) / 60_000));
  const all = Number(minutes);
  const words = !all ? `{n} ${unit}` : n > all ? overText : ofText;
  element.textContent = words.replace("{n}", n).replace("{all}", all).replace("{over}", n - all);
  element.classList.toggle("late", Boolean(all) && n >= all);
}

tick();
setInterval(tick, EVERY);
