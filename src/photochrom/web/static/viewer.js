// The photo in the viewer: fitted, zoomed and moved, with its colour points.

import { button, make } from "./dom.js";
import { watch } from "./gestures.js";

const CLOSEST = 4; // screen pixels to one of the original; small photos may be enlarged as much
const STEP = 1.25;
const TWICE = 500; // milliseconds between the taps of a double click,
const NEAR = 12; // and screen pixels

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export class Viewer {
  // `drawn(photo, seen)` is told what is where, as boxes in pixels of the viewer.
  constructor({ element, view, points, rings, compare, press, move, select, remove, drawn }) {
    Object.assign(this, { element, view, points, rings, compare, press, move, select, remove, drawn });
    Object.assign(this, { scale: 1, x: 0, y: 0 });
    watch(element, {
      begin: (event) => this.#begin(event),
      grab: (event) => this.#grab(event),
      pinch: (factor, from, to) => {
        this.x += to.clientX - from.clientX;
        this.y += to.clientY - from.clientY;
        this.zoom(factor, to);
      },
    });
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    points.addEventListener("click", ({ target, detail }) => { if (!detail) this.select(Number(target.dataset.number)); });
    new ResizeObserver(() => this.#layout()).observe(element);
  }

  // Show a photo of so many pixels, whole.
  fit(width, height) {
    Object.assign(this, { width, height, scale: 1, x: 0, y: 0 });
    this.element.style.setProperty("--shape", width / height);
    this.#layout();
  }

  zoom(factor, about = null) {
    const room = this.element.getBoundingClientRect();
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

  // The part of the photo that is seen, in its pixels.
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

  // Draw the colour points, and one, {x, y}, whose colour is being asked for.
  showHints(hints, asked = null) {
    const held = document.activeElement?.dataset.number;
    const focused = this.points.contains(document.activeElement);
    this.points.replaceChildren(...hints.map(([x, y, colour], number) => {
      const point = button("", {
        "aria-label": `Colour point ${number + 1}. Enter chooses its colour, arrows move it, Delete removes it.`,
        "data-number": number,
      });
      point.style.background = colour;
      return this.#put(point, x, y);
    }), ...(asked ? [this.#asked(asked, hints.length)] : []));
    this.draw();
    if (focused) (this.points.children[held] ?? this.element).focus({ preventScroll: true });
  }

  #asked({ x, y }, number) {
    const point = button("", {
      className: "asked", "data-number": number,
      "aria-label": "New colour point. Enter chooses its colour, arrows move it, Delete removes it.",
    });
    return this.#put(point, x, y);
  }

  // Rings at uncertain points.
  showRings(points) {
    this.rings.replaceChildren(...points.map(({ x, y }) => this.#put(make("span"), x, y)));
    this.draw();
  }

  draw() {
    if (!this.width) return;
    const room = this.room;
    this.x = this.#bounded(this.x, this.wide, room.width);
    this.y = this.#bounded(this.y, this.high, room.height);
    this.view.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    for (const point of [...this.points.children, ...this.rings.children]) point.style.transform = `scale(${1 / this.scale})`;
    // A finger on the whole photo scrolls the page; on an enlarged one it moves it.
    this.element.style.touchAction = this.scale > 1 ? "none" : "pan-y";
    const { photo, seen } = this.boxes;
    this.compare.draw(photo, seen);
    this.drawn(photo, seen);
  }

  // The photo, and what is seen of it, in pixels of the viewer.
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
    this.room = { width: this.element.clientWidth, height: this.element.clientHeight };
    if (!this.width || !this.room.width) return;
    const share = Math.min(this.room.width / this.width, this.room.height / this.height);
    [this.wide, this.high] = [this.width * share, this.height * share];
    Object.assign(this.view.style, { width: `${this.wide}px`, height: `${this.high}px` });
    this.draw();
  }

  // An enlarged photo covers the viewer, a smaller one stays in its middle.
  #bounded(offset, side, room) {
    const play = Math.max(0, (side * this.scale - room) / 2);
    return clamp(offset, -play, play);
  }

  #put(point, x, y) {
    Object.assign(point.style, { left: `${100 * x / this.width}%`, top: `${100 * y / this.height}%` });
    return point;
  }

  // Pixels of the original under the pointer, or null beside it.
  #pixel(event) {
    const box = this.view.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * this.width;
    const y = (event.clientY - box.top) / box.height * this.height;
    return x >= 0 && y >= 0 && x < this.width && y < this.height ? [Math.floor(x), Math.floor(y)] : null;
  }

  #begin(event) {
    if (event.target.closest("#picker, #split")) return null;
    if (event.target.closest("#line")) return this.#holdLine();
    const point = event.target.closest("#points button");
    return point ? this.#holdPoint(point) : this.#grab(event);
  }

  #holdLine() {
    const move = (event) => this.compare.put(event.clientX - this.element.getBoundingClientRect().left);
    return { move, drop() {}, tap() {}, cancel() {} };
  }

  #holdPoint(point) {
    const number = Number(point.dataset.number), { left, top } = point.style;
    const back = () => Object.assign(point.style, { left, top });
    return {
      move: (event) => { const at = this.#pixel(event); if (at) this.#put(point, ...at); },
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
      tap: (event) => { const at = this.#pixel(event); if (at && !this.#again(event)) this.press(...at); },
      drop() {}, cancel() {},
    };
  }

  // Whether a tap is the second of a double click.
  #again(event) {
    const { timeStamp, clientX, clientY } = this.tapped ?? {};
    this.tapped = event;
    return event.timeStamp - timeStamp < TWICE && Math.hypot(event.clientX - clientX, event.clientY - clientY) < NEAR;
  }

  // The wheel zooms; once all is seen, turning it on scrolls the page.
  #wheel(event) {
    if (event.target.closest("#picker") || (event.deltaY > 0 && this.scale === 1)) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 400), event);
  }

  #key(event) {
    const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    const number = event.target.dataset.number;
    if (number !== undefined && this.#keyOnPoint(event, Number(number), right, down)) event.preventDefault();
    if (event.target !== this.element) return;
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

  #keyOnPoint(event, number, right, down) {
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
