// Likely colours of points, variants to choose from, and the colours of another photo.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { $, button, make, refill } from "./dom.js";
import { during, say } from "./messages.js";

const LITTLE = 0.3; // of a photo that looks like another one: too little in common

export class Variants {
  #suggested = new Map();

  // `choose(photo, base)` lays the hints of a variant or of another photo below one's own.
  constructor({ photo, choose }) {
    Object.assign(this, { photo, choose });
  }

  // Colours for a point, asked for once.
  async suggest(photo, x, y) {
    const key = `${photo.key} ${x} ${y}`;
    if (!this.#suggested.has(key)) {
      const colours = await inSession(photo, () => api.suggestions(photo.id, x, y));
      this.#suggested.set(key, colours);
    }
    return this.#suggested.get(key);
  }

  show(photo) {
    return during("variants", "Making variants …", async () => {
      const variants = await inSession(photo, () => api.variants(photo.id, photo.choices.vividness));
      this.forget(photo);
      for (const [at, hints] of variants.entries()) {
        const name = at ? `Variant ${at + 1}` : "Automatic";
        const base = at ? { name, hints } : null;
        const options = { ...photo.options, hints: [...hints, ...photo.choices.hints] };
        const url = URL.createObjectURL(await api.preview(photo.id, options));
        photo.variants.push({ name, base, url });
        this.draw();
      }
    });
  }

  borrow(photo, file) {
    return during("reference", "Comparing the photos …", async () => {
      const { hints, own, share } = await inSession(photo, () => api.reference(photo.id, file)).catch((error) => {
        error.message = error.message.replace(/^The reference:? /, "The other photo: ");
        throw error;
      });
      if (!hints.length) throw new Error("The two photos have too little in common.");
      const strength = share < LITTLE ? 0.5 : 1;
      this.choose(photo, { name: `Colours of ${file.name || "another photo"}`, hints, own, strength });
      if (share < LITTLE)
        say("reference", `Only ${Math.round(100 * share)} % of this photo looks like something in the other one. Its colours may not fit, and are taken at half strength.`);
    });
  }

  forget(photo) {
    for (const { url } of photo.variants) URL.revokeObjectURL(url);
    photo.variants = [];
  }

  draw() {
    const photo = this.photo(), { base: chosen } = photo.choices;
    $("borrowed").hidden = !chosen?.own;
    if (chosen?.own) {
      $("borrow-strength").value = chosen.strength;
      $("borrow-value").textContent = `${Math.round(100 * chosen.strength)} %`;
    }
    const same = (base) => JSON.stringify(base) === JSON.stringify(photo.choices.base);
    refill($("variants"), photo.variants.map(({ name, base, url }, at) => button("", {
      "data-key": `variant-${at}`, "aria-pressed": String(same(base)),
      onclick: () => this.choose(photo, base),
    }, make("img", { src: url, alt: "" }), make("span", { textContent: name }))));
  }
}
