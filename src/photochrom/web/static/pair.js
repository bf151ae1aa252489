// Two pictures of the photo side by side, which are enlarged and moved together.

import { $, make, refill } from "./dom.js";
import { t } from "./words.js";
import { Zoom } from "./zoom.js";

const SIDES = ["left", "right"];

export class Pair extends Zoom {
  // `photo()` is the one in the viewer; `use(variant)` chooses what is seen on one side, and
  // `drawn(this)` is told when they are enlarged.
  constructor({ photo, use, drawn }) {
    super($("pair"), SIDES.map((side) => $(`${side}-view`)));
    Object.assign(this, { photo, use, placed: () => drawn(this) });
    for (const side of SIDES) {
      $(`${side}-shown`).addEventListener("change", ({ target }) => this.#show(side, target.value));
      $(`${side}-used`).addEventListener("click", () => this.use(this.photo().variants[this.#shown(side)]));
    }
  }

  get open() { return !$("pair").hidden; }

  toggle(open) {
    $("pair").hidden = !open;
    $("paired").setAttribute("aria-pressed", String(open));
    if (open) this.begun();
  }

  // Show the photo anew, whole: as it is now, and the first variant that is another.
  begun() {
    const photo = this.photo();
    $("pair").classList.toggle("wide", photo.width > photo.height);
    this.drawSides();
    this.fit(photo.width, photo.height);
  }

  begin(event) {
    return event.target.closest("select, button") ? null : this.grab(event);
  }

  key(event) {
    if (!event.target.closest("select, button")) super.key(event);
  }

  drawSides() {
    const photo = this.photo();
    if (!photo || !this.open) return;
    for (const side of SIDES) {
      const names = { before: t("Before"), now: t("As chosen"), ...photo.variants.map(({ name }) => name) };
      const shown = this.#shown(side), source = this.#source(shown);
      refill($(`${side}-shown`), Object.entries(names).map(([value, text]) => make("option", { value, text, selected: value === shown })));
      if ($(`${side}-image`).src !== source) $(`${side}-image`).src = source;
      $(`${side}-image`).alt = names[shown];
      $(`${side}-used`).disabled = !photo.variants[shown];
    }
  }

  #show(side, shown) {
    const photo = this.photo();
    photo.pair = { ...photo.pair, [side]: shown };
    this.drawSides();
  }

  #shown(side) {
    const { pair, variants, choices } = this.photo(), chosen = pair?.[side];
    if (chosen && (isNaN(chosen) || variants[chosen])) return chosen;
    if (side === "left") return "now";
    const other = choices.base ? 0 : 1;
    return variants[other] ? String(other) : "before";
  }

  #source(shown) {
    const { before, after, variants } = this.photo();
    return shown === "before" ? before : variants[shown]?.url ?? after?.url ?? before;
  }
}
