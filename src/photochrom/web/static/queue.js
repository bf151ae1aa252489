// Photos that are coloured one after the other while another is in the viewer, with how far they are.

import { $ } from "./dom.js";
import { t } from "./words.js";

export class Queue {
  #waiting = [];
  #total = 0;
  #running = false;

  // `work(photo)` colours one, and says what goes wrong.
  constructor(work) {
    this.work = work;
    $("developing-cancel").addEventListener("click", () => this.cancel());
  }

  add(photos) {
    const others = photos.filter((photo) => !this.#waiting.includes(photo));
    this.#waiting.push(...others);
    this.#total += others.length;
    this.#draw();
    if (!this.#running) this.#run();
  }

  has(photo) { return this.#waiting.includes(photo); }

  // What waits keeps the colours that it has.
  cancel() {
    this.#waiting = [];
    this.#draw();
  }

  async #run() {
    this.#running = true;
    while (this.#waiting.length) {
      await this.work(this.#waiting[0]);
      this.#waiting.shift();
      this.#draw();
    }
    this.#running = false;
    this.#total = 0;
  }

  #draw() {
    const left = this.#waiting.length, done = this.#total - left;
    $("developing").hidden = !left || this.#total < 2;
    $("developing-status").textContent = t("Working on photo {number} of {count}", { number: done + 1, count: this.#total });
    $("developing-progress").value = done / this.#total;
  }
}
