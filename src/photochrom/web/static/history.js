// What the photo looked like before: small pictures of what was chosen last, to go back to.

import { $, button, make, refill } from "./dom.js";
import { t } from "./words.js";

const MOST = 12; // that are shown
const SIDE = 96; // pixels of the long side of one

export class History {
  // `photo()` is in the viewer; `went()` is told that it has other choices.
  constructor({ photo, went }) {
    Object.assign(this, { photo, went });
  }

  // Note what the choices of a photo look like: what its last preview shows.
  async note(photo) {
    const { choices, after } = photo;
    if (!after || photo.trial || photo.uncertain) return;
    const blob = await shrunk(after.of);
    const looks = photo.looks ??= new Map();
    URL.revokeObjectURL(looks.get(choices));
    looks.set(choices, URL.createObjectURL(blob));
    const kept = new Set(states(photo).slice(-2 * MOST));
    for (const old of looks.keys()) if (!kept.has(old)) forgotten(looks, old);
    if (photo === this.photo()) this.draw();
  }

  forget({ looks = new Map() }) {
    for (const choices of looks.keys()) forgotten(looks, choices);
  }

  draw() {
    const photo = this.photo(), { looks = new Map() } = photo;
    const shown = states(photo).filter((choices) => looks.has(choices)).slice(-MOST);
    $("history").hidden = shown.length < 2;
    refill($("steps"), shown.map((choices, at) => button("", {
      "data-key": `step-${at}`, "aria-label": t("Step {number} of {count}", { number: at + 1, count: shown.length }),
      "aria-current": String(choices === photo.choices), onclick: () => {
        photo.goTo(choices);
        this.went();
      },
    }, make("img", { src: looks.get(choices), alt: "" }))));
    const chosen = $("steps").querySelector("[aria-current=true]");
    if (chosen) $("steps").scrollLeft = chosen.offsetLeft - $("steps").clientWidth / 2;
  }
}

// All that was chosen for a photo, the oldest first: what was undone is there, too.
const states = ({ done, choices, undone }) => [...done, choices, ...undone.toReversed()];

function forgotten(looks, choices) {
  URL.revokeObjectURL(looks.get(choices));
  looks.delete(choices);
}

async function shrunk(blob) {
  const whole = await createImageBitmap(blob), scale = Math.min(1, SIDE / Math.max(whole.width, whole.height));
  const canvas = new OffscreenCanvas(Math.ceil(whole.width * scale), Math.ceil(whole.height * scale));
  canvas.getContext("2d").drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  return canvas.convertToBlob({ type: "image/jpeg" });
}
