// The arithmetic of color/ and guidance/propagation.py, for 8-bit sRGB in a browser.
// A test holds it to the Python of the same names. Planes are Float32Arrays, row by row.

import { GAMUT, SPACES } from "./constants.js";

const { DELTA, TANGENT, OFFSET, RELATIVE_TO_RGB, RGB_TO_RELATIVE } = SPACES;
const STEPS = 1 << 16; // of linear light, in the table of bytes

const compress = (relative) =>
  relative > DELTA ** 3 ? Math.cbrt(relative) : relative / TANGENT + OFFSET;
const expand = (f) => (f > DELTA ? f * f * f : (f - OFFSET) * TANGENT);
const toLinear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const toEncoded = (v) => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);

const LINEAR = Float32Array.from({ length: 256 }, (_, byte) => toLinear(byte / 255));
const BYTES = Uint8Array.from({ length: STEPS + 1 }, (_, step) =>
  Math.round(255 * toEncoded(step / STEPS)),
);
const COMPRESSED = Float32Array.from({ length: STEPS + 1 }, (_, step) => compress(step / STEPS));
const [WEIGHT_R, WEIGHT_G, WEIGHT_B] = RGB_TO_RELATIVE[1];

/** f(Y) of an sRGB pixel; (f + 16 / 116) makes lightness: L = 116 f - 16. */
const compressedY = (r, g, b) =>
  COMPRESSED[Math.round(STEPS * (WEIGHT_R * LINEAR[r] + WEIGHT_G * LINEAR[g] + WEIGHT_B * LINEAR[b]))];

/** Lightness 0..100 of RGBA bytes. */
export function lightness(rgba) {
  const found = new Float32Array(rgba.length / 4);
  for (let at = 0, pixel = 0; at < found.length; at++, pixel += 4)
    found[at] = 116 * compressedY(rgba[pixel], rgba[pixel + 1], rgba[pixel + 2]) - 16;
  return found;
}

/** L, a and b of an sRGB pixel. */
export function toLab(...bytes) {
  const [r, g, b] = bytes.map((value) => LINEAR[value]);
  const [x, y, z] = RGB_TO_RELATIVE.map((row) => compress(row[0] * r + row[1] * g + row[2] * b));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** a and b, in Lab units, of "#rrggbb". */
export const abOf = (color) => toLab(...[1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16))).slice(1);

/** a and b of RGBA bytes, two planes. */
export function abPlanes(rgba) {
  const planes = [0, 1].map(() => new Float32Array(rgba.length / 4));
  for (let at = 0, pixel = 0; pixel < rgba.length; at++, pixel += 4)
    [, planes[0][at], planes[1][at]] = toLab(rgba[pixel], rgba[pixel + 1], rgba[pixel + 2]);
  return planes;
}

