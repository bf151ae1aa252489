// What a model says of a photo, cell by cell, as guidance/prediction.py, suggestions.py,
// uncertainty.py and matching.py have it. A prediction is {ab, likelihood, features, centres, h, w}.

import { blockMean } from "./color.js";
import { MATCHING, PREDICTION, SUGGESTIONS, UNCERTAINTY } from "./constants.js";

/** Probabilities of logits, K planes of `cells`. */
export function softmax(logits, cells, temperature = 1) {
  const most = new Float32Array(cells).fill(-Infinity), sums = new Float64Array(cells);
  for (let at = 0; at < logits.length; at++) most[at % cells] = Math.max(most[at % cells], logits[at]);
  const chance = logits.map((value, at) => Math.exp((value - most[at % cells]) / temperature));
  chance.forEach((value, at) => { sums[at % cells] += value; });
  return chance.map((value, at) => value / sums[at % cells]);
}

/** Features, C planes of `cells`, as unit vectors about their mean: C planes. */
export function unitPlanes(features, cells) {
  const planes = Array.from({ length: features.length / cells }, (_, channel) => {
    const plane = features.subarray(channel * cells, (channel + 1) * cells);
    const mean = plane.reduce((sum, value) => sum + value, 0) / cells;
    return plane.map((value) => value - mean);
  });
  return asUnits(planes);
}

/** Planes with each cell's values together brought to length 1. */
export function asUnits(planes) {
  const norm = planes[0].map((_, at) =>
    Math.max(Math.sqrt(planes.reduce((sum, plane) => sum + plane[at] ** 2, 0)), 1e-9));
  return planes.map((plane) => plane.map((value, at) => value / norm[at]));
}

/** The cosines of each cell of some planes to each of others: a row for each of the first. */
function cosines(some, others) {
  return Array.from(some[0], (_, at) => {
    const row = new Float32Array(others[0].length);
    some.forEach((plane, channel) => {
      const value = plane[at], other = others[channel];
      for (let to = 0; to < row.length; to++) row[to] += value * other[to];
    });
    return row;
  });
}

const largest = (values) => values.reduce((best, value, at) => value > values[best] ? at : best, 0);

/** The cell of a point, x and y in 0..1. */
export const cellAt = ({ h, w }, x, y) => Math.min(Math.floor(y * h), h - 1) * w + Math.min(Math.floor(x * w), w - 1);

const middle = (index, rows, columns) => [(index % columns + 0.5) / columns, (Math.floor(index / columns) + 0.5) / rows];

/** At most `count` colours, [a, b], that a point may well have, the likeliest first. */
export function likely({ likelihood, centres, h, w }, x, y, count) {
  const row = Math.min(Math.floor(y * h), h - 1), column = Math.min(Math.floor(x * w), w - 1);
  const colors = Array.from({ length: centres.length / 2 }, (_, k) => [centres[2 * k], centres[2 * k + 1]]);
  let left = colors.map((_, k) => {
    let sum = 0, cells = 0;
    for (let down = Math.max(0, row - 1); down <= Math.min(h - 1, row + 1); down++)
      for (let along = Math.max(0, column - 1); along <= Math.min(w - 1, column + 1); along++, cells++)
        sum += likelihood[(k * h + down) * w + along];
    return sum / cells;
  });
  const apart = (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]), { KIN } = SUGGESTIONS, found = [];
  while (found.length < count && Math.max(...left) > 0) {
    const around = colors.map((color) => colors.reduce((sum, other, k) =>
      sum + Math.exp(-((2 * apart(color, other) / KIN) ** 2) / 2) * left[k], 0));
    const peak = colors[largest(around)], kin = colors.map((color) => apart(color, peak) < KIN);
    const sums = [0, 0, 0];
    left.forEach((share, k) => { if (kin[k]) [colors[k][0], colors[k][1], 1].forEach((value, at) => { sums[at] += share * value; }); });
    found.push([sums[0] / sums[2], sums[1] / sums[2]]);
    left = left.map((share, k) => kin[k] ? 0 : share);
  }
  return found;
}

