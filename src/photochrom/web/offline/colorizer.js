// Colours of a photo, and what the model says besides, as inference/colorizer.py and guide.py have it.

import { guidedCoefficients, resizeBilinear, abOf, unsharpMask } from "./color.js";
import { expectedError, softmax, uncertainPoints } from "./guidance.js";
import { answer, sees, withVividness } from "./model.js";
import { paletteNamed, priorAb } from "./palette.js";
import { Terrain, propagate } from "./propagation.js";
import { strokeHints } from "./strokes.js";
import { ENGINE, GUIDE, HINTS, PALETTE } from "./constants.js";

const KEPT = 8; // coefficients of photos
const made = new Map(), terrains = new WeakMap();

/** What is wanted of all colours, or null. */
const prior = ({ palette, warmth = 0 }) =>
  palette || warmth ? { palette: palette ? paletteNamed(palette) : null, warmth } : null;

/** The hints of options, {x, y, color, far} with x and y in 0..1, over those of the strokes. */
function hintsOf({ width, height }, { hints = [], strokes = [] }) {
  const below = strokes.length ? strokeHints(strokes, width, height, HINTS.MAX_HINTS - hints.length) : [];
  return [...below, ...hints].map(([x, y, color, far = "thing"]) => ({ x: x / width, y: y / height, color, far }));
}

/** Hints drawn as planes a, b and mask, of what the model sees. */
function planesOf(hints, { width, height }) {
  const size = width * height, planes = new Float32Array(3 * size), { REACH } = HINTS;
  for (const { x, y, color } of hints) {
    const values = [...abOf(color), 1], column = Math.floor(x * width), row = Math.floor(y * height);
    for (let down = Math.max(0, row - REACH); down <= Math.min(height - 1, row + REACH); down++)
      for (let along = Math.max(0, column - REACH); along <= Math.min(width - 1, column + REACH); along++)
        values.forEach((value, plane) => { planes[plane * size + down * width + along] = value; });
  }
  return planes;
}

/** A plane, or several of `height` rows in all, from right to left. */
function mirror(plane, width) {
  const turned = new Float32Array(plane.length);
  for (let at = 0; at < plane.length; at++) turned[at] = plane[at - at % width + width - 1 - at % width];
  return turned;
}

const mirrored = (seen) => ({ ...seen, light: mirror(seen.light, seen.width) });
const turned = (hints) => hints.map((hint) => ({ ...hint, x: 1 - hint.x - 1e-6 }));

/** The network's answer to a view of a photo with hints that it is told of. */
const asked = (picture, view, seen, hints) => {
  const key = JSON.stringify([picture.id, seen.width, seen.height, view.mirrored, hints]);
  return answer(key, seen, hints.length ? planesOf(hints, seen) : null);
};

/** Colours of a vividness, two planes, from the network's, two planes in one, of which `ab` are sharpened. */
const enhanced = (ab, natural, h, w, vividness) => [0, 1].map((at) => {
  const [plane, calm] = [ab, natural].map((planes) => planes?.subarray(at * h * w, (at + 1) * h * w));
  return withVividness(unsharpMask(plane, h, w, ENGINE.MODEL.unsharp), calm, vividness);
});

/** The terrain of an answer, or of a prediction. */
export function terrain({ features, h, w, seen }) {
  if (!terrains.has(features)) terrains.set(features, new Terrain(features, seen.light, seen.height, seen.width, h, w));
  return terrains.get(features);
}

/** The colours of one view, two planes, not mirrored. */
async function viewed(picture, view, options, hints) {
  const [width, height] = sees(picture, Math.round((options.size ?? ENGINE.MODEL.size) * view.scale));
  const upright = picture.seen(width, height), seen = view.mirrored ? mirrored(upright) : upright;
  const here = view.mirrored ? turned(hints) : hints, far = here.filter((hint) => hint.far === "everything");
  const found = await asked(picture, view, seen, far), { h, w } = found, wanted = prior(options);
  const chroma = wanted?.palette ? PALETTE.CHROMA : 1;
  const given = wanted
    ? [priorAb(found.likelihood, found.centres, h * w, wanted).map((value) => chroma * value), null]
    : [found.ab, found.natural];
  let ab = enhanced(...given, h, w, options.vividness);
  if (here.length) {
    const { features } = far.length ? await asked(picture, view, seen, []) : found;
    ab = propagate(ab, terrain({ features, h, w, seen }), here);
  }
  return { ab: view.mirrored ? ab.map((plane) => mirror(plane, w)) : ab, h, w, light: upright.light, width, height };
}

/** The guided coefficients of a photo with options, {planes, h, w}. */
export async function coefficients(picture, options) {
  const key = JSON.stringify([picture.id, options]);
  const lines = made.get(key) ?? await coefficientsOf(picture, options);
  made.delete(key);
  made.set(key, lines);
  if (made.size > KEPT) made.delete(made.keys().next().value);
  return lines;
}

async function coefficientsOf(picture, options) {
  const hints = hintsOf(picture, options), views = [];
  for (const view of ENGINE.VIEWS) views.push(await viewed(picture, view, options, hints));
  const [{ light, width, height, h, w }] = views, { strength = 1 } = options;
  const brought = views.map((one) => one.ab.map((plane) => resizeBilinear(plane, one.h, one.w, h, w)));
  const mean = [0, 1].map((channel) => brought[0][channel].map((_, at) =>
    brought.reduce((sum, ab) => sum + ab[channel][at], 0) / views.length));
  const planes = guidedCoefficients(light, height, width, mean, h, w);
  return { planes: planes.map((plane) => plane.map((value) => strength * value)), h, w };
}

/**
 * What the model makes of a photo: {ab, likelihood, features, centres, h, w, seen}. It is told of all
 * hints.
 */
export async function predicted(picture, options = {}) {
  const [width, height] = sees(picture, options.size), seen = picture.seen(width, height);
  const found = await asked(picture, { mirrored: false }, seen, hintsOf(picture, options));
  const ab = new Float32Array(found.ab.length);
  enhanced(found.ab, found.natural, found.h, found.w, options.vividness).forEach((plane, at) => ab.set(plane, at * plane.length));
  return { ...found, seen, ab, likelihood: softmax(found.likelihood, found.h * found.w) };
}

/** How unsure the model is: `values` (h, w) in Lab units, the `lines` that draw it in red, `points`. */
export async function uncertainty(picture, options) {
  const prediction = await predicted(picture, options), values = expectedError(prediction), { h, w, seen } = prediction;
  const doubt = values.map((value) => Math.min(Math.max((value - GUIDE.FAINT) / (GUIDE.FULL - GUIDE.FAINT), 0), 1));
  const red = GUIDE.RED.map((value) => doubt.map((share) => share * value));
  const lines = { planes: guidedCoefficients(seen.light, seen.height, seen.width, red, h, w), h, w };
  return { prediction, values, lines, points: uncertainPoints(prediction, values, GUIDE.POINTS) };
}
