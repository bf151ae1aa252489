// Likely colours of places, versions to choose from, and the colours of another picture.

import { again } from "./album.js";
import * as api from "./api.js";
import { $, button, make, refill } from "./dom.js";
import { during } from "./messages.js";

export class Guides {
  #suggested = new Map();

  // `choose(photo, base)` lays the hints of a version or of another picture below one's own.
  constructor({ photo, choose }) {
    Object.assign(this, { photo, choose });
  }

  // Colours for a place, asked for once.
  async suggest(photo, x, y) {
    const key = `${photo.key} ${x} ${y}`;
    if (!this.#suggested.has(key)) {
      const colours = await again(photo, () => api.colours(photo.id, x, y));
      this.#suggested.set(key, colours);
    }
    return this.#suggested.get(key);
  }

  propose(photo) {
    return during("versions", "Thinking of versions …", async () => {
      const versions = await again(photo, () => api.proposals(photo.id, photo.choices.vividness));
      this.forget(photo);
      for (const [at, hints] of versions.entries()) {
        const name = at ? `Version ${at + 1}` : "Automatic";
        const base = at ? { name, hints } : null;
        const options = { ...photo.options, hints: [...hints, ...photo.choices.hints] };
        const url = URL.createObjectURL(await api.preview(photo.id, options));
        photo.versions.push({ name, base, url });
        this.draw();
      }
    });
  }

  lend(photo, file) {
    return during("reference", "Comparing the pictures …", async () => {
      const hints = await again(photo, () => api.reference(photo.id, file));
      if (!hints.length) throw new Error("The two pictures have too little in common.");
      this.choose(photo, { name: `Colours of ${file.name || "another picture"}`, hints });
    });
  }

  forget(photo) {
    for (const { url } of photo.versions) URL.revokeObjectURL(url);
    photo.versions = [];
  }

  draw() {
    const photo = this.photo(), same = (base) => JSON.stringify(base) === JSON.stringify(photo.choices.base);
    refill($("proposals"), photo.versions.map(({ name, base, url }, at) => button("", {
      "data-key": `version-${at}`, "aria-pressed": String(same(base)),
      onclick: () => this.choose(photo, base),
    }, make("img", { src: url, alt: "" }), make("span", { textContent: name }))));
  }
}