/** How far from the predicted colours likely ones lie: root mean square in Lab units, (h, w). */
export function expectedError({ ab, likelihood, centres, h, w }) {
  const cells = h * w, square = Float64Array.from({ length: cells }, (_, at) => ab[at] ** 2 + ab[cells + at] ** 2);
  for (let at = 0; at < likelihood.length; at++) {
    const cell = at % cells, k = (at - cell) / cells, [a, b] = [centres[2 * k], centres[2 * k + 1]];
    square[cell] += likelihood[at] * (a * a + b * b - 2 * (a * ab[cell] + b * ab[cells + cell]));
  }
  return Float32Array.from(square, (value) => Math.sqrt(Math.max(value, 0)));
}

/** At most `count` points in doubt, [x, y] in 0..1, one of each kind of thing. */
export function uncertainPoints({ features, h, w }, values, count) {
  const error = blockMean(values, h, w, 2), rows = h / 2, columns = w / 2, cells = rows * columns;
  const step = Math.ceil(Math.sqrt(cells / UNCERTAINTY.COMPARED)), indices = [];
  for (let row = 0; row < rows; row += step)
    for (let column = 0; column < columns; column += step) indices.push(row * columns + column);
  const some = Float32Array.from({ length: features.length / cells * indices.length }, (_, at) =>
    features[Math.floor(at / indices.length) * cells + indices[at % indices.length]]);
  const units = unitPlanes(some, indices.length);
  const alike = cosines(units, units).map((row) => row.map((value) => value > PREDICTION.ALIKE));
  let left = Float64Array.from(indices, (index) => error[index] ** 2);
  const found = [];
  while (found.length < count && left.some((value) => value > 0)) {
    const best = largest(alike.map((row) => row.reduce((sum, is, at) => sum + is * left[at], 0)));
    found.push(middle(indices[best], rows, columns));
    left = left.map((value, at) => alike[best][at] ? 0 : value);
  }
  return found;
}

/** At most `count` of the members, `first` and then always the farthest from all. */
function farthest(members, columns, count, first) {
  const chosen = [first], nearest = new Float64Array(members.length).fill(Infinity);
  const place = (index) => [Math.floor(index / columns), index % columns];
  while (chosen.length < Math.min(count, members.length)) {
    const [row, column] = place(chosen.at(-1));
    members.forEach((member, at) => {
      const [down, along] = place(member);
      nearest[at] = Math.min(nearest[at], Math.hypot(down - row, along - column));
    });
    const next = largest(nearest);
    if (nearest[next] < 2) break;
    chosen.push(members[next]);
  }
  return chosen;
}

/**
 * Points of a photo with the colours of what looks most like them in another one, whose true colours
 * are `ab`, two planes (height, width): {points: [{x, y, ab, own}], share} with how much looks alike.
 */
export function match(prediction, other, ab, width, height) {
  const rows = prediction.h / 2, columns = prediction.w / 2;
  const theirs = ab.map((plane) => blockMean(plane, height, width, height * 2 / other.h));
  const alike = cosines(unitPlanes(prediction.features, rows * columns), unitPlanes(other.features, other.h * other.w / 4));
  const best = alike.map((row) => row[largest(row)]);
  const sure = best.flatMap((value, at) => value > PREDICTION.ALIKE ? [at] : []), share = sure.length / best.length;
  if (!sure.length) return { points: [], share };
  const points = farthest(sure, columns, MATCHING.MATCHES, largest(best)).map((index) => {
    const weights = alike[index].map((value) => Math.exp((value - best[index]) / MATCHING.TEMPERATURE));
    const sum = weights.reduce((one, weight) => one + weight, 0), [x, y] = middle(index, rows, columns);
    const cell = cellAt(prediction, x, y), cells = prediction.h * prediction.w;
    return {
      x, y, own: [prediction.ab[cell], prediction.ab[cells + cell]],
      ab: theirs.map((plane) => weights.reduce((total, weight, at) => total + weight * plane[at], 0) / sum),
    };
  });
  return { points, share };
}
