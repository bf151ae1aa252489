// The photos that are open, and what was chosen for each.

import * as api from "./api.js";
import * as shelf from "./shelf.js";
import { t } from "./words.js";

// The hints of a base. Those of another photo lie between the colours that the points have by
// themselves (`own`) and its own, as its strength says.
const laid = (base) => base?.own && base.strength < 1
  ? base.hints.map(([x, y, colour, ...far], at) => [x, y, mix(base.own[at], colour, base.strength), ...far])
  : base?.hints ?? [];

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const mix = (from, to, share) => {
  const [one, two] = [channels(from), channels(to)];
  return `#${one.map((value, at) => Math.round(value + share * (two[at] - value)).toString(16).padStart(2, "0")).join("")}`;
};

export class Photo {
  constructor({ name, size, file, ...told }, standard) {
    Object.assign(this, { name, size, file, done: [], undone: [], variants: [] });
    this.learn(told);
    this.choices = { ...standard, base: null, hints: [], strokes: [], things: [], ...shelf.chosen(this.key) };
  }

  // Note what the server says of it.
  learn({ id, width, height, film, missing, had_colour: hadColour }) {
    Object.assign(this, { id, width, height, film, missing, hadColour });
  }

  get key() {
    return `${this.name} ${this.size}`;
  }

  // What the server is asked for. The look of a variant or the hints of another photo, the base,
  // lie below one's own. A photo whose own colours are kept (`own`) is not asked for in others. The
  // things of a film are chosen for all of it, not for the frame that is shown.
  get options() {
    const { base, hints, own, things, ...options } = this.choices;
    return { ...options, ...base?.look, hints: [...laid(base), ...hints] };
  }

  // What its preview shows: colours, with one that is tried, or in red where they are uncertain.
  get shown() {
    if (this.choices.own) return { own: true };
    if (this.trial) {
      const { number, hint } = this.trial, { base, hints } = this.choices;
      return { ...this.options, hints: [...laid(base), ...hints.toSpliced(number, 1, hint)] };
    }
    return this.uncertain ? { ...this.options, show: "uncertainty" } : this.options;
  }

  // Choices `by` the same hand, such as a slider that is dragged, are undone as one.
  choose(choices, by = null) {
    if (!by || by !== this.by) this.done.push(this.choices);
    this.undone = [];
    this.by = by;
    this.#take(choices);
  }

  undo() {
    this.#step(this.done, this.undone);
  }

  redo() {
    this.#step(this.undone, this.done);
  }

  // Go back, or forward again, to choices that were there once.
  goTo(choices) {
    while (this.choices !== choices && this.done.includes(choices)) this.undo();
    while (this.choices !== choices && this.undone.includes(choices)) this.redo();
  }

  #step(from, to) {
    if (!from.length) return;
    to.push(this.choices);
    this.by = null;
    this.#take(from.pop());
  }

  #take(choices) {
    this.choices = choices;
    shelf.choose(this.key, choices);
  }
}

// Remember which photos are open, for the next time that the page is.
let album = { photos: [], current: null };
export function remember(photos, current) {
  album = { photos, current };
  const open = photos.map(({ id, width, height, film, name, size }) =>
    ({ id, width, height, film: film && { seconds: film.seconds, format: film.format, at: film.at }, name, size }));
  shelf.setOpen({ open, current: photos.indexOf(current) });
}

// Do work that needs the photo on the server; where that has forgotten it, it is sent again.
export async function inSession(photo, work) {
  try {
    return await work();
  } catch (error) {
    if (error.status !== 410) throw error;
    await sendAgain(photo);
    remember(album.photos, album.current);
    return work();
  }
}

// Send a photo's file again, and give what the server says of it.
export async function sendAgain(photo) {
  photo.file ??= await shelf.file(photo.key);
  if (!photo.file)
    throw new Error(t("{name} is no longer kept here. Add it again: what you chose for it comes back.", photo));
  const sent = await api.upload(photo.file, { film: Boolean(photo.film) });
  const at = photo.film?.at, told = at == null ? sent : await api.frame(sent.id, at);
  photo.id = told.id;
  return told;
}
