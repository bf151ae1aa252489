// The sliders, which answer while they are moved, and say in words where they stand.

import { $ } from "./dom.js";
import { t } from "./words.js";

const PLAIN = {
  vividness: (value) => `${Math.round(100 * value)} %`,
  size: (value, usual) => value === usual ? t("as usual") : value < usual ? t("larger areas") : t("smaller things"),
};

export class Sliders {
  // `choose(name, value, by)` is told of each move; `by` is the same for all of one drag, or of the
  // keys that are pressed while a slider has the keyboard.
  constructor(choose) {
    let hand = 0;
    for (const name of Object.keys(PLAIN)) {
      for (const begin of ["pointerdown", "focus"]) $(name).addEventListener(begin, () => { hand += 1; });
      $(name).addEventListener("input", () => choose(name, Number($(name).value), `${name} ${hand}`));
    }
  }

  draw(choices, standard) {
    for (const [name, say] of Object.entries(PLAIN)) {
      const text = say(choices[name], standard[name]);
      $(name).value = choices[name];
      $(name).setAttribute("aria-valuetext", text);
      $(`${name}-value`).textContent = text;
    }
  }
}
