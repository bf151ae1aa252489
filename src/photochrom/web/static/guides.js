// Suggested colours of places, versions to choose from, and the colours of another picture.

import * as api from "./api.js";

const $ = (id) => document.getElementById(id);

export class Guides {
  #suggested = new Map();

  // `again` asks the server for a photograph, sent once more if need be; `work` runs with a notice.
  constructor({ again, work, setHints }) {
    Object.assign(this, { again, work, setHints });
  }

  // Colours for a place, asked for once.
  async suggest(photo, x, y) {
    const key = `${photo.name} ${photo.size} ${x} ${y}`;
    if (!this.#suggested.has(key)) {
      const colours = await this.again(photo, () => api.colours(photo.id, x, y));
      this.#suggested.set(key, colours);
    }
    return this.#suggested.get(key);
  }

  // Buttons for the suggested colours of a place, of which one may be chosen.
  swatches(colours, chosen, choose) {
    const row = Object.assign(document.createElement("div"), { className: "swatches" });
    row.append(...colours.map((colour, number) => {
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.style.background = colour;
      button.setAttribute("aria-label", `Suggested colour ${number + 1}, ${colour}`);
      button.setAttribute("aria-pressed", String(colour === chosen));
      button.addEventListener("click", () => choose(colour));
      return button;
    }));
    return row;
  }

  forget() {
    for (const image of $("proposals").querySelectorAll("img")) URL.revokeObjectURL(image.src);
    $("proposals").replaceChildren();
  }

  propose(photo) {
    return this.work("Thinking of versions …", async () => {
      const versions = await this.again(photo, () => api.proposals(photo.id, photo.choices.vividness));
      this.forget();
      for (const [number, hints] of versions.entries()) {
        const image = document.createElement("img");
        image.alt = "";
        image.src = URL.createObjectURL(await api.preview(photo.id, { ...photo.choices, hints }));
        const button = Object.assign(document.createElement("button"), { type: "button" });
        button.setAttribute("aria-label", number ? `Version ${number + 1}` : "Version 1, automatic");
        button.append(image);
        button.addEventListener("click", () => {
          for (const other of $("proposals").children) other.setAttribute("aria-pressed", String(other === button));
          this.setHints(hints);
        });
        $("proposals").append(button);
      }
    });
  }

  reference(photo, file) {
    return this.work("Comparing the pictures …", async () => {
      const hints = await this.again(photo, () => api.reference(photo.id, file));
      if (!hints.length) throw new Error("The two pictures have too little in common.");
      this.setHints(hints);
    });
  }
}
