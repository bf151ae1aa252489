// The line over the photo: left of it is before, right of it after.

import { $ } from "./dom.js";
import { t } from "./words.js";

const GRIP = 22; // pixels from the middle of the grip to its edge, as in studio.css

export class Compare {
  constructor(changed) {
    this.changed = changed;
    $("split").addEventListener("input", () => this.#moved());
  }

  // How much of what is seen is before, 0..1.
  get share() {
    return Number($("split").value) / 100;
  }

  // Draw over a photo and the part of it that is seen, boxes in pixels of the viewer.
  draw(photo, seen) {
    Object.assign(this, { photo, seen });
    Object.assign($("split").style, {
      left: `${seen.left}px`, top: `${seen.top}px`, width: `${seen.width}px`, height: `${seen.height}px`,
    });
    const at = this.#at();
    Object.assign($("line").style, { left: `${at}px`, top: `${seen.top}px`, height: `${seen.height}px` });
    const hidden = Math.min(100, Math.max(0, 100 * (at - photo.left) / photo.width));
    $("in-colour").style.clipPath = `inset(0 0 0 ${this.share === 0 ? 0 : this.share === 1 ? 100 : hidden}%)`;
    $("film-grey").style.clipPath = `inset(0 ${100 - (this.share === 0 ? 0 : hidden)}% 0 0)`;
    $("line").hidden = this.share === 0 || this.share === 1;
    this.#label($("is-before"), at - seen.left, { left: `${seen.left + 10}px`, top: `${seen.top + 10}px` });
    this.#label($("is-after"), seen.left + seen.width - at, { left: `${seen.left + seen.width - 10}px`, top: `${seen.top + 10}px` });
  }

  // Bring the line to an x of the viewer.
  put(x) {
    const { left, width } = this.seen;
    $("split").value = 100 * (x - left - GRIP) / (width - 2 * GRIP);
    this.#moved();
  }

  // Bring the line to the middle, or away where it is already in sight; whether it is there.
  toggle() {
    $("split").value = this.share ? 0 : 50;
    this.#moved();
    return this.share > 0;
  }

  #at() {
    return this.seen.left + GRIP + this.share * (this.seen.width - 2 * GRIP);
  }

  // A side is named while there is room for its name, and both sides are seen.
  #label(label, room, corner) {
    label.hidden = $("line").hidden || room < 80;
    Object.assign(label.style, corner);
  }

  #moved() {
    $("split").setAttribute("aria-valuetext", t("{percent} % before", { percent: Math.round(100 * this.share) }));
    this.draw(this.photo, this.seen);
    this.changed();
  }
}
