// Where the photo is unsure, asked for one point after the other.

import { $ } from "./dom.js";
import { t } from "./words.js";

export class Tour {
  #points = [];
  #at = 0;

  // `photo()` is in the viewer; `ask(point, question)` asks for the colour of {x, y}, and gives
  // whether it was answered or left out; false where the questions are ended.
  constructor({ photo, ask }) {
    Object.assign(this, { photo, ask });
    $("tour").addEventListener("click", () => this.begin());
  }

  // There is something to ask while the photo shows where it is unsure.
  draw() {
    const count = this.photo()?.rings?.length ?? 0;
    $("tour").disabled = !count;
    $("tour").textContent = count > 1 ? t("Answer {count} questions", { count }) : t("Answer the question");
  }

  // The points are those of the beginning: each answer makes others more certain.
  async begin() {
    const photo = this.photo();
    this.#points = [...photo.rings];
    for (this.#at = 0; this.#at < this.#points.length; this.#at++) {
      const { x, y } = this.#points[this.#at], values = { number: this.#at + 1, count: this.#points.length };
      const goesOn = await this.ask({ x, y }, t("Question {number} of {count}: what colour is this?", values));
      if (!goesOn || photo !== this.photo()) break;
    }
    $("tour").focus({ preventScroll: true });
  }
}
