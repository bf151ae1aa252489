// Hints brought to the things that they are on, as guidance/reach.py and propagation.py do it.

import { blockMean, resizeBilinear, toAb } from "./color.js";

const LIGHT_EDGE = 10, FEATURE_EDGE = 0.5;
const WAY = -1.212, LIGHT = -0.0332, LIKE = 1.365, ALL = 2.206; // of the regression
const OUT = 0.15, IN = 0.4;
const FARTHEST = 20, SURE = 1e-3, HERE = 0.01;
const AROUND = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => [y, x])).filter(([y, x]) => y || x);

/** What a picture looks like to who walks over its (h, w) cells. */
class Terrain {
  constructor(features, light, height, width, h, w) {
    const halfH = Math.ceil(h / 2), halfW = Math.ceil(w / 2), cells = halfH * halfW;
    const coarse = Array.from({ length: features.length / cells }, (_, channel) => {
      const plane = features.slice(channel * cells, (channel + 1) * cells);
      const mean = plane.reduce((sum, value) => sum + value, 0) / cells;
      return plane.map((value) => value - mean);
    });
    this.h = h;
    this.w = w;
    this.light = blockMean(light, height, width, height / h);
    this.seen = asUnits(asUnits(coarse).map((plane) => resizeBilinear(plane, halfH, halfW, h, w)));
    this.steps = AROUND.map(([y, x]) => this.#stepsTo(y, x));
  }

  /** How far it is from each cell to its neighbour; no way leads out of the picture. */
  #stepsTo(down, right) {
    const { h, w, light, seen } = this, apart = Math.hypot(down, right) / Math.min(h, w);
    return Float32Array.from({ length: h * w }, (_, at) => {
      const y = Math.floor(at / w) + down, x = (at % w) + right, to = y * w + x;
      if (y < 0 || y >= h || x < 0 || x >= w) return Infinity;
      let unlike = 0;
      for (const plane of seen) unlike += (plane[to] - plane[at]) ** 2;
      return apart + Math.abs(light[to] - light[at]) / LIGHT_EDGE + Math.sqrt(unlike) / FEATURE_EDGE;
    });
  }

  /** The length of the shortest way from a cell to each: swept over until nothing gets nearer. */
  ways(start) {
    const found = new Float32Array(this.h * this.w).fill(Infinity);
    const offsets = AROUND.map(([y, x]) => y * this.w + x);
    found[start] = 0;
    const nearer = (at) => {
      let least = found[at];
      for (let side = 0; side < offsets.length; side++) {
        const step = this.steps[side][at];
        if (step < Infinity) least = Math.min(least, Math.fround(found[at + offsets[side]] + step));
      }
      if (least >= found[at] || least > FARTHEST) return false;
      found[at] = least;
      return true;
    };
    for (let changed = true; changed; ) {
      changed = false;
      for (let at = 0; at < found.length; at++) changed = nearer(at) || changed;
      for (let at = found.length - 1; at >= 0; at--) changed = nearer(at) || changed;
    }
    return found;
  }

  /** The chance of each cell to belong to the thing that a cell is on. */
  chances(start, ways) {
    return ways.map((way, at) => {
      let like = 0;
      for (const plane of this.seen) like += plane[at] * plane[start];
      const light = Math.abs(this.light[at] - this.light[start]);
      return 1 / (1 + Math.exp(-(WAY * Math.sqrt(way) + LIGHT * light + LIKE * like + ALL)));
    });
  }
}

/** Planes with each cell's values together brought to length 1. */
function asUnits(planes) {
  const norm = planes[0].map((_, at) => Math.max(Math.hypot(...planes.map((one) => one[at])), 1e-9));
  return planes.map((plane) => plane.map((value, at) => value / norm[at]));
}

/** Give the things in ab, two planes, the colours of hints, {x, y, color} with x and y in 0..1. */
export function propagate(ab, h, w, features, light, hints, height, width) {
  const terrain = new Terrain(features, light, height, width, h, w);
  const sums = [0, 1, 2].map(() => new Float64Array(h * w)), most = new Float32Array(h * w);
  for (const { x, y, color } of hints) {
    const start = Math.floor(y * h) * w + Math.floor(x * w);
    const ways = terrain.ways(start), chances = terrain.chances(start, ways);
    const values = [...toAb(color), 1];
    chances.forEach((chance, at) => {
      const weight = (chance / (1 - chance + SURE) / (ways[at] + HERE)) ** 2;
      values.forEach((value, plane) => (sums[plane][at] += weight * value));
      most[at] = Math.max(most[at], chance);
    });
  }
  return ab.map((plane, channel) =>
    plane.map((value, at) => {
      const covered = Math.min(Math.max((most[at] - OUT) / (IN - OUT), 0), 1);
      return value + covered * (sums[channel][at] / Math.max(sums[2][at], 1e-12) - value);
    }),
  );
}
