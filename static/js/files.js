// Files in the composer: picked, dragged or pasted; uploaded one after the other, with numbers; kept on the server until they are posted.
const MOST = 10;
const LARGEST = 25 * 1024 * 1024;

// What the composer asks: may it be sent (`isReady`; if not, the reason is shown), what they are called, and forget the files once
// they are posted (`clear`) or wait with a comment (`park`, by its key and the fields that name them; without fields all of them).
export function attach(form) {
  const button = form.querySelector("[data-attach]");
  if (!button) return { isReady: () => true, names: () => [], clear() {}, park() {} };
  const words = button.dataset;
  const list = form.querySelector("[data-files]");
  const pick = form.querySelector("[data-files-pick]");
  const error = form.querySelector("[data-files-error]");
  const status = form.querySelector("[data-status]");
  const parked = new Map(); // key of a comment that waits → the rows of its files
  let line = Promise.resolve();
  let coming = 0;

  button.type = "button";
  button.addEventListener("click", () => pick.click());
  pick.addEventListener("change", () => {
    add([...pick.files]);
    pick.value = "";
  });
  pick.addEventListener("input", (event) => event.stopPropagation()); // picking is not writing
  form.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    add([...event.clipboardData.files]);
  });
  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("over");
  });
  form.addEventListener("dragleave", (event) => form.contains(event.relatedTarget) || form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    form.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
  list.addEventListener("click", remove);

  function add(files) {
    fail("");
    for (const file of files) {
      if (list.children.length >= MOST) return fail(words.tooMany);
      if (file.size > LARGEST) fail(`${file.name}: ${words.tooLarge}`);
      else if (file.size === 0) fail(`${file.name}: ${words.empty}`);
      else queue(file);
    }
  }

  function queue(file) {
    const item = waiting(file);
    list.append(item.row);
    coming += 1;
    line = line.then(() => upload(file, item)).finally(() => (coming -= 1));
  }

  function waiting(file) {
    const row = document.createElement("li");
    const name = document.createElement("p");
    const size = document.createElement("small");
    const bar = document.createElement("progress");
    const cancel = document.createElement("button");
    name.append(`${file.name} `, size);
    size.textContent = `${words.uploading} …`;
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute("aria-label", `${words.uploading} ${file.name}`);
    cancel.type = "button";
    cancel.className = "btn quiet";
    cancel.textContent = words.cancel;
    row.append(document.createElement("span"), name, cancel, bar);
    const item = { row, size, bar, request: new XMLHttpRequest(), isCancelled: false };
    cancel.addEventListener("click", () => {
      item.isCancelled = true;
      item.request.abort();
      row.remove();
      form.elements.body.focus();
    });
    return item;
  }

  function upload(file, { row, size, bar, request, ...item }) {
    return new Promise((done) => {
      if (!row.isConnected) return done();
      request.open("POST", words.attach);
      request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
      request.setRequestHeader("X-Fragment", "1");
      request.upload.addEventListener("progress", (event) => {
        bar.value = Math.min(event.loaded, file.size);
        size.textContent = event.loaded < event.total ? `${words.uploading} ${megabytes(bar.value)} ${words.of} ${megabytes(file.size)} MB` : words.checking;
      });
      request.addEventListener("load", () => arrived(request, row, file));
      request.addEventListener("error", () => gone(row, `${file.name}: ${words.failed}`));
      request.addEventListener("loadend", done);
      const data = new FormData();
      data.append("file", file, file.name);
      request.send(data);
    });
  }

  function arrived(request, row, file) {
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const kept = page.querySelector("li[data-file]");
    if (request.status === 201 && kept) {
      row.replaceWith(kept);
      say(`${words.added} ${file.name}`);
      return kept.querySelector(".describe input")?.focus();
    }
    const sentence = page.querySelector("[data-sentence]") ?? page.querySelector("main p");
    gone(row, `${file.name}: ${sentence?.textContent.trim() ?? words.failed}`);
  }

  function gone(row, sentence) {
    row.remove();
    fail(error.hidden ? sentence : `${error.textContent} ${sentence}`);
  }

  async function remove(event) {
    const pressed = event.target.closest("[data-remove]");
    if (!pressed) return;
    event.preventDefault();
    const row = pressed.closest("li");
    const headers = { "X-CSRF-Token": form.elements.csrf.value, "X-Fragment": "1" };
    const answer = await fetch(pressed.dataset.remove, { method: "POST", headers, body: new URLSearchParams() }).catch(() => null);
    if (!answer?.ok && answer?.status !== 404) return fail(words.failed);
    say(`${words.removed} ${row.querySelector("p").firstChild.textContent.trim()}`);
    row.remove();
    form.elements.body.focus();
  }

  function isReady() {
    fail("");
    if (coming > 0) return fail(words.wait);
    const undescribed = [...list.querySelectorAll(".describe")].find((each) => !each.querySelector("[name=alt]").value.trim() && !each.querySelector("[name=decorative]").checked);
    if (!undescribed) return true;
    undescribed.querySelector("[name=alt]").focus();
    return fail(words.describe);
  }

  function fail(sentence) {
    error.textContent = sentence;
    error.hidden = !sentence;
    return false;
  }

  function say(text) {
    status.textContent = text;
  }

  function clear() {
    list.replaceChildren();
    fail("");
  }

  const names = () => [...list.querySelectorAll("li > p")].map((name) => name.firstChild.textContent.trim());

  function park(key, fields = [...new FormData(form)]) {
    const ids = fields.filter(([name]) => name === "file").map(([, id]) => id);
    parked.set(key, [...list.children].filter((row) => ids.includes(row.dataset.file)));
    for (const row of parked.get(key)) row.remove();
  }

  // Thrown away, a comment leaves its files here; they can still be removed, or sent with another.
  document.addEventListener("unsent:thrown", ({ detail }) => list.append(...(parked.get(detail?.key) ?? [])));

  return { isReady, names, clear, park };
}

function megabytes(bytes) {
  return (bytes / 1e6).toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
