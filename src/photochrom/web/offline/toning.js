// Whether a photo has colours of its own, as color/toning.py has it.

import { toLab } from "./color.js";
import { TONING } from "./constants.js";

const MAX_PIXELS = 1 << 17; // that are looked at

/** Tell a photo in colour from a grey or toned one: RGBA bytes. */
export const hasColour = (rgba) => toneResidue(rgba) > TONING.TONE_RESIDUE;

/** How much colour, in Lab units, no parabola of lightness explains. */
export function toneResidue(rgba) {
  const step = 4 * Math.ceil(rgba.length / 4 / MAX_PIXELS), labs = [];
  for (let at = 0; at < rgba.length; at += step) labs.push(toLab(rgba[at], rgba[at + 1], rgba[at + 2]));
  const powers = labs.map(([light]) => [1, light / 100, (light / 100) ** 2]);
  const fitted = [1, 2].map((channel) => leastSquares(powers, labs.map((lab) => lab[channel])));
  const left = fitted.map((factors, channel) => labs.reduce((sum, lab, at) =>
    sum + (lab[channel + 1] - factors.reduce((tone, factor, power) => tone + factor * powers[at][power], 0)) ** 2, 0));
  return Math.sqrt((left[0] + left[1]) / labs.length);
}

/** The factors of three columns that come nearest to values, by the normal equations. */
function leastSquares(rows, values) {
  const table = [0, 1, 2].map((one) => [
    ...[0, 1, 2].map((other) => rows.reduce((sum, row) => sum + row[one] * row[other], one === other ? 1e-9 : 0)),
    rows.reduce((sum, row, at) => sum + row[one] * values[at], 0),
  ]);
  for (let one = 0; one < 3; one++)
    for (let other = 0; other < 3; other++) {
      if (one === other) continue;
      const share = table[other][one] / table[one][one];
      table[other] = table[other].map((value, at) => value - share * table[one][at]);
    }
  return table.map((row, one) => row[3] / row[one]);
}
