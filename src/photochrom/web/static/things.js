// The things that are remembered of a film: each has a colour, which may be another one, or be
// forgotten. What is chosen holds for the next colouring.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { named, used } from "./colours.js";
import { $, button, make, refill } from "./dom.js";
import { during } from "./messages.js";
import { Picker } from "./picker.js";
import { searched, searching } from "./search.js";
import { t } from "./words.js";

const FORGOTTEN = "none"; // the colour of a thing that is to be forgotten

const isOf = ({ at, x, y }) => ([chosenAt, chosenX, chosenY]) => at === chosenAt && x === chosenX && y === chosenY;

export class Things {
  #picked = null; // the thing whose picker is open

  // `photo()` is in the viewer; `shots` finds the shots of a film; `edit(change)` changes what is
  // chosen for the things of the film in the viewer, [[seconds, x, y, colour]].
  constructor({ photo, shots, edit }) {
    Object.assign(this, { photo, shots, edit });
    this.picker = new Picker({
      attempt: (colour) => { if (this.#picked) this.#try(colour); },
      choose: (colour) => {
        used(colour);
        this.#choose(this.#picked, colour);
      },
      remove: () => {
        this.#choose(this.#picked, null);
        this.#leave();
      },
      leave: () => this.#leave(),
      removal: t("Remove the colour of this thing"),
    });
    $("film-things").addEventListener("click", () => this.find(photo()));
    addEventListener("keydown", ({ key }) => { if (key === "Escape" && this.#picked) this.#leave(); });
    addEventListener("click", ({ target }) => {
      if (this.#picked && !target.closest?.("#picker, #viewer")) this.close();
    }, { capture: true });
  }

  // Have the things of a film looked for, which needs its shots, and then their pictures.
  find(photo) {
    const { film } = photo;
    return during("things", "", async () => {
      if (film.search?.state !== "done") await this.shots.find(photo);
      if (film.search?.state !== "done") return;
      const pictures = new Map(film.things?.things.map((one) => [JSON.stringify([one.at, one.x, one.y]), one.picture]));
      try {
        await searched(() => inSession(photo, () => api.things(photo.id)), (search) => {
          if (searching(search)) search.things = film.things?.things ?? []; // those of before
          film.things = search;
          this.draw();
        });
      } catch (error) {
        film.things = null; // the button is there for another try
        this.draw();
        throw error;
      }
      for (const [at, thing] of film.things.things.entries()) {
        thing.picture = pictures.get(JSON.stringify([thing.at, thing.x, thing.y]))
          ?? URL.createObjectURL(await inSession(photo, () => api.thing(photo.id, at + 1)));
        this.draw();
      }
    });
  }

  close() {
    if (!this.#picked) return;
    this.#try(null);
    this.#picked = null;
    this.picker.hide();
  }

  draw() {
    const { film } = this.photo() ?? {}, found = film?.things;
    $("things").hidden = !film || !(found || film.work?.state === "done");
    if ($("things").hidden) return;
    $("film-things").hidden = Boolean(found);
    $("things-help").hidden = !found || searching(found);
    $("things-status").textContent = searching(found)
      ? t("Looking for the things: {percent} %", { percent: Math.floor(100 * found.share) })
      : found && !found.things.length ? t("Nothing is remembered of this film.") : "";
    refill($("things-list"), (found?.things ?? []).map((thing, at) => this.#line(thing, at)), $("things-list"));
    if (this.#picked) this.#drawPicker();
  }

  // What is chosen for a thing: a colour, `FORGOTTEN`, or nothing.
  #chosen(thing) {
    return this.photo().choices.things.find(isOf(thing))?.[3];
  }

  #colour(thing) {
    const chosen = this.#chosen(thing);
    return chosen && chosen !== FORGOTTEN ? chosen : thing.colour;
  }

  #choose(thing, colour) {
    const { at, x, y } = thing;
    this.edit((things) => [...things.filter((one) => !isOf(thing)(one)), ...(colour ? [[at, x, y, colour]] : [])]);
  }

  #line(thing, at) {
    const number = at + 1, chosen = this.#chosen(thing), forgotten = chosen === FORGOTTEN, count = thing.shots.length;
    const words = { colour: named(this.#colour(thing)), count };
    const entry = button("", {
      "data-key": `thing-${at}`, className: "plain", title: t("Give this thing another colour"),
      onclick: () => this.#pick(thing, at),
    }, make("img", { alt: "", ...(thing.picture && { src: thing.picture }) }), make("i", {}),
    make("span", { textContent: count > 1 ? t("{colour}, in {count} shots", words) : t("{colour}, in one shot", words) }));
    entry.style.setProperty("--colour", this.#colour(thing));
    return make("li", {}, entry, button(t("Forget"), {
      "data-key": `forget-${at}`, "aria-pressed": String(forgotten), "aria-label": t("Forget thing {number}", { number }),
      title: t("Other shots then do not take its colour"), onclick: () => this.#choose(thing, forgotten ? null : FORGOTTEN),
    }));
  }

  #pick(thing, number) {
    this.#picked = { ...thing, number };
    this.picker.begun();
    this.#drawPicker();
    this.picker.focus();
  }

  #drawPicker() {
    const { number, colour, colours, picture } = this.#picked, chosen = this.#chosen(this.#picked);
    const label = t("Colour of thing {number}", { number: number + 1 });
    this.picker.draw({ label, picture, asItIs: colour, likely: colours }, chosen === FORGOTTEN ? null : chosen);
  }

  // Show a colour at the thing, without choosing it.
  #try(colour) {
    this.#chip()?.style.setProperty("--colour", colour ?? this.#colour(this.#picked));
  }

  #chip() {
    return $("things-list").children[this.#picked.number]?.firstChild;
  }

  // Close the picker, and bring the keyboard back to the thing.
  #leave() {
    const entry = this.#chip();
    this.close();
    entry?.focus();
  }
}
