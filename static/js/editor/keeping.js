// What is not stored yet, kept in this browser: for each person, document and window one update. Signing out empties it
// (Clear-Site-Data), and what nobody has come back for in a month goes.
const NAME = "unsent texts";
const KEPT_FOR = 30 * 24 * 3600 * 1000;

export class Kept {
  constructor(person, mark) {
    this.of = `${person} ${mark}`;
    this.key = `${this.of} ${crypto.randomUUID()}`;
  }

  // The updates that wait here, from this window's past and from other windows. They are this window's from now on as well.
  async all() {
    const store = await this.store("readonly");
    const found = await answer(store.getAll());
    return found.filter(({ of }) => of === this.of).map(({ key, update }) => ({ key, update }));
  }

  async put(update) {
    await answer((await this.store("readwrite")).put({ key: this.key, of: this.of, update, at: Date.now() }));
  }

  async forget(keys = []) {
    const store = await this.store("readwrite");
    await Promise.all([this.key, ...keys].map((key) => answer(store.delete(key))));
  }

  async sweep() {
    const store = await this.store("readwrite");
    const old = (await answer(store.getAll())).filter(({ at }) => at < Date.now() - KEPT_FOR);
    for (const { key } of old) store.delete(key);
  }

  async store(mode) {
    this.opened ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("updates", { keyPath: "key" });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    return (await this.opened).transaction("updates", mode).objectStore("updates");
  }
}

function answer(asked) {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