/** a and b as "#rrggbb"; lightness is kept within 25..85, where there are colours. */
export function fromAb([a, b], light = 60) {
  const fy = (Math.min(Math.max(light, 25), 85) + 16) / 116, rgba = new Uint8ClampedArray(4);
  write(rgba, 0, fy + a / 500, fy, fy - b / 200);
  return `#${[...rgba.subarray(0, 3)].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** Mean of blocks of `factor` x `factor` values. */
export function blockMean(plane, height, width, factor) {
  const rows = height / factor, columns = width / factor;
  const mean = new Float32Array(rows * columns);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      mean[Math.floor(y / factor) * columns + Math.floor(x / factor)] += plane[y * width + x];
  for (let at = 0; at < mean.length; at++) mean[at] /= factor * factor;
  return mean;
}

/** Mean over squares of 2 radius + 1 values; edges are repeated. */
function boxMean(plane, height, width, radius = 1) {
  const across = new Float64Array(plane.length), mean = new Float32Array(plane.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const row = y * width;
      for (let by = -radius; by <= radius; by++)
        across[row + x] += plane[row + Math.min(Math.max(x + by, 0), width - 1)];
    }
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let by = -radius; by <= radius; by++)
        sum += across[Math.min(Math.max(y + by, 0), height - 1) * width + x];
      mean[y * width + x] = sum / (2 * radius + 1) ** 2;
    }
  return mean;
}

/** Values that stand out from their mean around by `amount`. */
export function unsharpMask(plane, height, width, amount) {
  const around = boxMean(plane, height, width, 3);
  return plane.map((value, at) => value + amount * (value - around[at]));
}

/** Slopes of a and b over lightness, then offsets, of the guided filter: four planes. */
export function guidedCoefficients(light, lightHeight, lightWidth, ab, height, width) {
  const shrunk = blockMean(light, lightHeight, lightWidth, lightHeight / height);
  const meanL = boxMean(shrunk, height, width);
  const variance = boxMean(shrunk.map((l) => l * l), height, width);
  const slopes = [], offsets = [];
  for (const plane of ab) {
    const mean = boxMean(plane, height, width);
    const slope = boxMean(plane.map((value, at) => value * shrunk[at]), height, width);
    for (let at = 0; at < slope.length; at++)
      slope[at] =
        (slope[at] - meanL[at] * mean[at]) /
        (Math.max(variance[at] - meanL[at] ** 2, 0) + 50);
    slopes.push(slope);
    offsets.push(plane.map((value, at) => value - slope[at] * shrunk[at]));
  }
  return [...slopes, ...offsets];
}

/** For each of `large` pixels: the small pixel before it, the one after, and the share of that. */
function neighbours(small, large) {
  return Array.from({ length: large }, (_, at) => {
    const center = Math.min(Math.max((at + 0.5) * (small / large) - 0.5, 0), small - 1);
    const before = Math.floor(center);
    return [before, Math.min(before + 1, small - 1), center - before];
  });
}

/** Planes (h, w) brought to (height, width) by bilinear interpolation. */
export function resizeBilinear(plane, h, w, height, width) {
  const rows = neighbours(h, height), columns = neighbours(w, width);
  const large = new Float32Array(height * width);
  rows.forEach(([above, below, down], y) =>
    columns.forEach(([left, right, along], x) => {
      const top = plane[above * w + left] * (1 - along) + plane[above * w + right] * along;
      const under = plane[below * w + left] * (1 - along) + plane[below * w + right] * along;
      large[y * width + x] = top * (1 - down) + under * down;
    }),
  );
  return large;
}

/** A picture of `height` x `width` pixels that is coloured by guided coefficients, four (h, w). */
export class Recombiner {
  constructor(coefficients, h, w, height, width) {
    const [slopeA, slopeB, offsetA, offsetB] = coefficients;
    const straight = (slope, scale) => slope.map((s) => 1 + 116 * scale * s);
    const moved = (slope, offset, scale) => offset.map((o, at) => scale * (o - 16 * slope[at]));
    this.lines = [
      straight(slopeA, 1 / 500),
      straight(slopeB, -1 / 200),
      moved(slopeA, offsetA, 1 / 500),
      moved(slopeB, offsetB, -1 / 200),
    ];
    this.w = w;
    this.rows = neighbours(h, height);
    this.columns = neighbours(w, width);
  }

  /** Colour RGBA bytes in place, rows of `count` pixels whose first is at `left`, `top`. */
  recombine(rgba, top, left = 0, count = this.columns.length) {
    const { lines, w, columns } = this;
    const height = rgba.length / 4 / count;
    const across = lines.map(() => new Float32Array(w));
    for (let y = 0; y < height; y++) {
      const [above, below, down] = this.rows[top + y];
      lines.forEach((line, number) => {
        for (let x = 0; x < w; x++)
          across[number][x] = line[above * w + x] * (1 - down) + line[below * w + x] * down;
      });
      for (let x = 0; x < count; x++) {
        const [before, after, along] = columns[left + x];
        const at = 4 * (y * count + x);
        const fy = compressedY(rgba[at], rgba[at + 1], rgba[at + 2]);
        const [sx, sz, ox, oz] = across;
        const fx = mix(sx, before, after, along) * fy + mix(ox, before, after, along);
        const fz = mix(sz, before, after, along) * fy + mix(oz, before, after, along);
        write(rgba, at, fx, fy, fz);
      }
    }
  }
}

const mix = (line, left, right, along) => line[left] + (line[right] - line[left]) * along;

const M = RELATIVE_TO_RGB;
let red = 0, green = 0, blue = 0; // of the colour that was made last, linear

/** Make linear RGB of f of X, Y and Z; tell whether it is within the gamut. */
function fits(fx, fy, fz) {
  const x = expand(fx), y = expand(fy), z = expand(fz);
  red = M[0][0] * x + M[0][1] * y + M[0][2] * z;
  green = M[1][0] * x + M[1][1] * y + M[1][2] * z;
  blue = M[2][0] * x + M[2][1] * y + M[2][2] * z;
  return (
    Math.min(red, green, blue) >= -GAMUT.ROUNDING && Math.max(red, green, blue) <= 1 + GAMUT.ROUNDING
  );
}

const byte = (linear) => BYTES[Math.round(STEPS * Math.min(Math.max(linear, 0), 1))];

/** Write a pixel; chroma is reduced along constant lightness and hue until it fits. */
function write(rgba, at, fx, fy, fz) {
  if (!fits(fx, fy, fz)) {
    let inside = 0;
    for (let step = 0.5, turn = 0; turn < GAMUT.BISECTIONS; turn++, step /= 2) {
      const trial = inside + step;
      if (fits((fx - fy) * trial + fy, fy, (fz - fy) * trial + fy)) inside = trial;
    }
    fits((fx - fy) * inside + fy, fy, (fz - fy) * inside + fy);
  }
  rgba[at] = byte(red);
  rgba[at + 1] = byte(green);
  rgba[at + 2] = byte(blue);
}
