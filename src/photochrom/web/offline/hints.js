// Hints as the model takes them, and their colours propagated, as guidance/ does it in Python.

import { blockMean, toAb } from "./color.js";

const REACH = 1; // pixels of what the model sees, around the hint's own
const NEAR = 0.05, FAR = 0.35; // of the short side
const LIGHT_NEAR = 30, LIGHT_FAR = 25; // Lab units
const ALIKE = 0.5, SHARE = 0.2, NOISE = 0.02;

/** Draw hints, {x, y, color} with x and y in 0..1, as planes a, b and mask of (height, width). */
export function toPlanes(hints, height, width) {
  const planes = [0, 1, 2].map(() => new Float32Array(height * width));
  for (const { x, y, color } of hints) {
    const [a, b] = toAb(color);
    const column = Math.floor(x * width), row = Math.floor(y * height);
    for (let r = Math.max(0, row - REACH); r <= Math.min(height - 1, row + REACH); r++)
      for (let c = Math.max(0, column - REACH); c <= Math.min(width - 1, column + REACH); c++)
        [a, b, 1].forEach((value, plane) => (planes[plane][r * width + c] = value));
  }
  return planes;
}

/** ab (2, h, w), put right by hints: the difference at a hint is passed on to what is alike. */
export function propagate(ab, h, w, features, light, hints, height, width) {
  const factor = height / h, count = h * w;
  const [sumA, sumB, share] = hints.map((plane) => blockMean(plane, height, width, factor));
  const most = share.reduce((a, b) => Math.max(a, b), 0);
  const cells = [...share.keys()].filter((at) => share[at] > SHARE * most);
  if (!cells.length) return ab;
  const wanted = [sumA, sumB].map((sum) => cells.map((at) => sum[at] / share[at]));
  const shrunk = blockMean(light, height, width, factor);
  const kernel = kernels(cells, h, w, shrunk, features);
  const among = kernel.map((row, i) => cells.map((at, j) => row[at] + (i === j ? NOISE : 0)));
  return ab.map((plane, channel) => {
    const weights = solve(among, cells.map((at, i) => wanted[channel][i] - plane[at]));
    const right = Float32Array.from(plane);
    for (let i = 0; i < cells.length; i++)
      for (let at = 0; at < count; at++) right[at] += weights[i] * kernel[i][at];
    return right;
  });
}

/** How much each of the cells says about every place: by nearness, and by likeness. */
function kernels(cells, h, w, light, features) {
  const side = Math.min(h, w), count = h * w, depth = features.length / (Math.ceil(h / 2) * Math.ceil(w / 2));
  const half = Math.ceil(w / 2), plane = Math.ceil(h / 2) * half;
  const unit = Array.from({ length: depth }, (_, channel) => {
    const wide = new Float32Array(count);
    let sum = 0;
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        sum += wide[y * w + x] = features[channel * plane + (y >> 1) * half + (x >> 1)];
    return wide.map((value) => value - sum / count);
  });
  for (let at = 0; at < count; at++) {
    const norm = Math.max(Math.hypot(...unit.map((one) => one[at])), 1e-9);
    for (const one of unit) one[at] /= norm * ALIKE;
  }
  return cells.map((cell) => {
    const found = new Float32Array(count);
    const row = Math.floor(cell / w), column = cell % w;
    for (let at = 0; at < count; at++) {
      const down = (Math.floor(at / w) - row) / side, across = ((at % w) - column) / side;
      const apart = down * down + across * across, lighter = (light[at] - light[cell]) ** 2;
      let unlike = 0;
      for (const one of unit) unlike += (one[at] - one[cell]) ** 2;
      const near = apart / NEAR ** 2 + lighter / LIGHT_NEAR ** 2;
      const far = apart / FAR ** 2 + lighter / LIGHT_FAR ** 2 + unlike;
      found[at] = (Math.exp(-near / 2) + Math.exp(-far / 2)) / 2;
    }
    return found;
  });
}

/** Solve linear equations by elimination; they are few, and positive definite. */
function solve(matrix, values) {
  const rows = matrix.map((row, at) => [...row, values[at]]), count = rows.length;
  for (let at = 0; at < count; at++) {
    for (let below = at + 1; below < count; below++) {
      const times = rows[below][at] / rows[at][at];
      for (let column = at; column <= count; column++) rows[below][column] -= times * rows[at][column];
    }
  }
  const found = new Array(count);
  for (let at = count - 1; at >= 0; at--) {
    let rest = rows[at][count];
    for (let column = at + 1; column < count; column++) rest -= rows[at][column] * found[column];
    found[at] = rest / rows[at][at];
  }
  return found;
}
