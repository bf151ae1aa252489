// All that takes time, one thing after the other: what the server's sessions do where there is one.

import { coefficients, predicted, terrain, uncertainty } from "./colorizer.js";
import { Recombiner, abPlanes, fromAb } from "./color.js";
import { cellAt, likely, match } from "./guidance.js";
import { load } from "./model.js";
import { Picture, Problem, encoded } from "./pictures.js";
import { paletteOf } from "./palette.js";
import { hasColour } from "./toning.js";
import { GUIDE, PAGE } from "./constants.js";

const BAND = 1 << 20; // pixels that are coloured at a time

const pictures = new Map();
const tenth = (value) => Math.round(10 * value) / 10;

function find(id) {
  const found = pictures.get(id);
  if (!found) throw new Problem("gone", 410);
  return found;
}

const told = ({ id, width, height, hadColour }) =>
  ({ id, width, height, film: null, missing: null, had_colour: hadColour });

async function open({ file }) {
  const picture = await Picture.of(file);
  picture.hadColour = hasColour(picture.pixels.data);
  pictures.set(picture.id, picture);
  return told(picture);
}

/** The pixels of the preview, or of a part, coloured by `lines` where there are any. */
async function shown(picture, part, lines) {
  const by = 1 << Math.max(0, 31 - Math.clz32(Math.max(part.width ?? 0, part.height ?? 0) / PAGE.PREVIEW));
  const pixels = part.width ? await picture.part(part, by) : picture.pixels;
  if (!lines) return pixels;
  const { width, height } = part.width ? picture.shrunk(by) : pixels;
  const [left, top] = [part.left ?? 0, part.top ?? 0].map((at) => Math.floor(at / by));
  recombiner(lines, width, height).recombine(pixels.data, top, left, pixels.width);
  return pixels;
}

const recombiner = ({ planes, h, w }, width, height) => new Recombiner(planes, h, w, height, width);

async function preview({ id, part, options: { show, ...options } }) {
  const picture = find(id);
  const lines = show === "uncertainty" ? (await uncertainty(picture, options)).lines : await coefficients(picture, options);
  return encoded(await shown(picture, part, lines));
}

async function doubts({ id, options }) {
  const picture = find(id), { points, values, prediction } = await uncertainty(picture, options);
  const places = points.map(([x, y]) => ({
    x: tenth(x * picture.width), y: tenth(y * picture.height),
    uncertainty: tenth(values[cellAt(prediction, x, y)]), colours: colours(prediction, x, y, GUIDE.COLORS),
  }));
  return { places, mean: tenth(values.reduce((sum, value) => sum + value, 0) / values.length) };
}

/** Likely colours of a point, x and y in 0..1, as "#rrggbb". */
function colours(prediction, x, y, count) {
  const { light, width, height } = prediction.seen;
  const here = light[Math.floor(y * height) * width + Math.floor(x * width)];
  return likely(prediction, x, y, count).map((ab) => fromAb(ab, here));
}

async function full({ id, options, format, quality }) {
  const picture = find(id), { width, height } = picture;
  const lines = await coefficients(picture, options), colors = recombiner(lines, width, height);
  const target = new OffscreenCanvas(width, height), context = target.getContext("2d");
  const rows = Math.max(1, Math.floor(BAND / width));
  for (let top = 0; top < height; top += rows) {
    const band = await picture.part({ left: 0, top, width, height: Math.min(rows, height - top) });
    colors.recombine(band.data, top);
    context.putImageData(band, 0, top);
  }
  return picture.withExif(await target.convertToBlob({ type: `image/${format}`, quality }), format);
}

async function reach({ id, x, y, far }) {
  const picture = find(id), prediction = await predicted(picture), { w, h } = prediction;
  const share = terrain(prediction).reach([x / picture.width, y / picture.height], far);
  const pixels = new ImageData(w, h);
  share.forEach((value, at) => pixels.data.set([255 * value, 255 * value, 255 * value, 255], 4 * at));
  return encoded(pixels, "image/png");
}

async function reference({ id, file }) {
  const picture = find(id), other = await Picture.of(file, { kept: false }), theirs = await predicted(other);
  const { pixels, width, height } = theirs.seen;
  if (!hasColour(pixels)) throw new Problem("colourless");
  const ab = abPlanes(pixels), prediction = await predicted(picture);
  const { points, share } = match(prediction, theirs, ab, width, height);
  const point = ({ x, y, ab: color }) =>
    [tenth(x * picture.width), tenth(y * picture.height), fromAb(color), "everything"];
  return { hints: points.map(point), own: points.map(({ own }) => fromAb(own)), share, palette: paletteOf(ab) };
}

const WORK = {
  load, open, preview, doubts, reach, reference, picture: full,
  describe: ({ id }) => told(find(id)),
  file: ({ id }) => find(id).file,
  forget: ({ id }) => {
    pictures.get(id)?.close();
    pictures.delete(id);
  },
  original: async ({ id, part }) => encoded(await shown(find(id), part)),
  suggestions: async ({ id, x, y }) => {
    const picture = find(id);
    return colours(await predicted(picture), x / picture.width, y / picture.height, GUIDE.SUGGESTED);
  },
};
const cancelled = new Set();
let last = Promise.resolve();

self.onmessage = ({ data: { number, work, given } }) => {
  if (work === "cancel") return cancelled.add(number);
  last = last.then(async () => {
    if (cancelled.delete(number)) return;
    try {
      self.postMessage({ number, found: await WORK[work](given) });
    } catch ({ kind, status, message }) {
      self.postMessage({ number, error: { kind, status, text: message } });
    }
  });
};
