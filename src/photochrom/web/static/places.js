// Places of the photograph and their colours: the list, and the palette beside the chosen one.

import { $, button, make, refill } from "./dom.js";
import { during, say } from "./messages.js";

const APART = 24; // pixels between a place and its palette

export class Places {
  selected = null; // the number of the place whose palette is open

  // `edit(change, by)` changes the hints of the photograph that `photo()` gives.
  constructor({ photo, stage, guides, edit, drop }) {
    Object.assign(this, { photo, stage, guides, edit, drop });
    $("marks-shown").addEventListener("click", () => this.#show($("marks").hidden));
    $("palette").addEventListener("keydown", (event) => { if (event.key === "Escape") this.#done(); });
  }

  // A new place has the colour that is likeliest there, until another is chosen.
  add(x, y) {
    const photo = this.photo();
    return during("place", "Looking …", async () => {
      const [colour] = await this.guides.suggest(photo, x, y);
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

  // Open the palette of a place, and bring the keyboard there.
  select(number) {
    this.selected = number;
    this.draw().then(() => $("palette").querySelector("button, input")?.focus({ preventScroll: true }));
  }

  async draw() {
    const { hints, base } = this.photo().choices;
    if (!hints[this.selected]) this.selected = null;
    this.stage.hints(hints);
    $("hint-none").hidden = hints.length < 2;
    refill($("hints"), [...(base ? [this.#base(base)] : []), ...hints.map((hint, at) => this.#line(hint, at))], $("hint-middle"));
    await this.#palette();
  }

  // Keep the palette near its place, and inside of the stage.
  follow(photo, seen) {
    const hint = this.photo()?.choices.hints[this.selected], palette = $("palette");
    if (!hint || palette.hidden) return;
    const x = photo.left + hint[0] / this.stage.width * photo.width;
    const y = photo.top + hint[1] / this.stage.height * photo.height;
    const { width, height } = this.stage.room;
    const below = y + APART + palette.offsetHeight <= height;
    const left = Math.min(width - palette.offsetWidth - 6, Math.max(6, x - palette.offsetWidth / 2));
    const top = below ? y + APART : Math.max(6, y - APART - palette.offsetHeight);
    Object.assign(palette.style, { left: `${left}px`, top: `${Math.min(top, height - palette.offsetHeight - 6)}px` });
  }

  #show(shown) {
    $("marks").hidden = !shown;
    $("marks-shown").setAttribute("aria-pressed", String(shown));
    if (!shown) this.#close();
  }

  #close() {
    this.selected = null;
    $("palette").hidden = true;
  }

  #done() {
    const mark = $("marks").children[this.selected];
    this.#close();
    (mark ?? $("stage")).focus({ preventScroll: true });
  }

  // The hints of a version, or of another picture, are one thing.
  #base({ name }) {
    return make("li", {}, make("span", { textContent: name }), button("Remove", {
      "data-key": "remove-base", "aria-label": `Remove: ${name}`, onclick: () => this.drop(),
    }));
  }

  #line([, , colour], number) {
    const name = `Place ${number + 1}`;
    const well = this.#well(number, colour, `Colour of place ${number + 1}`, `colour-${number}`);
    return make("li", {}, well,
      button(name, { "data-key": `choose-${number}`, className: "plain", title: "Likely colours", onclick: () => this.select(number) }),
      button("Remove", { "data-key": `remove-${number}`, "aria-label": `Remove place ${number + 1}`, onclick: () => this.remove(number) }));
  }

  #well(number, colour, label, key) {
    return make("input", {
      type: "color", value: colour, "aria-label": label, "data-key": key,
      onchange: (event) => this.recolour(number, event.target.value),
    });
  }

  async #palette() {
    const number = this.selected, photo = this.photo(), palette = $("palette");
    if (number === null) return this.#close();
    const [x, y, colour] = photo.choices.hints[number];
    let colours = [];
    try {
      colours = await this.guides.suggest(photo, x, y);
    } catch (error) {
      say("place", error.message);
    }
    if (photo !== this.photo() || photo.choices.hints[this.selected]?.join() !== [x, y, colour].join()) return;
    palette.setAttribute("aria-label", `Colour of place ${number + 1}`);
    refill(palette, [
      make("div", { className: "swatches" }, ...colours.map((one, at) => this.#swatch(one, at, colour))),
      make("div", { className: "buttons" },
        make("label", { className: "control" }, this.#well(number, colour, "Another colour", "another-0"), "Other"),
        button("Remove", { "data-key": "gone-0", "aria-label": "Remove this place", onclick: () => this.#removed(number) }),
        button("Done", { "data-key": "done-0", onclick: () => this.#done() })),
    ]);
    palette.hidden = false;
    this.stage.draw();
  }

  #removed(number) {
    this.remove(number);
    $("stage").focus({ preventScroll: true });
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
