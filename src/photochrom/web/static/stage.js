// The photograph on the stage: fitted, zoomed and moved, with the marks of its hints.

const FARTHEST = 16;

export class Stage {
  constructor({ stage, view, marks, place, move, select, remove }) {
    Object.assign(this, { stage, view, marks, place, move, select, remove });
    this.scale = 1;
    this.x = this.y = 0;
    stage.addEventListener("pointerdown", (event) => this.#press(event));
    stage.addEventListener("keydown", (event) => this.#key(event));
    stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 400));
    }, { passive: false });
    new ResizeObserver(() => this.width && this.fit(this.width, this.height)).observe(stage);
  }

  // Show a photograph of so many pixels whole.
  fit(width, height) {
    Object.assign(this, { width, height, scale: 1, x: 0, y: 0 });
    const room = this.stage.getBoundingClientRect();
    const share = Math.min(room.width / width, room.height / height);
    this.view.style.width = `${width * share}px`;
    this.view.style.height = `${height * share}px`;
    this.#draw();
  }

  zoom(factor) {
    this.scale = Math.min(FARTHEST, Math.max(1, this.scale * factor));
    if (this.scale === 1) this.x = this.y = 0;
    this.#draw();
  }

  hints(hints) {
    this.marks.replaceChildren(...hints.map(([x, y, colour], number) => {
      const mark = document.createElement("button");
      mark.type = "button";
      mark.dataset.number = number;
      mark.setAttribute("aria-label", `Place ${number + 1}. Arrows move it, Delete removes it.`);
      Object.assign(mark.style, {
        left: `${100 * x / this.width}%`, top: `${100 * y / this.height}%`, background: colour,
      });
      return mark;
    }));
    this.#draw();
  }

  #draw() {
    this.view.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    for (const mark of this.marks.children) mark.style.transform = `scale(${1 / this.scale})`;
  }

  // Pixels of the original under the pointer, or null beside it.
  #pixel(event) {
    const box = this.view.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * this.width;
    const y = (event.clientY - box.top) / box.height * this.height;
    return x >= 0 && y >= 0 && x < this.width && y < this.height ? [Math.floor(x), Math.floor(y)] : null;
  }

  #press(event) {
    const mark = event.target.closest("#marks button");
    const start = { x: event.clientX, y: event.clientY, left: this.x, top: this.y };
    let moved = false;
    const drag = (next) => {
      moved ||= Math.hypot(next.clientX - start.x, next.clientY - start.y) > 4;
      if (!moved) return;
      if (mark) {
        const at = this.#pixel(next);
        if (at) Object.assign(mark.style, { left: `${100 * at[0] / this.width}%`, top: `${100 * at[1] / this.height}%` });
      } else {
        this.x = start.left + next.clientX - start.x;
        this.y = start.top + next.clientY - start.y;
        this.#draw();
      }
    };
    const release = (last) => {
      removeEventListener("pointermove", drag);
      const at = this.#pixel(last);
      if (mark && moved && at) this.move(Number(mark.dataset.number), ...at);
      else if (mark && !moved) this.select(Number(mark.dataset.number));
      else if (!mark && !moved && at && last.type === "pointerup") this.place(...at);
    };
    addEventListener("pointermove", drag);
    addEventListener("pointerup", release, { once: true });
  }

  #key(event) {
    const [right, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    const number = event.target.dataset.number;
    if (number !== undefined) {
      this.#keyOnMark(event, Number(number), right, down);
    } else if (right || down) {
      this.x -= 40 * right;
      this.y -= 40 * down;
      this.#draw();
    } else if (event.key === "+" || event.key === "=") {
      this.zoom(1.25);
    } else if (event.key === "-") {
      this.zoom(0.8);
    } else if (event.key === "0") {
      this.fit(this.width, this.height);
    } else {
      return;
    }
    event.preventDefault();
  }

  #keyOnMark(event, number, right, down) {
    const mark = this.marks.children[number];
    if (event.key === "Delete" || event.key === "Backspace") {
      this.remove(number);
      this.stage.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      this.select(number);
    } else if (right || down) {
      const pace = Math.max(1, this.width / 100);
      const x = parseFloat(mark.style.left) / 100 * this.width + right * pace;
      const y = parseFloat(mark.style.top) / 100 * this.height + down * pace;
      this.move(number, Math.min(this.width - 1, Math.max(0, x)), Math.min(this.height - 1, Math.max(0, y)));
      this.marks.children[number]?.focus();
    }
  }
}
