// Brush and eraser: colours that are painted on the photo.

import { recent, named, used } from "./colours.js";
import { $, button, refill } from "./dom.js";
import { t } from "./words.js";

const SIDE = 1400; // pixels of the long side of what they are drawn on
const TOOLS = { brush: "brush-held", eraser: "eraser-held" };

export class Strokes {
  #tool = null; // "brush", "eraser" or null
  #colour = recent()[0] ?? "#a0583c";
  #width = 0.05; // of the photo's short side

  // `edit(change)` changes the strokes of the photo that `photo()` gives; `held(tool)` is told
  // which tool is taken.
  constructor({ photo, viewer, edit, held }) {
    Object.assign(this, { photo, viewer, edit, held });
    for (const [tool, id] of Object.entries(TOOLS))
      $(id).addEventListener("click", () => this.take(this.#tool === tool ? null : tool));
    $("brush-width").addEventListener("input", ({ target }) => {
      this.#width = target.value / 100;
      this.#size();
    });
    $("brush-colour").addEventListener("input", ({ target }) => { this.#colour = target.value; });
    for (const kind of ["pointermove", "pointerdown"]) $("viewer").addEventListener(kind, (event) => this.#follow(event));
    $("viewer").addEventListener("pointerleave", () => { $("brush").hidden = true; });
    addEventListener("keydown", ({ key }) => { if (key === "Escape") this.take(null); });
  }

  take(tool) {
    if (this.#tool === tool) return;
    this.#tool = tool;
    for (const [name, id] of Object.entries(TOOLS)) $(id).setAttribute("aria-pressed", String(name === tool));
    $("brush-tools").hidden = !tool;
    $("brush-colours").hidden = tool !== "brush";
    $("viewer").classList.toggle("painting", Boolean(tool));
    if (!tool) $("brush").hidden = true;
    this.held(tool);
    this.draw();
  }

  // What a press on the photo holds: a stroke, while a tool is taken. `at(event)` gives pixels of the photo.
  hold(event, at) {
    if (!this.#tool) return null;
    const colour = this.#tool === "brush" ? this.#colour : null, width = Math.round(this.#width * this.#short);
    const stroke = [colour, Math.max(1, width), [at(event)]];
    this.draw(stroke);
    const move = (moved) => {
      const [x, y] = at(moved), [left, top] = stroke[2].at(-1);
      if (Math.hypot(x - left, y - top) < width / 6) return;
      stroke[2].push([x, y]);
      this.draw(stroke);
    };
    const drop = () => {
      if (colour) used(colour);
      this.edit((strokes) => [...strokes, stroke]);
    };
    return { move, drop, tap: drop, cancel: () => this.draw() };
  }

  // Draw what is painted while a tool is taken; its colours are in the photo else.
  draw(coming = null) {
    const photo = this.photo(), canvas = $("strokes");
    canvas.hidden = !this.#tool || !photo;
    if (canvas.hidden) return;
    const scale = Math.min(1, SIDE / Math.max(photo.width, photo.height));
    Object.assign(canvas, { width: Math.ceil(photo.width * scale), height: Math.ceil(photo.height * scale) });
    const context = canvas.getContext("2d");
    Object.assign(context, { lineCap: "round", lineJoin: "round" });
    context.scale(scale, scale);
    for (const [colour, width, points] of [...photo.choices.strokes, ...(coming ? [coming] : [])]) {
      Object.assign(context, {
        strokeStyle: colour ?? "#000", lineWidth: width, globalCompositeOperation: colour ? "source-over" : "destination-out",
      });
      context.beginPath();
      context.moveTo(...points[0]);
      for (const point of points.length > 1 ? points : [points[0], points[0]]) context.lineTo(...point);
      context.stroke();
    }
    this.#drawRecent();
  }

  get #short() { return Math.min(this.photo().width, this.photo().height); }

  #drawRecent() {
    $("brush-colour").value = this.#colour;
    refill($("brush-recent"), recent().slice(0, 6).map((colour, at) => {
      const swatch = button("", { "data-key": `brush-${at}`, "aria-label": named(colour), title: named(colour), onclick: () => {
        this.#colour = colour;
        this.draw();
      } });
      swatch.style.setProperty("--colour", colour);
      return swatch;
    }));
  }

  // A ring of the brush's size goes with the pointer.
  #follow({ clientX, clientY, pointerType }) {
    $("brush").hidden = !this.#tool || pointerType === "touch";
    if ($("brush").hidden) return;
    const box = $("viewer").getBoundingClientRect();
    Object.assign($("brush").style, { left: `${clientX - box.left}px`, top: `${clientY - box.top}px` });
    this.#size();
  }

  #size() {
    const side = `${Math.max(4, this.#width * Math.min(this.viewer.wide, this.viewer.high) * this.viewer.scale)}px`;
    Object.assign($("brush").style, { width: side, height: side });
  }
}
