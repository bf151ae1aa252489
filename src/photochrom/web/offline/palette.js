// The colours that a photo as a whole is to have, as guidance/palette.py has it. The distribution is
// K planes of h * w cells in one Float32Array.

import { fromAb, abOf } from "./color.js";
import { softmax } from "./guidance.js";
import { PALETTE, PRESETS } from "./constants.js";

/** A palette by its name, or in words as "#a03020 20%, #2c4a7c 5%": {colors, shares}. */
export function paletteNamed(text) {
  if (PRESETS[text]) return { colors: PRESETS[text], shares: [] };
  const pairs = text.split(",").map((one) => one.trim().split(/\s+/));
  return { colors: pairs.map(([color]) => color), shares: pairs.filter((one) => one[1]).map(([, share]) => parseFloat(share) / 100) };
}

/** The palette of a picture's ab, two planes, in words. */
export function paletteOf([a, b]) {
  const cells = new Map();
  a.forEach((value, at) => {
    const key = `${Math.round(value / PALETTE.CELL)} ${Math.round(b[at] / PALETTE.CELL)}`;
    const sums = cells.get(key) ?? [0, 0, 0];
    [value, b[at], 1].forEach((one, number) => { sums[number] += one; });
    cells.set(key, sums);
  });
  const often = [...cells.values()].sort((one, other) => other[2] - one[2]).slice(0, PALETTE.TAKEN)
    .filter(([, , count]) => count > PALETTE.RARE * a.length);
  const total = often.reduce((sum, [, , count]) => sum + count, 0);
  return often.map(([sumA, sumB, count]) =>
    `${fromAb([sumA / count, sumB / count])} ${Number((100 * count / total).toPrecision(3))}%`).join(", ");
}

/** Mean colours of logits, a plane of a and then one of b, shifted by what is wanted of all. */
export function priorAb(logits, centers, cells, { palette, warmth }) {
  const chance = softmax(logits, cells, PALETTE.SHARPENED), count = centers.length / 2;
  const weights = Float64Array.from({ length: count }, (_, k) =>
    Math.exp(warmth * PALETTE.WARMTH * (centers[2 * k] * PALETTE.WARM[0] + centers[2 * k + 1] * PALETTE.WARM[1])));
  if (palette) paletteWeights(chance, centers, cells, palette).forEach((weight, k) => { weights[k] *= weight; });
  const sums = new Float64Array(3 * cells);
  weights.forEach((weight, k) => {
    for (let at = 0; at < cells; at++) {
      const share = weight * chance[k * cells + at];
      sums[at] += share * centers[2 * k];
      sums[cells + at] += share * centers[2 * k + 1];
      sums[2 * cells + at] += share;
    }
  });
  return Float32Array.from({ length: 2 * cells }, (_, at) => sums[at] / sums[2 * cells + at % cells]);
}

/** What each colour's chance is to be multiplied by, so that a palette's are there. */
function paletteWeights(chance, centers, cells, { colors, shares: given }) {
  const step = Math.max(1, Math.floor(cells / PALETTE.POINTS)), points = Math.ceil(cells / step), count = centers.length / 2;
  const mean = Float64Array.from({ length: count }, (_, k) => {
    let sum = 0;
    for (let at = 0; at < cells; at += step) sum += chance[k * cells + at];
    return Math.max(sum / points, 1e-6);
  });
  const lifted = colors.map((color) => near(color, centers).map((value, k) => value / mean[k]));
  const evidence = lifted.map((row) => {
    const seen = new Float64Array(points);
    row.forEach((value, k) => {
      for (let at = 0, from = k * cells; at < points; at++, from += step) seen[at] += value * chance[from];
    });
    return seen;
  });
  const wanted = given.length ? given : colors.map(() => 1 / colors.length), trust = given.length ? 1 : 0;
  let shares = wanted;
  for (let turn = 0; turn < PALETTE.STEPS; turn++) {
    const said = new Float64Array(colors.length);
    for (let at = 0; at < points; at++) {
      let sum = 0;
      for (let one = 0; one < said.length; one++) sum += shares[one] * evidence[one][at];
      sum = Math.max(sum, 1e-12);
      for (let one = 0; one < said.length; one++) said[one] += shares[one] * evidence[one][at] / sum;
    }
    shares = wanted.map((share, one) => (said[one] / points + trust * share) / (1 + trust));
  }
  return mean.map((_, k) => shares.reduce((sum, share, one) => sum + share * lifted[one][k], PALETTE.ELSE));
}

/** How near colours are to one of a palette; all together 1. */
function near(color, centers) {
  const [a, b] = abOf(color);
  const squares = Float64Array.from({ length: centers.length / 2 }, (_, k) => (centers[2 * k] - a) ** 2 + (centers[2 * k + 1] - b) ** 2);
  const least = squares.reduce((one, other) => Math.min(one, other));
  const found = squares.map((square) => Math.exp(-(square - least) / (2 * PALETTE.WIDTH ** 2)));
  const sum = found.reduce((one, other) => one + other);
  return found.map((value) => value / sum);
}
