// Colour points of the photo: their list, and the colour picker beside the chosen one.

import { $, button, make, refill } from "./dom.js";
import { during, say } from "./messages.js";

const APART = 24; // pixels between a point and its picker

export class Hints {
  selected = null; // the number of the point whose picker is open

  // `edit(change, by)` changes the hints of the photo that `photo()` gives.
  constructor({ photo, viewer, variants, edit, drop }) {
    Object.assign(this, { photo, viewer, variants, edit, drop });
    $("points-shown").addEventListener("click", () => this.#show($("points").hidden));
    $("picker").addEventListener("keydown", (event) => { if (event.key === "Escape") this.#done(); });
  }

  // A new point has the colour that is likeliest there, until another is chosen.
  add(x, y) {
    const photo = this.photo();
    return during("point", "Looking …", async () => {
      const [colour] = await this.variants.suggest(photo, x, y);
      if (photo !== this.photo()) return;
      this.selected = photo.choices.hints.length;
      this.#show(true);
      this.edit((hints) => [...hints, [x, y, colour ?? "#888888"]]);
    });
  }

  move(number, x, y, by) {
    this.edit((hints) => hints.map((hint, at) => at === number ? [x, y, hint[2]] : hint), by);
  }

  recolour(number, colour) {
    this.edit((hints) => hints.map(([x, y, old], at) => [x, y, at === number ? colour : old]));
  }

  remove(number) {
    this.selected = null;
    this.edit((hints) => hints.filter((_, at) => at !== number));
  }

  // Open the picker of a point, and bring the keyboard there.
  select(number) {
    this.selected = number;
    this.draw().then(() => $("picker").querySelector("button, input")?.focus({ preventScroll: true }));
  }

  async draw() {
    const { hints, base } = this.photo().choices;
    if (!hints[this.selected]) this.selected = null;
    this.viewer.showHints(hints);
    $("clear-points").hidden = hints.length < 2;
    refill($("hints"), [...(base ? [this.#base(base)] : []), ...hints.map((hint, at) => this.#line(hint, at))], $("add-point"));
    await this.#showPicker();
  }

  // Keep the picker near its point, and inside of the viewer.
  follow(photo, seen) {
    const hint = this.photo()?.choices.hints[this.selected], picker = $("picker");
    if (!hint || picker.hidden) return;
    const x = photo.left + hint[0] / this.viewer.width * photo.width;
    const y = photo.top + hint[1] / this.viewer.height * photo.height;
    const { width, height } = this.viewer.room;
    const below = y + APART + picker.offsetHeight <= height;
    const left = Math.min(width - picker.offsetWidth - 6, Math.max(6, x - picker.offsetWidth / 2));
    const top = below ? y + APART : Math.max(6, y - APART - picker.offsetHeight);
    Object.assign(picker.style, { left: `${left}px`, top: `${Math.min(top, height - picker.offsetHeight - 6)}px` });
  }

  #show(shown) {
    $("points").hidden = !shown;
    $("points-shown").setAttribute("aria-pressed", String(shown));
    if (!shown) this.#close();
  }

  #close() {
    this.selected = null;
    $("picker").hidden = true;
  }

  #done() {
    const point = $("points").children[this.selected];
    this.#close();
    (point ?? $("viewer")).focus({ preventScroll: true });
  }

  // The hints of a variant, or of another photo, are one entry.
  #base({ name }) {
    return make("li", {}, make("span", { textContent: name }), button("Remove", {
      "data-key": "remove-base", "aria-label": `Remove: ${name}`, onclick: () => this.drop(),
    }));
  }

  #line([, , colour], number) {
    const name = `Colour point ${number + 1}`;
    const well = this.#well(number, colour, `Colour of point ${number + 1}`, `colour-${number}`);
    return make("li", {}, well,
      button(name, { "data-key": `choose-${number}`, className: "plain", title: "Likely colours", onclick: () => this.select(number) }),
      button("Remove", { "data-key": `remove-${number}`, "aria-label": `Remove point ${number + 1}`, onclick: () => this.remove(number) }));
  }

  #well(number, colour, label, key) {
    return make("input", {
      type: "color", value: colour, "aria-label": label, "data-key": key,
      onchange: (event) => this.recolour(number, event.target.value),
    });
  }

  async #showPicker() {
    const number = this.selected, photo = this.photo(), picker = $("picker");
    if (number === null) return this.#close();
    const [x, y, colour] = photo.choices.hints[number];
    let colours = [];
    try {
      colours = await this.variants.suggest(photo, x, y);
    } catch (error) {
      say("point", error.message);
    }
    if (photo !== this.photo() || photo.choices.hints[this.selected]?.join() !== [x, y, colour].join()) return;
    picker.setAttribute("aria-label", `Colour of point ${number + 1}`);
    refill(picker, [
      make("div", { className: "swatches" }, ...colours.map((one, at) => this.#swatch(one, at, colour))),
      make("div", { className: "buttons" },
        make("label", { className: "control" }, this.#well(number, colour, "Another colour", "another-0"), "Other"),
        button("Remove", { "data-key": "gone-0", "aria-label": "Remove this point", onclick: () => this.#removed(number) }),
        button("Done", { "data-key": "done-0", onclick: () => this.#done() })),
    ]);
    picker.hidden = false;
    this.viewer.draw();
  }

  #removed(number) {
    this.remove(number);
    $("viewer").focus({ preventScroll: true });
  }

  #swatch(one, at, chosen) {
    const swatch = button("", {
      "data-key": `swatch-${at}`, "aria-label": `Likely colour ${at + 1}, ${one}`,
      "aria-pressed": String(one === chosen), onclick: () => this.recolour(this.selected, one),
    });
    swatch.style.background = one;
    return swatch;
  }
}
