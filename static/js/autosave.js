// <form data-autosave="/address" data-saved-text="Sparat {time}" data-failed-text="…">: kept on the server as one writes.
// Where the server cannot be reached, the text is kept in this tab until it can.
const PAUSE = 800;
const RETRY = 5000;
const LEFT_OUT = new Set(["csrf", "password", "code"]);
const PREFIX = "autosave ";
const states = new WeakMap();

function stateOf(form) {
  if (!states.has(form)) states.set(form, { timer: 0, sending: false, again: false, sent: false });
  return states.get(form);
}

function keyOf(form) {
  return PREFIX + new URL(form.dataset.autosave, location.href).pathname;
}

function fieldsOf(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !LEFT_OUT.has(name));
}

function later(form, delay = PAUSE) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(form), delay);
  state.pending = true;
}

async function save(form) {
  const state = stateOf(form);
  state.pending = false;
  if (state.sent || !form.isConnected) return;
  if (state.sending) {
    state.again = true;
    return;
  }
  state.again = false;
  state.sending = true;
  const status = await send(form);
  state.sending = false;
  if (state.sent) return;
  if (status >= 200 && status < 300) noteSaved(form);
  else noteFailed(form, status);
  if (state.again) later(form, 0);
}

// The status of the answer, or 0 where no answer came.
async function send(form, more = {}) {
  try {
    const answer = await fetch(form.dataset.autosave, {
      ...more,
      method: "POST",
      headers: { "X-CSRF-Token": document.body.dataset.csrf, Accept: "application/json" },
      body: new URLSearchParams(fieldsOf(form)),
      redirect: "error",
    });
    return answer.status;
  } catch (failure) {
    if (failure instanceof TypeError) return 0;
    throw failure;
  }
}

function noteSaved(form) {
  sessionStorage.removeItem(keyOf(form));
  const now = new Date().toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" });
  say(form, words(form, "savedText").replace("{time}", document.documentElement.lang === "sv" ? now.replace(":", ".") : now), false);
}

function noteFailed(form, status) {
  keepCopy(form, false);
  say(form, words(form, "failedText"), true);
  if ([0, 408, 429].includes(status) || status >= 500) later(form, RETRY);
}

// The words stand on the form or on its note.
function words(form, name) {
  return form.querySelector("[data-autosave-status]")?.dataset[name] ?? form.dataset[name] ?? "";
}

function say(form, text, failed) {
  const note = form.querySelector("[data-autosave-status]");
  if (!note) return;
  note.setAttribute("aria-live", failed ? "assertive" : "off");
  note.classList.toggle("failed", failed);
  if (note.textContent !== text) note.textContent = text;
}

function keepCopy(form, sent) {
  sessionStorage.setItem(keyOf(form), JSON.stringify({ sent, fields: fieldsOf(form) }));
}

// A copy that was sent is needed only by whoever comes back from a failed sending with the browser's Back.
function forgetSent() {
  const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  for (const key of Object.keys(sessionStorage).filter((each) => each.startsWith(PREFIX))) {
    if (!back && JSON.parse(sessionStorage.getItem(key)).sent) sessionStorage.removeItem(key);
  }
}

function bringBack(form) {
  const kept = sessionStorage.getItem(keyOf(form));
  if (!kept) return;
  for (const [name, value] of JSON.parse(kept).fields) fill(form.elements.namedItem(name), value);
  later(form, 0);
}

function fill(field, value) {
  if (field?.type === "checkbox") field.checked = true;
  else if (field && "value" in field) field.value = value;
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-autosave]");
  if (form) later(form);
});

// <form data-autosave-discard> throws away what was kept: nothing of it may be saved again on the way out.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-autosave-discard]")) return;
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    clearTimeout(stateOf(form).timer);
    stateOf(form).sent = true;
    sessionStorage.removeItem(keyOf(form));
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-autosave]")) return;
  clearTimeout(stateOf(form).timer);
  stateOf(form).sent = true;
  keepCopy(form, true);
});

// What was typed in the last moment goes out with the page.
window.addEventListener("pagehide", () => {
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    if (stateOf(form).pending && !stateOf(form).sent) send(form, { keepalive: true });
  }
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-autosave]")) stateOf(form).sent = false;
});

forgetSent();
for (const form of document.querySelectorAll("form[data-autosave]")) bringBack(form);
