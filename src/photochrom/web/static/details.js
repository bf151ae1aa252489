// The original's own pixels, where the photograph is enlarged beyond those of its preview.

import { again } from "./album.js";
import * as api from "./api.js";
import { $ } from "./dom.js";
import { say } from "./messages.js";

const PAUSE = 250; // milliseconds without another move

export class Details {
  #timer;
  #asking = null;
  #shown = {}; // what each image shows

  // `stage` knows what is seen, `photo()` gives the photograph.
  constructor({ stage, photo }) {
    Object.assign(this, { stage, photo });
  }

  // Ask for what is seen now, if it is enlarged, once it is at rest.
  ask() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    if (this.#needed()) this.#timer = setTimeout(() => this.#fetch(), PAUSE);
    else this.clear();
  }

  // Hide what no longer shows how things are; a new preview has only the colours of its own.
  clear(ids = ["after", "before"]) {
    for (const id of ids) {
      $(`${id}-detail`).hidden = true;
      delete this.#shown[id];
    }
  }

  #needed() {
    const there = $("before").naturalWidth, photo = this.photo();
    const wanted = this.stage.wide * this.stage.scale * devicePixelRatio;
    return photo && there && there < photo.width && wanted > 1.05 * there;
  }

  async #fetch() {
    const photo = this.photo(), part = this.stage.part, { signal } = this.#asking = new AbortController();
    const asked = {
      after: () => api.preview(photo.id, { ...photo.shown, ...part }, signal),
      before: () => api.original(photo.id, part, signal),
    };
    try {
      for (const id of this.stage.compare.share ? ["after", "before"] : ["after"]) {
        const key = JSON.stringify([photo.id, part, id === "after" && photo.shown]);
        if (this.#shown[id] === key) continue;
        const blob = await again(photo, asked[id]);
        if (signal.aborted) return;
        await this.#show(id, blob, part, key);
      }
      say("detail", "");
    } catch (error) {
      if (error.name !== "AbortError") say("detail", error.message);
    }
  }

  async #show(id, blob, { left, top, width, height }, key) {
    const image = $(`${id}-detail`), old = image.src;
    image.src = URL.createObjectURL(blob);
    if (old) URL.revokeObjectURL(old);
    await image.decode();
    Object.assign(image.style, {
      left: `${100 * left / this.stage.width}%`, top: `${100 * top / this.stage.height}%`,
      width: `${100 * width / this.stage.width}%`, height: `${100 * height / this.stage.height}%`,
    });
    image.hidden = false;
    this.#shown[id] = key;
  }
}
