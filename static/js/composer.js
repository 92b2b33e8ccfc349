// The composer: what is written is kept on the server, and what could not be sent waits in this browser. The key makes it one comment.
import { attach } from "./files.js";
import { AS_FRAGMENT, describe, isLater, isStale, post, sendAll, watchSending, why } from "./sending.js";
import { keep as keepUnsent, unsent } from "./unsent.js";

const PAUSE = 800;
const RETRY = 5000;

const form = document.querySelector("[data-composer]");
if (form) start(form);

function start(form) {
  const body = form.elements.body;
  const key = form.elements.key;
  const parent = form.elements.parent_id;
  const status = form.querySelector("[data-status]");
  const root = form.closest("[data-thread]");
  const address = new URL(form.action).pathname;
  const files = attach(form);
  let timer = null;
  let isSending = false;

  form.addEventListener("input", () => keepIn(PAUSE));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  watchSending({ onSent });
  document.addEventListener("unsent:thrown", ({ detail }) => detail && forgetDraft(detail));
  document.addEventListener("click", reply);
  window.addEventListener("pagehide", () => timer && keep({ keepalive: true }));
  takeOutWhatWaits();

  function keepIn(delay) {
    clearTimeout(timer);
    timer = setTimeout(keep, delay);
  }

  async function keep(options = {}) {
    clearTimeout(timer);
    timer = null;
    const answer = await post(form.dataset.draft, fields(), options);
    if (isSending || !body.value) return;
    if (answer?.ok) return say(`${status.dataset.saved} ${clock()}`);
    if (answer?.status === 401) return say(status.dataset.signedOut);
    say(status.dataset.unsaved);
    keepIn(RETRY);
  }

  const fields = () => [...new FormData(form)];

  async function send() {
    if (isSending) return;
    if (!body.value.trim()) return body.focus();
    if (!files.isReady()) return;
    clearTimeout(timer);
    timer = null;
    const words = body.value;
    const sent = fields();
    if (unsent(address).some((each) => !each.refused)) return sendLater(sent, words); // each after the one before
    isSending = true;
    say(status.dataset.sending);
    const answer = await post(address, sent, AS_FRAGMENT);
    isSending = false;
    if (isLater(answer)) sendLater(sent, words);
    else await finish(answer, words);
  }

  // It stands in the thread from now on, as one that waits.
  function sendLater(sent, words) {
    const note = form.querySelector("[data-reply-to]");
    const reply = note.hidden ? "" : note.querySelector("[data-reply-name]").textContent;
    const kept = keepUnsent(address, { key: key.value, fields: sent, words: words.trim(), reply, files: files.names() });
    if (kept !== "kept") return say(status.dataset[kept === "full" ? "full" : "failed"]);
    files.park(key.value);
    empty(words);
    root.querySelector("[data-unsent-note]").textContent = status.dataset.waits;
    body.focus();
    sendAll();
  }

  // What has been posted takes the draft on the server along: what is being written now is kept anew.
  function onSent(where) {
    if (where === address && body.value) keepIn(0);
  }

  // On the server it is still a draft, with its files; here it stands among those that wait.
  function takeOutWhatWaits() {
    for (const comment of unsent(address)) {
      files.park(comment.key, comment.fields);
      if (comment.words === body.value.trim() && answeredBy(comment) === parent.value) empty(body.value);
    }
  }

  // Thrown away, it may still be the draft there.
  async function forgetDraft(comment) {
    await post(form.dataset.draft, [["body", ""], ["parent_id", answeredBy(comment)]]);
    if (body.value) keepIn(0);
  }

  async function finish(answer, words) {
    const html = await answer.text();
    if (answer.status !== 201) return refused(answer.status, new DOMParser().parseFromString(html, "text/html"));
    files.clear();
    empty(words);
    root.dispatchEvent(new CustomEvent("comment:posted", { detail: describe(html) }));
    body.focus();
  }

  // What has been written while the rest was on its way stays.
  function empty(sent) {
    body.value = body.value.startsWith(sent) ? body.value.slice(sent.length).trimStart() : body.value;
    key.value = crypto.randomUUID();
    cancelReply();
    say("");
    if (body.value) keepIn(0);
  }

  // A sign-in that has ended, or a page from before it: sent as an ordinary form, the text is kept and the way back is shown.
  function refused(code, page) {
    if (code === 401 || isStale(code, page)) return form.submit();
    if (code === 409) key.value = crypto.randomUUID(); // another text has this key: sent again, this one is a comment of its own
    say(why(page) || status.dataset.failed);
  }

  function reply(event) {
    const link = event.target.closest("[data-reply], [data-reply-cancel]");
    if (!link) return;
    event.preventDefault();
    if (link.dataset.reply === undefined) return cancelReply();
    const note = form.querySelector("[data-reply-to]");
    answer(link.dataset.reply);
    fetchKept(link);
    note.querySelector("[data-reply-name]").textContent = `${note.dataset.text} ${link.dataset.name}`;
    note.hidden = false;
    body.focus();
  }

  // What is written goes along to what it answers now, and is kept once: else it would still be there when this has been sent.
  function answer(id) {
    if (parent.value === id) return;
    if (body.value.trim()) {
      post(form.dataset.draft, fields().map(([name, value]) => [name, name === "body" ? "" : value]));
      keepIn(0);
    }
    parent.value = id;
  }

  // One may have begun to answer this on another day or device.
  async function fetchKept(link) {
    if (body.value) return;
    const page = await fetch(link.href.split("#")[0]).then((answer) => answer.text(), () => "");
    const kept = new DOMParser().parseFromString(page, "text/html").getElementById("comment-body")?.value;
    if (kept && !body.value && parent.value === link.dataset.reply) body.value = kept;
  }

  function cancelReply() {
    answer("");
    form.querySelector("[data-reply-to]").hidden = true;
  }

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }
}

const answeredBy = ({ fields }) => fields.find(([name]) => name === "parent_id")?.[1] ?? "";

function clock() {
  const now = new Date().toLocaleTimeString("sv-SE", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" });
  return document.documentElement.lang === "en" ? now : now.replace(":", ".");
}
