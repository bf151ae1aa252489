// The photo in the viewer: fitted, zoomed and moved, with its colour points.

import { button, make } from "./dom.js";
import { Zoom, arrow, clamp } from "./zoom.js";
import { t } from "./words.js";

const TWICE = 500; // milliseconds between the taps of a double click,
const NEAR = 12; // and screen pixels
const HELD = 450; // milliseconds from which a press holds the photo, and is no tap

export class Viewer extends Zoom {
  // `press(x, y)` is told of a tap; `paint(event, at)` gives what a press holds instead, or null.
  // `drawn(photo, seen)` is told what is where, as boxes in pixels of the viewer.
  constructor({ element, view, points, rings, compare, press, paint, move, select, remove, drawn }) {
    super(element, [view]);
    Object.assign(this, { view, points, rings, compare, press, paint, move, select, remove, drawn });
    element.addEventListener("contextmenu", (event) => { if (event.pointerType === "touch") event.preventDefault(); });
    points.addEventListener("click", ({ target, detail }) => { if (!detail) this.select(Number(target.dataset.number)); });
  }

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
        "aria-label": t("Colour point {number}. Enter chooses its colour, arrows move it, Delete removes it.", { number: number + 1 }),
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
      "aria-label": t("New colour point. Enter chooses its colour, arrows move it, Delete removes it."),
    });
    return this.#put(point, x, y);
  }

  // Rings at uncertain points.
  showRings(points) {
    this.rings.replaceChildren(...points.map(({ x, y }) => this.#put(make("span"), x, y)));
    this.draw();
  }

  placed() {
    for (const point of [...this.points.children, ...this.rings.children]) point.style.transform = `scale(${1 / this.scale})`;
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

  #put(point, x, y) {
    Object.assign(point.style, { left: `${100 * x / this.width}%`, top: `${100 * y / this.height}%` });
    return point;
  }

  // Pixels of the original under the pointer, or null beside it, where they are not wanted, too.
  #pixel(event, beside = false) {
    const box = this.view.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * this.width;
    const y = (event.clientY - box.top) / box.height * this.height;
    const inside = x >= 0 && y >= 0 && x < this.width && y < this.height;
    return inside || beside ? [Math.floor(x), Math.floor(y)] : null;
  }

  begin(event) {
    if (event.target.closest("#split")) return null;
    if (event.target.closest("#line")) return this.#holdLine();
    const stroke = this.paint(event, (one) => this.#pixel(one, true));
    if (stroke) return stroke;
    const point = event.target.closest("#points button");
    return point ? this.#holdPoint(point) : this.grab(event);
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

  // A tap on it is a press. While it is held it is shown as it was. A drag moves it where it is
  // enlarged, and the line where all of it is seen.
  grab(start) {
    const whole = this.scale === 1, { move } = whole ? this.#holdLine() : super.grab(start);
    let shown = false, wanted = !whole;
    const held = setTimeout(() => {
      shown = true;
      this.view.classList.add("before");
    }, HELD);
    const end = () => {
      clearTimeout(held);
      this.view.classList.remove("before");
    };
    return {
      move(event) {
        clearTimeout(held);
        // A finger that goes up or down scrolls the page.
        wanted ||= Math.abs(event.clientX - start.clientX) > Math.abs(event.clientY - start.clientY);
        if (!shown && wanted) move(event);
      },
      drop: end, cancel: end,
      tap: (event) => {
        end();
        const at = this.#pixel(event);
        if (at && !shown && !this.#again(event)) this.press(...at);
      },
    };
  }

  // Whether a tap is the second of a double click.
  #again(event) {
    const { timeStamp, clientX, clientY } = this.tapped ?? {};
    this.tapped = event;
    return event.timeStamp - timeStamp < TWICE && Math.hypot(event.clientX - clientX, event.clientY - clientY) < NEAR;
  }

  key(event) {
    const number = event.target.dataset.number;
    if (number === undefined) super.key(event);
    else if (this.#keyOnPoint(event, Number(number), ...arrow(event))) event.preventDefault();
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
