// Likely colours of points, variants to choose from, and the colours of another photo.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { $, button, make, refill } from "./dom.js";
import { during, say } from "./messages.js";
import { t } from "./words.js";

const LITTLE = 0.3; // of a photo that looks like another one: too little in common
const WARM = 0.6; // how much warmer or cooler a variant is
const CALM = 0.55; // of the chroma that a calmer one keeps
const REST = 700; // milliseconds without another choice before variants are made

// The variants of a photo, the automatic one first: what each adds to what is chosen.
const looks = () => [
  { name: t("Automatic"), look: {} },
  { name: t("Calmer"), look: { strength: CALM } },
  { name: t("Warmer"), look: { warmth: WARM } },
  { name: t("Cooler"), look: { warmth: -WARM } },
  { name: t("Hand-coloured"), look: { palette: "hand-coloured" } },
];

export class Variants {
  #suggested = new Map();
  #timer;
  #making = false;

  // `choose(photo, base)` lays a variant, or the hints of another photo, below one's own;
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
    if (this.photo() !== photo || (photo.variants.length && photo.variantsFor !== asked(photo))) this.rest();
  }

  async #fetch(photo) {
    const wanted = asked(photo), current = () => photo === this.photo() && wanted === asked(photo);
    for (const [at, { name, look }] of looks().entries()) {
      if (!current()) return;
      const blob = await inSession(photo, () => api.preview(photo.id, { ...JSON.parse(wanted), ...look }));
      if (photo.variants[at]) URL.revokeObjectURL(photo.variants[at].url);
      photo.variants[at] = { name, look, url: URL.createObjectURL(blob) };
      if (photo === this.photo()) this.draw();
    }
    photo.variantsFor = wanted;
  }

  borrow(photo, file) {
    return during("reference", t("Comparing the photos …"), async () => {
      const { hints, own, share, palette } = await inSession(photo, () => api.reference(photo.id, file)).catch((error) => {
        error.message = error.message.replace(/^The reference:? /, `${t("The other photo:")} `);
        throw error;
      });
      const name = t("Colours of {name}", { name: file.name || t("another photo") });
      if (hints.length && share >= LITTLE) return this.choose(photo, { name, hints, own, strength: 1 });
      this.choose(photo, { name, look: { palette } });
      say("reference", t(
        "Only {percent} % of this photo looks like something in the other one. So its palette is taken: its colours as a whole, wherever they fit.",
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
    const pressed = (look) => !chosen?.hints && JSON.stringify(look) === JSON.stringify(chosen?.look ?? {});
    const shown = photo.variants.map(({ name, look, url }, at) => button("", {
      "data-key": `variant-${at}`, "aria-pressed": String(pressed(look)),
      onclick: () => this.choose(photo, at ? { name, look } : null),
    }, make("img", { src: url, alt: "" }), make("span", { textContent: name })));
    const coming = Array.from({ length: looks().length - shown.length }, () => make("div", { className: "coming" }));
    refill($("variants"), [...shown, ...coming]);
    this.drawn();
  }
}

// What variants are made with, besides their looks.
function asked(photo) {
  const { base, own, things, ...options } = photo.choices;
  return JSON.stringify(options);
}
