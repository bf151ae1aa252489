// Files come in, one after the other, under a bar that tells how far it is.

import { Photo } from "./album.js";
import * as api from "./api.js";
import { $ } from "./dom.js";
import { isFilm } from "./kinds.js";
import { failed, say } from "./messages.js";
import { firstOf, t } from "./words.js";

const SHOWN = 1400; // pixels of the long side of a file that is shown before it is sent
const MAX_BYTES = 100 * 2 ** 20; // of a file that the browser is to decode
const MAX_NAMES = 4; // that one message tells

export class Opening {
  #files = []; // that wait
  #total = 0;
  #begun = 0;
  #running = null;
  #failures = new Map(); // the names of files, by what is wrong with them
  #sending;

  // While nothing is shown, which `empty()` tells, `arriving(image)` is given an image of a file that is being sent, where the browser can make
  // one, and null at the end; `opened(photo)` is told of each photo that is there.
  constructor({ standard, empty, arriving, opened }) {
    Object.assign(this, { standard, empty, arriving, opened });
    $("opening-cancel").addEventListener("click", () => this.cancel());
  }

  // Open files, after those that are being opened.
  add(files) {
    if (!files.length) return Promise.resolve();
    if (!this.#running) this.#begin();
    this.#files.push(...files);
    this.#total += files.length;
    return this.#running ??= this.#run();
  }

  cancel() {
    this.#files = [];
    this.#sending?.abort();
  }

  #begin() {
    for (const problem of this.#failures.keys()) say(`add ${problem}`, "");
    this.#failures.clear();
    this.#total = this.#begun = 0;
  }

  async #run() {
    while (this.#files.length) {
      const file = this.#files.shift();
      this.#begun += 1;
      try {
        await this.#open(file);
      } catch (error) {
        this.#failed(file, error);
      }
      this.#sending.abort(); // an image that comes too late is not shown
    }
    $("opening").hidden = true;
    this.#running = null;
    this.arriving(null);
  }

  async #open(file) {
    const name = file.name || "photo", { signal } = this.#sending = new AbortController();
    this.#draw(name, 0);
    if (this.empty()) local(file).then((image) => { if (image && !signal.aborted) this.arriving(image); });
    const progressed = (share) => this.#draw(name, share);
    const told = await api.upload(file, { signal, progressed });
    const photo = new Photo({ ...told, name, size: file.size, file }, this.standard);
    photo.before = URL.createObjectURL(await api.original(photo.id, {}, signal));
    this.opened(photo);
  }

  #draw(name, share) {
    const one = share < 1 ? t("Sending {name}", { name }) : t("Opening {name}", { name });
    const values = { number: this.#begun, count: this.#total, name };
    const many = share < 1 ? t("{number} of {count}: sending {name}", values) : t("{number} of {count}: opening {name}", values);
    $("opening").hidden = false;
    $("opening-status").textContent = this.#total > 1 ? many : one;
    $("opening-progress").value = share;
  }

  // What is wrong with several files in the same way is one message. Without the server, all wait.
  #failed(file, error) {
    if (error.offline) {
      const rest = [file, ...this.#files];
      this.#files = [];
      return failed("add", error, () => this.add(rest));
    }
    if (error.name === "AbortError") return;
    const problem = error.message.replace(/^The (picture|film):? /, "");
    const names = [...this.#failures.get(problem) ?? [], file.name || "photo"];
    this.#failures.set(problem, names);
    say(`add ${problem}`, `${firstOf(names, MAX_NAMES)}: ${problem}`);
  }
}

// An image of a file as the browser sees it, {url, width, height}, or null if it cannot.
async function local(file) {
  if (isFilm(file) || file.size > MAX_BYTES) return null;
  try {
    const whole = await createImageBitmap(file), { width, height } = whole;
    const scale = Math.min(1, SHOWN / Math.max(width, height));
    const canvas = new OffscreenCanvas(Math.ceil(width * scale), Math.ceil(height * scale));
    canvas.getContext("2d").drawImage(whole, 0, 0, canvas.width, canvas.height);
    whole.close();
    return { url: URL.createObjectURL(await canvas.convertToBlob({ type: "image/jpeg" })), width, height };
  } catch {
    return null;
  }
}
