// Colour points of the photo: their list, and the picker that asks for the colour of one of them.

import { $, button, make, refill } from "./dom.js";
import { during } from "./messages.js";
import * as outline from "./outline.js";

const APART = 24; // pixels between a point and its picker
const FAR = { spot: "This spot", thing: "This thing", everything: "Everything like it" };
const REST = 300; // milliseconds that a point is not moved before it is asked what may be there

export class Hints {
  // The point whose picker is open: {x, y, number, asItIs, likely}. One that is new has the number
  // after the last, and becomes a point of the photo when its colour is chosen.
  #picked = null;

  // `edit(change, by)` changes the hints of the photo that `photo()` gives. `show()` shows what the
  // photo is to look like now. `colourAt(photo, x, y)` and `suggest(photo, x, y)` tell the colour
  // that is shown at a point, and those that it may have; `reach(photo, x, y, far)` gives a picture
  // of what it would colour.
  constructor({ photo, viewer, edit, drop, show, colourAt, suggest, reach }) {
    Object.assign(this, { photo, viewer, edit, drop, show, colourAt, suggest, reach });
    $("points-shown").addEventListener("click", () => this.#showPoints($("points").hidden));
    addEventListener("keydown", ({ key }) => { if (key === "Escape" && this.#picked) this.#leave(); });
    addEventListener("pointerdown", ({ target }) => {
      if (this.#picked && !target.closest?.("#picker, #viewer")) this.close();
    });
  }

  // A click on the photo asks for a colour there, or closes the picker that is open.
  press(x, y) {
    if (this.#picked) return this.close();
    return this.#pick({ x, y, number: this.#hints.length });
  }

  // Ask for a colour from the keyboard, which can then move the point.
  async add(x, y) {
    await this.#pick({ x, y, number: this.#hints.length });
    $("points").lastElementChild?.focus({ preventScroll: true });
  }

  // Open the picker of a point, and bring the keyboard there.
  async select(number) {
    if (number < this.#hints.length) {
      const [x, y] = this.#hints[number];
      await this.#pick({ x, y, number });
    }
    $("picker").querySelector("button")?.focus({ preventScroll: true });
  }

  move(number, x, y, by) {
    if (number === this.#hints.length) return this.#pick({ x, y, number, moved: true });
    this.edit((hints) => hints.map((hint, at) => at === number ? [x, y, ...hint.slice(2)] : hint), by);
    if (this.#picked?.number === number) return this.#pick({ x, y, number, moved: true });
  }

  remove(number) {
    this.close();
    if (number < this.#hints.length) this.edit((hints) => hints.filter((_, at) => at !== number));
  }

  close() {
    const tried = Boolean(this.photo()?.trial), open = this.#picked;
    this.#picked = null;
    $("picker").hidden = true;
    outline.clear();
    if (tried) this.#try(null);
    if (open && this.photo()) this.draw();
  }

  draw() {
    const { hints, base } = this.photo().choices;
    if (this.#picked?.number > hints.length) return this.close();
    const isNew = this.#picked?.number === hints.length;
    this.viewer.showHints(hints, isNew ? this.#picked : null);
    $("clear-points").hidden = hints.length < 2;
    refill($("hints"), [...(base ? [this.#base(base)] : []), ...hints.map((hint, at) => this.#line(hint, at))], $("add-point"));
    if (this.#picked) this.#drawPicker();
  }

  // Keep the picker near its point, and inside of the viewer.
  follow(photo) {
    const picker = $("picker");
    if (!this.#picked || picker.hidden) return;
    const x = photo.left + this.#picked.x / this.viewer.width * photo.width;
    const y = photo.top + this.#picked.y / this.viewer.height * photo.height;
    const { width, height } = this.viewer.room;
    if (getComputedStyle(picker).position === "fixed") return this.#uncover(y);
    const below = y + APART + picker.offsetHeight <= height;
    const left = Math.min(width - picker.offsetWidth - 6, Math.max(6, x - picker.offsetWidth / 2));
    const top = below ? y + APART : Math.max(6, y - APART - picker.offsetHeight);
    Object.assign(picker.style, { left: `${left}px`, top: `${Math.min(top, height - picker.offsetHeight - 6)}px` });
  }

  // On a telephone the picker is a sheet at the bottom: scroll the point out from under it.
  #uncover(y) {
    const under = $("viewer").getBoundingClientRect().top + y + APART - (innerHeight - $("picker").offsetHeight);
    if (under > 0) scrollBy(0, under);
  }

  get #hints() {
    return this.photo().choices.hints;
  }

  // Open the picker at once; likely colours are added when they are known.
  #pick(point) {
    const photo = this.photo(), picked = this.#picked = { ...point, asItIs: null, likely: [] };
    // A point reaches the thing that it is on, until something else is chosen. In films, all like it.
    picked.far = photo.film ? null : (this.#hints[point.number] ?? [0, 0, 0, "thing"])[3] ?? "everything";
    const open = () => picked === this.#picked && photo === this.photo();
    this.#showPoints(true);
    this.draw();
    return during("point", "", async () => {
      picked.asItIs = this.#hints[point.number]?.[2] ?? await this.colourAt(photo, point.x, point.y);
      if (!open()) return;
      this.draw();
      await new Promise((done) => setTimeout(done, point.moved ? REST : 0));
      if (!open()) return;
      picked.likely = await this.suggest(photo, point.x, point.y);
      if (!open()) return;
      this.draw();
      await this.#outline(picked);
    });
  }

  // Show what the point reaches, before it is given a colour.
  async #outline(picked) {
    if (!picked.far || picked.far === "everything") return outline.clear();
    const { x, y, far } = picked, mask = await this.reach(this.photo(), x, y, far);
    if (picked === this.#picked && picked.far === far) await outline.draw(mask);
  }

  // Let the point reach so far; one that has its colour does at once.
  #reachTo(far) {
    const { x, y, number } = this.#picked;
    this.#picked.far = far;
    during("point", "", () => this.#outline(this.#picked));
    if (number < this.#hints.length) this.edit((hints) => hints.with(number, [x, y, hints[number][2], far]));
  }

  // The hint that a colour makes of the point.
  #hint(colour) {
    const { x, y, far } = this.#picked;
    return far ? [x, y, colour, far] : [x, y, colour];
  }

  // Show what a colour would make of the photo, without setting it.
  #try(colour) {
    this.photo().trial = colour && this.#picked && { number: this.#picked.number, hint: this.#hint(colour) };
    this.show();
  }

  #choose(colour) {
    const { number } = this.#picked, hint = this.#hint(colour);
    this.photo().trial = null;
    this.edit((hints) => hints.toSpliced(number, 1, hint));
  }

  #showPoints(shown) {
    $("points").hidden = !shown;
    $("points-shown").setAttribute("aria-pressed", String(shown));
    if (!shown) this.close();
  }

  // Close the picker, and bring the keyboard back to the point.
  #leave() {
    const { number } = this.#picked;
    this.close();
    ($("points").children[number] ?? $("viewer")).focus({ preventScroll: true });
  }

  // The hints of a variant, or of another photo, are one entry.
  #base({ name }) {
    return make("li", {}, make("span", { textContent: name }), button("Remove", {
      "data-key": "remove-base", "aria-label": `Remove: ${name}`, onclick: () => this.drop(),
    }));
  }

  #line([x, y, colour, ...far], number) {
    const well = make("input", {
      type: "color", value: colour, "aria-label": `Colour of point ${number + 1}`, "data-key": `colour-${number}`,
      onchange: ({ target }) => this.edit((hints) => hints.with(number, [x, y, target.value, ...far])),
    });
    return make("li", {}, well,
      button(`Colour point ${number + 1}`, { "data-key": `choose-${number}`, className: "plain", title: "Likely colours", onclick: () => this.select(number) }),
      button("Remove", { "data-key": `remove-${number}`, "aria-label": `Remove point ${number + 1}`, onclick: () => this.remove(number) }));
  }

  #drawPicker() {
    const { number, asItIs, likely } = this.#picked, picker = $("picker"), chosen = this.#hints[number]?.[2];
    picker.hidden = !asItIs;
    if (!asItIs) return;
    picker.setAttribute("aria-label", `Colour of point ${number + 1}`);
    refill(picker, [
      make("p", { textContent: "What colour is this?" }),
      make("div", { className: "swatches", onpointerleave: () => this.#try(null) },
        this.#swatch(asItIs, "as-it-is", "As it is", chosen),
        ...likely.map((colour, at) => this.#swatch(colour, `swatch-${at}`, `Likely colour ${at + 1}`, chosen))),
      ...(this.#picked.far ? [this.#far()] : []),
      make("div", { className: "buttons" },
        make("label", { className: "control" }, this.#other(chosen ?? asItIs), "Other"),
        ...(chosen ? [button("Remove", { "data-key": "gone-0", "aria-label": "Remove this point", onclick: () => this.#removed(number) })] : []),
        button(chosen ? "Done" : "Cancel", { "data-key": "done-0", onclick: () => this.#leave() })),
    ]);
    this.viewer.draw();
  }

  #far() {
    const choices = Object.entries(FAR).map(([far, name]) => make("label", {}, make("input", {
      type: "radio", name: "far", value: far, checked: far === this.#picked.far, "data-key": `far-${far}`,
      onchange: () => this.#reachTo(far),
    }), name));
    return make("fieldset", { className: "far" }, make("legend", { textContent: "How far?" }), ...choices);
  }

  #removed(number) {
    this.remove(number);
    $("viewer").focus({ preventScroll: true });
  }

  #other(colour) {
    return make("input", {
      type: "color", value: colour, "aria-label": "Another colour", "data-key": "another-0",
      oninput: ({ target }) => this.#try(target.value),
      onchange: ({ target }) => this.#choose(target.value),
    });
  }

  // A colour is tried under the pointer or the keyboard, and set by a press. A mouse has seen it
  // by then, so that its press closes the picker, too.
  #swatch(colour, key, name, chosen) {
    const swatch = button("", {
      "data-key": key, "aria-label": `${name}, ${colour}`, title: name, "aria-pressed": String(colour === chosen),
      onpointerenter: ({ pointerType }) => { if (pointerType === "mouse") this.#try(colour); },
      onfocus: ({ target }) => { if (target.matches(":focus-visible")) this.#try(colour); },
      onblur: () => { if (this.photo()?.trial) this.#try(null); },
      onclick: ({ pointerType }) => {
        this.#choose(colour);
        if (pointerType === "mouse") this.close();
      },
    });
    swatch.style.setProperty("--colour", colour);
    if (key === "as-it-is") swatch.append(name);
    return swatch;
  }
}
