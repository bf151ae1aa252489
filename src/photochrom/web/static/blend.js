// While vividness is dragged, the photo is a blend of its least, middle and most vivid previews, which
// the browser shows at once. The preview that is asked for meanwhile then takes its place.

import { $ } from "./dom.js";

const ENDS = { calm: 0, middle: 0.5, vivid: 1 }; // each over those before it

export class Blend {
  #made = null; // {photo, but, urls}: the ends of a photo, and what else was chosen for it

  // `photo()` is in the viewer, `look(photo, options)` gives a preview. `ratio()` is how much more
  // chroma the most vivid one has than the least.
  constructor({ photo, look, ratio }) {
    Object.assign(this, { photo, look, ratio });
    for (const begin of ["pointerdown", "focus"]) $("vividness").addEventListener(begin, () => this.begin());
    $("vividness").addEventListener("input", ({ target }) => this.show(Number(target.value)));
  }

  // Fetch the ends, unless they are there.
  async begin() {
    const photo = this.photo(), but = rest(photo);
    if (photo.choices.own || photo.uncertain || this.#fits(photo, but)) return;
    const blobs = await Promise.all(Object.values(ENDS).map((vividness) =>
      this.look(photo, { ...photo.options, vividness }))).catch(() => null); // the preview tells what is wrong
    if (!blobs || photo !== this.photo() || this.#fits(photo, but)) return;
    this.#forget();
    this.#made = { photo, but, urls: blobs.map((blob) => URL.createObjectURL(blob)) };
    Object.keys(ENDS).forEach((id, at) => { $(id).src = this.#made.urls[at]; });
  }

  // The mean of two ends has the chroma that a vividness between them gives: it grows as a power.
  show(vividness) {
    if (!this.#fits(this.photo(), rest(this.photo()))) return;
    const ids = Object.keys(ENDS), chroma = (from, to) => this.ratio() ** (to - from) - 1;
    ids.slice(1).forEach((id, at) => {
      const from = ENDS[ids[at]], to = ENDS[id], reached = Math.min(Math.max(vividness, from), to);
      $(id).style.opacity = chroma(from, to) ? chroma(from, reached) / chroma(from, to) : (reached - from) / (to - from);
    });
    for (const id of ids) $(id).hidden = false;
  }

  // The photo has a preview: the right one hides the blend.
  drawn(photo) {
    if (photo.shownAs === JSON.stringify(photo.shown)) for (const id of Object.keys(ENDS)) $(id).hidden = true;
  }

  #fits(photo, but) {
    return this.#made?.photo === photo && this.#made.but === but;
  }

  #forget() {
    for (const url of this.#made?.urls ?? []) URL.revokeObjectURL(url);
    this.#made = null;
  }
}

// What is chosen for a photo besides its vividness.
function rest(photo) {
  const { vividness, ...others } = photo.options;
  return JSON.stringify(others);
}
