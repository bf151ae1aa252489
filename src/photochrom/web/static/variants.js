// Likely colours of points, variants to choose from, and the colours of another photo.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { $, button, make, refill } from "./dom.js";
import { during, say } from "./messages.js";
import { t } from "./words.js";

const LITTLE = 0.3; // of a photo that looks like another one: too little in common
const COUNT = 4; // variants, the automatic one first
const REST = 700; // milliseconds without another choice before variants are made
const SIDE = 32; // pixels of a variant that is described
const WARMER = 2; // of 255: mean of red less blue, from where on a variant is warmer,
const BOLDER = 1.5; // and mean spread of channels, from where on it is bolder

export class Variants {
  #suggested = new Map();
  #timer;
  #making = false;

  // `choose(photo, base)` lays the hints of a variant or of another photo below one's own;
  // `offered(photo)` tells whether a photo has variants,
  // `drawn()` is called when there are others.
  constructor({ photo, choose, offered, drawn }) {
    Object.assign(this, { photo, choose, offered, drawn });
  }

  // Colours for a point, asked for once.
  async suggest(photo, x, y) {
    const key = `${photo.id} ${x} ${y}`;
    if (!this.#suggested.has(key)) {
      const colours = await inSession(photo, () => api.suggestions(photo.id, x, y));
      this.#suggested.set(key, colours);
    }
    return this.#suggested.get(key);
  }

  // Make the variants of the photo in the viewer, unasked, once nothing is chosen for a while.
  rest() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#make(), REST);
  }

  async #make() {
    const photo = this.photo();
    if (this.#making || !photo || !this.offered(photo) || photo.variantsFor === asked(photo)) return;
    this.#making = true;
    await during("variants", "", () => this.#fetch(photo).finally(() => { this.#making = false; }));
    if (this.photo() !== photo || (photo.made && photo.variantsFor !== asked(photo))) this.rest();
  }

  async #fetch(photo) {
    const wanted = asked(photo), current = () => photo === this.photo() && wanted === asked(photo);
    photo.made ??= await inSession(photo, () => api.variants(photo.id, photo.choices.vividness));
    for (const [at, hints] of photo.made.entries()) {
      if (!current()) return;
      const options = { ...JSON.parse(wanted), hints: [...hints, ...photo.choices.hints] };
      const blob = await inSession(photo, () => api.preview(photo.id, options));
      if (!photo.variants[at]) photo.variants[at] = { hints, ...await this.#described(photo, blob, at) };
      else URL.revokeObjectURL(photo.variants[at].url);
      photo.variants[at].url = URL.createObjectURL(blob);
      if (photo === this.photo()) this.draw();
    }
    photo.variantsFor = wanted;
  }

  // Name a variant for what it does to the photo.
  async #described(photo, blob, at) {
    const look = await measure(blob);
    if (!at) return { name: t("Automatic"), look };
    const first = photo.variants[0].look, warmth = look.warmth - first.warmth, chroma = look.chroma - first.chroma;
    const words = [
      ...(Math.abs(warmth) >= WARMER ? [warmth > 0 ? t("Warmer") : t("Cooler")] : []),
      ...(Math.abs(chroma) >= BOLDER ? [chroma > 0 ? t("Bolder") : t("Calmer")] : []),
      t("Variant {number}", { number: at + 1 }),
    ];
    const taken = photo.variants.map(({ name }) => name);
    return { name: words.find((word) => !taken.includes(word)), look };
  }

  borrow(photo, file) {
    return during("reference", t("Comparing the photos …"), async () => {
      const { hints, own, share } = await inSession(photo, () => api.reference(photo.id, file)).catch((error) => {
        error.message = error.message.replace(/^The reference:? /, `${t("The other photo:")} `);
        throw error;
      });
      if (!hints.length) throw new Error(t("The two photos have too little in common."));
      const strength = share < LITTLE ? 0.5 : 1;
      this.choose(photo, { name: t("Colours of {name}", { name: file.name || t("another photo") }), hints, own, strength });
      if (share < LITTLE)
        say("reference", t(
          "Only {percent} % of this photo looks like something in the other one. Its colours may not fit, and are taken at half strength.",
          { percent: Math.round(100 * share) },
        ));
    });
  }

  forget(photo) {
    for (const { url } of photo.variants) URL.revokeObjectURL(url);
    photo.variants = [];
    photo.variantsFor = null;
  }

  draw() {
    const photo = this.photo(), { base: chosen } = photo.choices;
    $("borrowed").hidden = !chosen?.own;
    if (chosen?.own) {
      $("borrow-strength").value = chosen.strength;
      $("borrow-value").textContent = `${Math.round(100 * chosen.strength)} %`;
    }
    $("variants").hidden = !this.offered(photo);
    const pressed = (hints) => JSON.stringify(hints) === JSON.stringify(chosen?.hints ?? []);
    const shown = photo.variants.map(({ name, hints, url }, at) => button("", {
      "data-key": `variant-${at}`, "aria-pressed": String(pressed(hints)),
      onclick: () => this.choose(photo, at ? { name, hints } : null),
    }, make("img", { src: url, alt: "" }), make("span", { textContent: name })));
    const coming = Array.from({ length: COUNT - shown.length }, () => make("div", { className: "coming" }));
    refill($("variants"), [...shown, ...coming]);
    this.drawn();
  }
}

// What variants are made with, besides their own hints.
function asked(photo) {
  const { base, own, ...options } = photo.choices;
  return JSON.stringify(options);
}

// How warm a picture is, and how colourful.
async function measure(blob) {
  const image = await createImageBitmap(blob, { resizeWidth: SIDE, resizeHeight: SIDE });
  const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d");
  context.drawImage(image, 0, 0);
  image.close();
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  let warmth = 0, chroma = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue] = data.subarray(at, at + 3);
    warmth += red - blue;
    chroma += Math.max(red, green, blue) - Math.min(red, green, blue);
  }
  return { warmth: warmth / SIDE ** 2, chroma: chroma / SIDE ** 2 };
}
