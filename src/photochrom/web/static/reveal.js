// The first colour of a photo sweeps across; the space bar shows the photo as it was.

import { $ } from "./dom.js";

const SWEEP = { duration: 900, easing: "cubic-bezier(.45, 0, .3, 1)" };
const still = matchMedia("(prefers-reduced-motion: reduce)");

// Let colour sweep over the photo from the left, once, where motion is welcome.
export function reveal(photo, share) {
  if (photo.revealed || still.matches || share) {
    photo.revealed = true;
    return;
  }
  photo.revealed = true;
  $("in-colour").animate([{ clipPath: "inset(0 100% 0 0)" }, { clipPath: "inset(0 0 0 0)" }], SWEEP);
  $("sweep").hidden = false;
  $("sweep").animate([{ left: "0%" }, { left: "100%" }], SWEEP).finished
    .catch(() => {}).finally(() => { $("sweep").hidden = true; });
}

// While the space bar is held, the photo is shown as it was.
export function watchSpace() {
  const holds = (target) => target === document.body || target.id === "viewer";
  addEventListener("keydown", (event) => {
    if (event.key !== " " || !holds(event.target)) return;
    event.preventDefault();
    $("view").classList.add("before");
  });
  for (const end of ["keyup", "blur"]) addEventListener(end, () => $("view").classList.remove("before"));
}
