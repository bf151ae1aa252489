// Colour points of the photo: their list, and the picker that asks for the colour of one of them.

import { used } from "./colours.js";
import { $, button, make, refill } from "./dom.js";
import { during } from "./messages.js";
import * as outline from "./outline.js";
import { Picker } from "./picker.js";
import { t } from "./words.js";

const REST = 300; // milliseconds that a point is not moved before it is asked what may be there

export class Hints {
  // The point whose picker is open: {x, y, number, far, asItIs, likely, taking}. One that is new has the number
  // after the last, and becomes a point of the photo when its colour is chosen.
  #picked = null;

  // `edit(change, by)` changes the hints of the photo that `photo()` gives, `drop(choices)` what lies below. `show()` shows what the
  // photo is to look like now. `colourAt(photo, x, y)` and `suggest(photo, x, y)` tell the colour
  // that is shown at a point, and those that it may have; `reach(photo, x, y, far)` gives a picture
  // of what it would colour.
  constructor({ photo, viewer, edit, drop, show, colourAt, suggest, reach }) {
    Object.assign(this, { photo, viewer, edit, drop, show, colourAt, suggest, reach });
    this.picker = new Picker({
      attempt: (colour) => { if (colour || this.photo()?.trial) this.#try(colour); },
      choose: (colour) => this.#choose(colour),
      reachTo: (far) => this.#reachTo(far),
      take: () => this.#take(!this.#picked.taking),
      remove: (number) => this.#removed(number),
      next: () => this.#next(),
      leave: (back = true) => back ? this.#leave() : this.close(),
    });
    $("points-shown").addEventListener("click", () => this.#showPoints($("points").hidden));
    addEventListener("keydown", ({ key }) => { if (key === "Escape" && this.#picked) this.#leave(); });
    // Before what is pressed answers, and after it is known: what is below may move up.
    addEventListener("click", ({ target }) => {
      if (this.#picked && !target.closest?.("#picker, #viewer")) this.close();
    }, { capture: true });
  }

  // A click on the photo asks for a colour there, or closes the picker that is open.
  press(x, y) {
    if (this.#picked?.taking) return this.#taken(x, y);
    if (this.#picked) return this.close();
    return this.#pick({ x, y, number: this.#hints.length });
  }

  // Ask for a colour from the keyboard, which can then move the point.
  async add(x, y) {
    await this.#pick({ x, y, number: this.#hints.length });
    $("points").lastElementChild?.focus({ preventScroll: true });
  }

  // Ask for a colour under a sentence of its own; true once it is answered or left out, and false
  // when the picker is closed without.
  question(x, y, question) {
    this.close();
    return new Promise((answered) => {
      this.#pick({ x, y, number: this.#hints.length, question, answered }).then(() => this.picker.focus());
    });
  }

  // Open the picker of a point, and bring the keyboard there.
  async select(number) {
    if (number < this.#hints.length) {
      const [x, y] = this.#hints[number];
      await this.#pick({ x, y, number });
    }
    this.picker.focus();
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
    this.picker.hide();
    $("viewer").classList.remove("taking");
    outline.clear();
    if (tried) this.#try(null);
    if (open && this.photo()) this.draw();
    open?.answered?.(Boolean(open.done));
  }

  draw() {
    const { hints, base, strokes } = this.photo().choices;
    if (this.#picked?.number > hints.length) return this.close();
    const isNew = this.#picked?.number === hints.length;
    this.viewer.showHints(hints, isNew ? this.#picked : null);
    $("clear-points").hidden = hints.length + (strokes.length && 1) < 2;
    const below = [
      ...(base ? [this.#entry(base.name, "base", () => this.drop({ base: null }))] : []),
      ...(strokes.length ? [this.#entry(t("Strokes of the brush"), "strokes", () => this.drop({ strokes: [] }))] : []),
    ];
    refill($("hints"), [...below, ...hints.map((hint, at) => this.#line(hint, at))], $("add-point"));
    if (this.#picked) this.#drawPicker();
  }

  // Keep the point in sight, under what is seen of the photo, a box in pixels of the viewer.
  follow(photo) {
    if (this.#picked?.asItIs) this.picker.uncover(photo.top + this.#picked.y / this.viewer.height * photo.height);
  }

  get #hints() {
    return this.photo().choices.hints;
  }

  // Open the picker at once; likely colours are added when they are known.
  #pick(point) {
    const photo = this.photo(), picked = this.#picked = { ...point, asItIs: null, likely: [] };
    // A point reaches the thing that it is on, until something else is chosen.
    picked.far = this.#hints[point.number]?.[3] ?? "thing";
    const open = () => picked === this.#picked && photo === this.photo();
    this.#showPoints(true);
    this.picker.begun();
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
    if (picked.far === "everything") return outline.clear();
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
    return [x, y, colour, far];
  }

  // Show what a colour would make of the photo, without setting it.
  #try(colour) {
    this.photo().trial = colour && this.#picked && { number: this.#picked.number, hint: this.#hint(colour) };
    this.show();
  }

  #choose(colour) {
    const { number } = this.#picked, hint = this.#hint(colour);
    used(colour);
    this.photo().trial = null;
    this.edit((hints) => hints.toSpliced(number, 1, hint));
    if (this.#picked?.answered) this.#next();
  }

  // The question is done, with a colour or without.
  #next() {
    this.#picked.done = true;
    this.close();
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

  // The hints of a variant or of another photo are one entry, and so are strokes.
  #entry(name, key, remove) {
    return make("li", {}, make("span", { textContent: name }), button(t("Remove"), {
      "data-key": `remove-${key}`, "aria-label": t("Remove: {name}", { name }), onclick: remove,
    }));
  }

  #line([x, y, colour, ...far], number) {
    const well = make("input", {
      type: "color", value: colour, "aria-label": t("Colour of point {number}", { number: number + 1 }), "data-key": `colour-${number}`,
      onchange: ({ target }) => this.edit((hints) => hints.with(number, [x, y, target.value, ...far])),
    });
    return make("li", {}, well,
      button(t("Colour point {number}", { number: number + 1 }), { "data-key": `choose-${number}`, className: "plain", title: t("Likely colours"), onclick: () => this.select(number) }),
      button(t("Remove"), { "data-key": `remove-${number}`, "aria-label": t("Remove point {number}", { number: number + 1 }), onclick: () => this.remove(number) }));
  }

  #drawPicker() {
    this.picker.draw(this.#picked, this.#hints[this.#picked.number]?.[2]);
    this.viewer.draw();
  }

  // The next press on the photo gives the colour.
  #take(taking) {
    this.#picked.taking = taking;
    $("viewer").classList.toggle("taking", taking);
    this.#drawPicker();
  }

  async #taken(x, y) {
    const photo = this.photo(), picked = this.#picked;
    this.#take(false);
    const colour = await this.colourAt(photo, x, y);
    if (picked === this.#picked) this.#choose(colour);
  }

  #removed(number) {
    this.remove(number);
    $("viewer").focus({ preventScroll: true });
  }
}
