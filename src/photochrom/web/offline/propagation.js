// Hints brought to the things that they are on, as guidance/reach.py and propagation.py have it.

import { blockMean, resizeBilinear, abOf } from "./color.js";
import { asUnits, unitPlanes } from "./guidance.js";
import { PROPAGATION, REACH } from "./constants.js";

const AROUND = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => [y, x])).filter(([y, x]) => y || x);

/** What a picture looks like to who walks over its (h, w) cells. */
export class Terrain {
  constructor(features, light, height, width, h, w) {
    const halfH = Math.ceil(h / 2), halfW = Math.ceil(w / 2);
    const coarse = unitPlanes(features, halfH * halfW);
    Object.assign(this, { h, w, light: blockMean(light, height, width, height / h) });
    this.seen = asUnits(coarse.map((plane) => resizeBilinear(plane, halfH, halfW, h, w)));
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
      return apart + Math.abs(light[to] - light[at]) / REACH.LIGHT_EDGE + Math.sqrt(unlike) / REACH.FEATURE_EDGE;
    });
  }

  /** The chance of each cell to be coloured by a hint at x, y in 0..1, and how far away it is. */
  chances([x, y], far) {
    const start = Math.floor(y * this.h) * this.w + Math.floor(x * this.w);
    return far === "spot" ? this.#near(start) : this.#thing(start);
  }

  #near(start) {
    const { h, w, light } = this, row = Math.floor(start / w), column = start % w;
    const ways = light.map((_, at) => Math.hypot(Math.floor(at / w) - row, at % w - column) / Math.min(h, w));
    const chances = ways.map((way, at) =>
      Math.exp(-(((light[at] - light[start]) / REACH.NEAR_LIGHT) ** 2 + (way / REACH.NEAR) ** 2) / 2));
    return [chances, ways];
  }

  #thing(start) {
    const ways = this.#ways(start), { WAY, LIGHT, LIKE, ALL } = REACH;
    const chances = ways.map((way, at) => {
      let like = 0;
      for (const plane of this.seen) like += plane[at] * plane[start];
      const light = Math.abs(this.light[at] - this.light[start]);
      return 1 / (1 + Math.exp(-(WAY * Math.sqrt(way) + LIGHT * light + LIKE * like + ALL)));
    });
    return [chances, ways];
  }

  /** The length of the shortest way from a cell to each: swept over until nothing gets nearer. */
  #ways(start) {
    const found = new Float32Array(this.h * this.w).fill(Infinity);
    const offsets = AROUND.map(([y, x]) => y * this.w + x);
    found[start] = 0;
    const nearer = (at) => {
      let least = found[at];
      for (let side = 0; side < offsets.length; side++) {
        const step = this.steps[side][at];
        if (step < Infinity) least = Math.min(least, Math.fround(found[at + offsets[side]] + step));
      }
      if (least >= found[at] || least > REACH.FARTHEST) return false;
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

  /** How much of each cell is coloured by a hint at x, y that reaches so far, 0..1. */
  reach(point, far) {
    return far === "everything" ? new Float32Array(this.h * this.w).fill(1) : this.chances(point, far)[0].map(covered);
  }
}

/** How much is coloured of what belongs to a thing by chance. */
const covered = (chance) => Math.min(Math.max((chance - REACH.OUT) / (REACH.IN - REACH.OUT), 0), 1);

/** Give the things in ab, two planes, the colours of hints, {x, y, color, far} with x and y in 0..1. */
export function propagate(ab, terrain, hints) {
  const sums = [0, 1, 2].map(() => new Float64Array(ab[0].length)), most = new Float32Array(ab[0].length);
  for (const { x, y, color, far } of hints) {
    const [chances, ways] = terrain.chances([x, y], far), values = [...abOf(color), 1];
    chances.forEach((chance, at) => {
      const weight = (chance / (1 - chance + PROPAGATION.SURE) / (ways[at] + PROPAGATION.HERE)) ** 2;
      values.forEach((value, plane) => { sums[plane][at] += weight * value; });
      most[at] = Math.max(most[at], chance);
    });
  }
  return ab.map((plane, channel) =>
    plane.map((value, at) => value + covered(most[at]) * (sums[channel][at] / Math.max(sums[2][at], 1e-12) - value)));
}
