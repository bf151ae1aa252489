// The original's own pixels, where the photo is enlarged beyond those of its preview.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { $ } from "./dom.js";
import { failed, say } from "./messages.js";

const PAUSE = 250; // milliseconds without another move

export class Region {
  #timer;
  #asking = null;
  #shown = {}; // what each image shows

  // `viewer` knows what is in view, `photo()` gives the photo.
  constructor({ viewer, photo }) {
    Object.assign(this, { viewer, photo });
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
    const wanted = this.viewer.wide * this.viewer.scale * devicePixelRatio;
    return photo && there && there < photo.width && wanted > 1.05 * there;
  }

  async #fetch() {
    const photo = this.photo(), part = this.viewer.part, { signal } = this.#asking = new AbortController();
    const asked = {
      after: () => photo.choices.own ? api.original(photo.id, part, signal) : api.preview(photo.id, { ...photo.shown, ...part }, signal),
      before: () => api.original(photo.id, part, signal),
    };
    try {
      for (const id of this.viewer.compare.share ? ["after", "before"] : ["after"]) {
        const key = JSON.stringify([photo.id, part, id === "after" && photo.shown]);
        if (this.#shown[id] === key) continue;
        const blob = await inSession(photo, asked[id]);
        if (signal.aborted) return;
        await this.#show(id, blob, part, key);
      }
      say("region", "");
    } catch (error) {
      failed("region", error, () => this.ask());
    }
  }

  async #show(id, blob, { left, top, width, height }, key) {
    const image = $(`${id}-detail`), old = image.src;
    image.src = URL.createObjectURL(blob);
    if (old) URL.revokeObjectURL(old);
    await image.decode();
    Object.assign(image.style, {
      left: `${100 * left / this.viewer.width}%`, top: `${100 * top / this.viewer.height}%`,
      width: `${100 * width / this.viewer.width}%`, height: `${100 * height / this.viewer.height}%`,
    });
    image.hidden = false;
    this.#shown[id] = key;
  }
}
