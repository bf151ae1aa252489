// A photo in one pane or more: fitted, enlarged and moved, in all of them alike.

import { watch } from "./gestures.js";

const CLOSEST = 4; // screen pixels to one of the original; small photos may be enlarged as much
const STEP = 1.25;
const MOVE = 40; // screen pixels that an arrow moves it

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

export class Zoom {
  // `views` hold the photo, each in the middle of its parent, its pane. `element` has the keyboard.
  constructor(element, views) {
    Object.assign(this, { element, views, scale: 1, x: 0, y: 0 });
    watch(element, {
      begin: (event) => this.begin(event),
      grab: (event) => this.grab(event),
      pinch: (factor, from, to) => {
        this.x += to.clientX - from.clientX;
        this.y += to.clientY - from.clientY;
        this.zoom(factor, to);
      },
    });
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    new ResizeObserver(() => this.layout()).observe(element);
  }

  // What a press holds: the photo, unless something else is meant.
  begin(event) { return this.grab(event); }

  // Called when it is drawn.
  placed() {}

  // Show a photo of so many pixels, whole.
  fit(width, height) {
    Object.assign(this, { width, height, scale: 1, x: 0, y: 0 });
    this.element.style.setProperty("--shape", width / height);
    this.layout();
  }

  whole() { this.fit(this.width, this.height); }

  zoom(factor, about = null) {
    const farthest = Math.max(CLOSEST, CLOSEST * this.width / this.wide);
    const scale = clamp(this.scale * factor, 1, farthest);
    const [x, y] = about ? this.#fromMiddle(about) : [0, 0];
    this.x = x - (x - this.x) * scale / this.scale;
    this.y = y - (y - this.y) * scale / this.scale;
    this.scale = scale;
    this.draw();
  }

  closer() { this.zoom(STEP); }

  farther() { this.zoom(1 / STEP); }

  draw() {
    if (!this.width || !this.room) return;
    this.x = this.#bounded(this.x, this.wide, this.room.width);
    this.y = this.#bounded(this.y, this.high, this.room.height);
    for (const view of this.views) view.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    // A finger on the whole photo scrolls the page; on an enlarged one it moves it.
    this.element.style.touchAction = this.scale > 1 ? "none" : "pan-y";
    this.placed();
  }

  layout() {
    const pane = this.views[0].parentElement;
    this.room = { width: pane.clientWidth, height: pane.clientHeight };
    if (!this.width || !this.room.width) return;
    const share = Math.min(this.room.width / this.width, this.room.height / this.height);
    [this.wide, this.high] = [this.width * share, this.height * share];
    for (const view of this.views) Object.assign(view.style, { width: `${this.wide}px`, height: `${this.high}px` });
    this.draw();
  }

  // The photo moves with what holds it.
  grab({ clientX, clientY }) {
    const left = this.x - clientX, top = this.y - clientY;
    return {
      move: (event) => {
        [this.x, this.y] = [left + event.clientX, top + event.clientY];
        this.draw();
      },
      tap() {}, drop() {}, cancel() {},
    };
  }

  // The wheel zooms; once all is seen, turning it on scrolls the page.
  wheel(event) {
    if (event.deltaY > 0 && this.scale === 1) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 400), event);
  }

  key(event) {
    if (event.target !== this.element) return;
    const [right, down] = arrow(event);
    if (right || down) {
      this.x -= MOVE * right;
      this.y -= MOVE * down;
      this.draw();
    } else if (event.key === "+" || event.key === "=") this.closer();
    else if (event.key === "-") this.farther();
    else if (event.key === "0") this.whole();
    else return;
    event.preventDefault();
  }

  // An enlarged photo covers its pane, a smaller one stays in its middle.
  #bounded(offset, side, room) {
    const play = Math.max(0, (side * this.scale - room) / 2);
    return clamp(offset, -play, play);
  }

  // A pointer's place in its pane, from the middle of that.
  #fromMiddle({ clientX, clientY }) {
    const boxes = this.views.map((view) => view.parentElement.getBoundingClientRect());
    const box = boxes.find(({ left, right, top, bottom }) =>
      clientX >= left && clientX <= right && clientY >= top && clientY <= bottom) ?? boxes[0];
    return [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
  }
}

// Where an arrow key points: right and down, each -1, 0 or 1.
export const arrow = ({ key }) =>
  ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] })[key] ?? [0, 0];
