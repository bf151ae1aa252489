// Photos that are coloured one after the other while another is in the viewer, with how far they are.

import { $ } from "./dom.js";
import { t } from "./words.js";

export class Queue {
  #waiting = [];
  #now = null; // that is worked on
  #total = 0;
  #running = false;

  // `work(photo)` colours one, and says what goes wrong.
  constructor(work) {
    this.work = work;
    $("developing-cancel").addEventListener("click", () => this.cancel());
  }

  // One that is worked on comes once more: its choices may be others by now.
  add(photos) {
    const others = photos.filter((photo) => !this.#waiting.includes(photo));
    this.#waiting.push(...others);
    this.#total += others.length;
    if (this.#running) this.#draw();
    else this.#run();
  }

  has(photo) { return photo === this.#now || this.#waiting.includes(photo); }

  // What waits keeps the colours that it has.
  cancel() {
    this.#waiting = [];
    this.#total = 0;
    this.#draw();
  }

  async #run() {
    this.#running = true;
    while (this.#waiting.length) {
      this.#now = this.#waiting.shift();
      this.#draw();
      await this.work(this.#now);
    }
    this.#now = null;
    this.#running = false;
    this.#total = 0;
    this.#draw();
  }

  #draw() {
    const number = Math.max(1, this.#total - this.#waiting.length);
    $("developing").hidden = this.#total < 2;
    $("developing-status").textContent = t("Working on photo {number} of {count}", { number, count: this.#total });
    $("developing-progress").value = this.#total ? (number - 1) / this.#total : 0;
  }
}
