// The composer: what is written is kept on the server, and what could not be sent is sent again. The key makes it one comment.
import { attach } from "./files.js";
import { live } from "./live.js";

const PAUSE = 800;
const RETRY = 5000;

const form = document.querySelector("[data-composer]");
if (form) start(form);

function start(form) {
  const body = form.elements.body;
  const key = form.elements.key;
  const parent = form.elements.parent_id;
  const status = form.querySelector("[data-status]");
  const files = attach(form);
  let timer = null;
  let retry = null;
  let isSending = false;
  let isUnsent = false;

  form.addEventListener("input", () => {
    isUnsent = false;
    clearTimeout(retry);
    keepIn(PAUSE);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  live.onState((state) => state === "online" && isUnsent && send());
  document.addEventListener("click", reply);
  window.addEventListener("pagehide", () => timer && keep({ keepalive: true }));

  function keepIn(delay) {
    clearTimeout(timer);
    timer = setTimeout(keep, delay);
  }

  async function keep(options = {}) {
    clearTimeout(timer);
    timer = null;
    const answer = await ask(form.dataset.draft, options);
    if (isSending || isUnsent) return;
    if (answer?.ok) return say(`${status.dataset.saved} ${clock()}`);
    if (answer?.status === 401) return say(status.dataset.signedOut);
    say(status.dataset.unsaved);
    keepIn(RETRY);
  }

  async function send() {
    if (isSending) return;
    if (!body.value.trim()) return body.focus();
    if (!files.isReady()) return;
    isSending = true;
    clearTimeout(timer);
    clearTimeout(retry);
    timer = null;
    say(status.dataset.sending);
    const answer = await ask(form.action, { headers: { "X-Fragment": "1" } });
    isSending = false;
    if (!answer || answer.status === 429 || answer.status >= 500) return sendLater();
    isUnsent = false;
    await finish(answer);
  }

  function sendLater() {
    isUnsent = true;
    say(status.dataset.failed);
    retry = setTimeout(send, RETRY);
  }

  // The answer, or nothing where none came.
  async function ask(address, options) {
    try {
      return await fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)), ...options });
    } catch (failure) {
      if (failure instanceof TypeError) return null;
      throw failure;
    }
  }

  async function finish(answer) {
    const html = await answer.text();
    if (answer.status !== 201) return refused(answer.status, new DOMParser().parseFromString(html, "text/html"));
    body.value = "";
    files.clear();
    key.value = newKey();
    cancelReply();
    say("");
    form.closest("[data-thread]").dispatchEvent(new CustomEvent("comment:posted", { detail: describe(html) }));
    body.focus();
  }

  // A sign-in that has ended, or a page from before it: sent as an ordinary form, the text is kept and the way back is shown.
  function refused(code, page) {
    if (code === 401 || (code !== 422 && page.querySelector("form [name=key]"))) return form.submit();
    say((page.querySelector("[data-sentence], .summary li, .error") ?? page.querySelector("main p"))?.textContent.trim() ?? status.dataset.failed);
  }

  function describe(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    const comment = holder.content.firstElementChild;
    return { id: Number(comment.dataset.comment), parent: Number(comment.dataset.parent) || null, html };
  }

  function reply(event) {
    const link = event.target.closest("[data-reply], [data-reply-cancel]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.reply === undefined) return cancelReply();
    const note = form.querySelector("[data-reply-to]");
    parent.value = link.dataset.reply;
    note.querySelector("[data-reply-name]").textContent = `${note.dataset.text} ${link.dataset.name}`;
    note.hidden = false;
    body.focus();
  }

  function cancelReply() {
    parent.value = "";
    form.querySelector("[data-reply-to]").hidden = true;
  }

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function clock() {
  const now = new Date().toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" });
  return document.documentElement.lang === "en" ? now : now.replace(":", ".");
}
