// The composer: what is written is kept on the server, and posting twice by accident gives one comment.
const form = document.querySelector("[data-composer]");
if (form) start(form);

function start(form) {
  const body = form.elements.body;
  const key = form.elements.key;
  const parent = form.elements.parent_id;
  const status = form.querySelector("[data-status]");
  let timer = null;
  let isSending = false;

  body.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 800);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  window.addEventListener("online", () => form.dataset.unsent && send());
  document.addEventListener("click", reply);
  window.addEventListener("pagehide", () => timer && keep({ keepalive: true }));

  async function keep(options = {}) {
    timer = null;
    const fields = new FormData(form);
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(fields), ...options });
      say(answer.ok ? `${status.dataset.saved} ${clock()}` : status.dataset.unsaved);
    } catch {
      say(status.dataset.unsaved);
    }
  }

  async function send() {
    if (isSending || !body.value.trim()) return body.focus();
    isSending = true;
    clearTimeout(timer);
    timer = null;
    say(status.dataset.sending);
    try {
      await finish(await fetch(form.action, { method: "POST", headers: { "X-Fragment": "1" }, body: new URLSearchParams(new FormData(form)) }));
    } catch {
      form.dataset.unsent = "1";
      say(status.dataset.failed);
    } finally {
      isSending = false;
    }
  }

  async function finish(answer) {
    if (answer.status === 401) return say(status.dataset.signedOut);
    if (answer.status >= 500) throw new Error(answer.status);
    const page = await answer.text();
    if (answer.status !== 201) return say(sentence(page));
    delete form.dataset.unsent;
    const posted = describe(page);
    body.value = "";
    key.value = newKey();
    cancelReply();
    say("");
    form.closest("[data-thread]").dispatchEvent(new CustomEvent("comment:posted", { detail: posted }));
    body.focus();
  }

  function describe(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    const comment = holder.content.firstElementChild;
    return { id: Number(comment.dataset.comment), parent: Number(comment.dataset.parent) || null, html };
  }

  function sentence(page) {
    const answer = new DOMParser().parseFromString(page, "text/html");
    return (answer.querySelector("[data-sentence], .error") ?? answer.querySelector("main p"))?.textContent.trim() ?? status.dataset.failed;
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
    status.textContent = text;
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
  return new Date().toLocaleTimeString(document.documentElement.lang === "en" ? "en-GB" : "sv-SE", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" }).replace(":", document.documentElement.lang === "en" ? ":" : ".");
}
