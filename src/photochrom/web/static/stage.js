// The photograph on the stage: fitted, zoomed and moved, with the marks of its places.

import { button, make } from "./dom.js";
import { watch } from "./gestures.js";

const CLOSEST = 4; // screen pixels to one of the original; small photographs may be enlarged as much
const STEP = 1.25;

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export class Stage {
  // `drawn(photo, seen)` is told what is where, as boxes in pixels of the stage.
  constructor({ stage, view, marks, tells, compare, place, move, select, remove, drawn }) {
    Object.assign(this, { stage, view, marks, tells, compare, place, move, select, remove, drawn });
    Object.assign(this, { scale: 1, x: 0, y: 0 });
    watch(stage, {
      begin: (event) => this.#begin(event),
      grab: (event) => this.#grab(event),
      pinch: (factor, from, to) => {
        this.x += to.clientX - from.clientX;
        this.y += to.clientY - from.clientY;
        this.zoom(factor, to);
      },
    });
    stage.addEventListener("keydown", (event) => this.#key(event));
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    marks.addEventListener("click", ({ target, detail }) => { if (!detail) this.select(Number(target.dataset.number)); });
    new ResizeObserver(() => this.#layout()).observe(stage);
  }

  // Show a photograph of so many pixels, whole.
  fit(width, height) {
    Object.assign(this, { width, height, scale: 1, x: 0, y: 0 });
    this.stage.style.setProperty("--shape", width / height);
    this.#layout();
  }

  zoom(factor, about = null) {
    const room = this.stage.getBoundingClientRect();
    const farthest = Math.max(CLOSEST, CLOSEST * this.width / this.wide);
    const scale = clamp(this.scale * factor, 1, farthest);
    const x = about ? about.clientX - room.left - room.width / 2 : 0;
    const y = about ? about.clientY - room.top - room.height / 2 : 0;
    this.x = x - (x - this.x) * scale / this.scale;
    this.y = y - (y - this.y) * scale / this.scale;
    this.scale = scale;
    this.draw();
  }

  closer() { this.zoom(STEP); }

  farther() { this.zoom(1 / STEP); }

  // The part of the photograph that is seen, in its pixels.
  get part() {
    const { photo, seen } = this.boxes;
    const x = this.width / photo.width, y = this.height / photo.height;
    const left = Math.floor((seen.left - photo.left) * x), top = Math.floor((seen.top - photo.top) * y);
    return {
      left, top,
      width: Math.min(this.width - left, Math.ceil(seen.width * x) + 1),
      height: Math.min(this.height - top, Math.ceil(seen.height * y) + 1),
    };
  }

  hints(hints) {
    const held = document.activeElement?.dataset.number;
    const focused = this.marks.contains(document.activeElement);
    this.marks.replaceChildren(...hints.map(([x, y, colour], number) => {
      const mark = button("", {
        "aria-label": `Place ${number + 1}. Enter chooses its colour, arrows move it, Delete removes it.`,
        "data-number": number,
      });
      mark.style.background = colour;
      return this.#put(mark, x, y);
    }));
    this.draw();
    if (focused) (this.marks.children[held] ?? this.stage).focus({ preventScroll: true });
  }

  // Rings at places in doubt.
  rings(places) {
    this.tells.replaceChildren(...places.map(({ x, y }) => this.#put(make("span"), x, y)));
    this.draw();
  }

  draw() {
    if (!this.width) return;
    const room = this.room;
    this.x = this.#bounded(this.x, this.wide, room.width);
    this.y = this.#bounded(this.y, this.high, room.height);
    this.view.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    for (const mark of [...this.marks.children, ...this.tells.children]) mark.style.transform = `scale(${1 / this.scale})`;
    // A finger on the whole photograph scrolls the page; on an enlarged one it moves it.
    this.stage.style.touchAction = this.scale > 1 ? "none" : "pan-y";
    const { photo, seen } = this.boxes;
    this.compare.draw(photo, seen);
    this.drawn(photo, seen);
  }

  // The photograph, and what is seen of it, in pixels of the stage.
  get boxes() {
    const room = this.room, width = this.wide * this.scale, height = this.high * this.scale;
    const left = (room.width - width) / 2 + this.x, top = (room.height - height) / 2 + this.y;
    const near = { left: Math.max(0, left), top: Math.max(0, top) };
    return {
      photo: { left, top, width, height },
      seen: {
        ...near,
        width: Math.min(room.width, left + width) - near.left,
        height: Math.min(room.height, top + height) - near.top,
      },
    };
  }

  #layout() {
    this.room = { width: this.stage.clientWidth, height: this.stage.clientHeight };
    if (!this.width || !this.room.width) return;
    const share = Math.min(this.room.width / this.width, this.room.height / this.height);
    [this.wide, this.high] = [this.width * share, this.height * share];
    Object.assign(this.view.style, { width: `${this.wide}px`, height: `${this.high}px` });
    this.draw();
  }

  // An enlarged photograph covers the stage, a smaller one stays in its middle.
  #bounded(offset, side, room) {
    const play = Math.max(0, (side * this.scale - room) / 2);
    return clamp(offset, -play, play);
  }

  #put(mark, x, y) {
    Object.assign(mark.style, { left: `${100 * x / this.width}%`, top: `${100 * y / this.height}%` });
    return mark;
  }

  // Pixels of the original under the pointer, or null beside it.
  #pixel(event) {
    const box = this.view.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * this.width;
    const y = (event.clientY - box.top) / box.height * this.height;
    return x >= 0 && y >= 0 && x < this.width && y < this.height ? [Math.floor(x), Math.floor(y)] : null;
  }

  #begin(event) {
    if (event.target.closest("#palette, #split")) return null;
    if (event.target.closest("#line")) return this.#holdLine();
    const mark = event.target.closest("#marks button");
    return mark ? this.#holdMark(mark) : this.#grab(event);
  }

  #holdLine() {
    const move = (event) => this.compare.put(event.clientX - this.stage.getBoundingClientRect().left);
    return { move, drop() {}, tap() {}, cancel() {} };
  }

  #holdMark(mark) {
    const number = Number(mark.dataset.number), { left, top } = mark.style;
    const back = () => Object.assign(mark.style, { left, top });
    return {
      move: (event) => { const at = this.#pixel(event); if (at) this.#put(mark, ...at); },
      drop: (event) => { const at = this.#pixel(event); if (at) this.move(number, ...at); else back(); },
      tap: () => this.select(number),
      cancel: back,
    };
  }

  #grab({ clientX, clientY }) {
    const left = this.x - clientX, top = this.y - clientY;
    return {
      move: (event) => {
        [this.x, this.y] = [left + event.clientX, top + event.clientY];
        this.draw();
      },
      tap: (event) => { const at = this.#pixel(event); if (at) this.place(...at); },
      drop() {}, cancel() {},
    };
  }

  // The wheel zooms; once all is seen, turning it on scrolls the page.
  #wheel(event) {
    if (event.target.closest("#palette") || (event.deltaY > 0 && this.scale === 1)) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 400), event);
  }

  #key(event) {
    const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    const number = event.target.dataset.number;
    if (number !== undefined && this.#keyOnMark(event, Number(number), right, down)) event.preventDefault();
    if (event.target !== this.stage) return;
    if (right || down) {
      this.x -= 40 * right;
      this.y -= 40 * down;
      this.draw();
    } else if (event.key === "+" || event.key === "=") this.closer();
    else if (event.key === "-") this.farther();
    else if (event.key === "0") this.fit(this.width, this.height);
    else return;
    event.preventDefault();
  }

  #keyOnMark(event, number, right, down) {
    if (event.key === "Delete" || event.key === "Backspace") {
      this.remove(number);
    } else if (right || down) {
      const pace = Math.max(1, this.width / 100), { left, top } = event.target.style;
      const x = parseFloat(left) / 100 * this.width + right * pace;
      const y = parseFloat(top) / 100 * this.height + down * pace;
      this.move(number, clamp(x, 0, this.width - 1), clamp(y, 0, this.height - 1), `keys ${number}`);
    } else return false;
    return true;
  }
}
