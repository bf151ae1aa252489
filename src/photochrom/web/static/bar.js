// The bar at the bottom of a telephone: it brings each group of tools into sight.

import { $ } from "./dom.js";

const PLACES = { colours: "controls", variants: "variants", save: "save" };
const still = matchMedia("(prefers-reduced-motion: reduce)");

// `compare()` moves the line to the middle or away, and tells whether it is there.
export function watchBar({ compare }) {
  $("bar-compare").addEventListener("click", () => {
    scrollTo({ top: 0, behavior: still.matches ? "instant" : "smooth" });
    $("bar-compare").setAttribute("aria-pressed", String(compare()));
  });
  for (const [name, place] of Object.entries(PLACES)) {
    $(`bar-${name}`).addEventListener("click", () => {
      if (name === "save") $("more-ways").open = true;
      $(place).scrollIntoView({ block: "start", behavior: still.matches ? "instant" : "smooth" });
    });
  }
}
