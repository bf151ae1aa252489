// All that takes time: decoding, the model, colours at full size, the file that is saved.

import * as ort from "./runtime/ort.wasm.min.mjs";
import { guidedCoefficients, lightness, Recombiner, resizeBilinear } from "./color.js";
import { propagate } from "./hints.js";
import { exifOf, withExif } from "./jpeg.js";
import { GAINS, MODEL } from "./constants.js";

const MAX_ASPECT = 4, MAX_SEEN = 2048 ** 2; // as the Python has it
const PREVIEW = 1400; // pixels of the long side
const MAX_PIXELS = 100e6;
const BAND = 1 << 20; // pixels that are coloured at a time

ort.env.wasm.wasmPaths = new URL("./runtime/", import.meta.url).href;
ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;

let session; // a promise of the open model
let picture; // {whole, shown, exif}: canvases
let coefficients; // of the last answer

const open = () =>
  (session ??= fetch("model.onnx")
    .then((found) => found.arrayBuffer())
    .then((data) => ort.InferenceSession.create(data, { graphOptimizationLevel: "all" })));

function canvasOf(bitmap, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  return { canvas, context, width, height };
}

/** Width and height of what the model sees. */
export function sees(width, height) {
  const [short, long] = width < height ? [width, height] : [height, width];
  const useful = Math.min(MODEL.size, Math.max(short, MODEL.size));
  const scale = Math.min(
    useful / short, (MAX_ASPECT * useful) / long, Math.sqrt(MAX_SEEN / (short * long)),
  );
  return [width, height].map((side) =>
    Math.max(MODEL.multiple, MODEL.multiple * Math.round((side * scale) / MODEL.multiple)),
  );
}

async function load({ file }) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(
      `${file.name} cannot be opened in a browser; photochrom colorize opens TIFF, PDF, raw files and films`,
    );
  }
  const { width, height } = bitmap;
  if (width * height > MAX_PIXELS)
    throw new Error(`${file.name} has more than 100 megapixels; photochrom colorize has no such bound`);
  const scale = Math.min(1, PREVIEW / Math.max(width, height));
  const shown = canvasOf(bitmap, Math.round(width * scale), Math.round(height * scale));
  picture = {
    whole: canvasOf(bitmap, width, height), shown,
    exif: file.type === "image/jpeg" ? exifOf(new Uint8Array(await file.arrayBuffer())) : null,
    name: file.name,
  };
  bitmap.close();
  coefficients = null;
  return { before: shown.context.getImageData(0, 0, shown.width, shown.height), width, height };
}

const flipped = (plane, height, width) => {
  const turned = new Float32Array(plane.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) turned[y * width + x] = plane[y * width + width - 1 - x];
  return turned;
};

async function color({ vividness, hints }) {
  const { whole, shown } = picture;
  const [width, height] = sees(whole.width, whole.height);
  const small = canvasOf(shown.canvas, width, height);
  const light = lightness(small.context.getImageData(0, 0, width, height).data);
  const { ab, h, w } = await answer(light, hints, height, width, vividness);
  const turned = hints.map((hint) => ({ ...hint, x: 1 - hint.x - 1e-6 }));
  const mirrored = await answer(flipped(light, height, width), turned, height, width, vividness);
  const mean = ab.map((plane, channel) => {
    const other = flipped(mirrored.ab[channel], h, w);
    return plane.map((value, at) => (value + other[at]) / 2);
  });
  coefficients = { planes: guidedCoefficients(light, height, width, mean, h, w), h, w };
  const after = shown.context.getImageData(0, 0, shown.width, shown.height);
  recombiner(shown).recombine(after.data, 0);
  return { after };
}

/** Ask the model; the things that hints are on then get their colours. */
async function answer(light, hints, height, width, vividness) {
  const model = await open();
  const feeds = { lightness: new ort.Tensor("float32", light, [1, 1, height, width]) };
  if (model.inputNames.includes("hints"))
    feeds.hints = new ort.Tensor("float32", new Float32Array(3 * height * width), [1, 3, height, width]);
  const found = await model.run(feeds);
  const [, , h, w] = found.ab.dims, gain = GAINS[0] * (GAINS[1] / GAINS[0]) ** vividness;
  if (!found.ab.data.every(Number.isFinite)) throw new Error("the model gave values that are not numbers");
  let ab = [0, 1].map((at) => found.ab.data.slice(at * h * w, (at + 1) * h * w).map((v) => v * gain));
  if (hints.length && found.features)
    ab = propagate(ab, h, w, found.features.data, light, hints, height, width);
  return { ab, h, w };
}

const recombiner = ({ width, height }) =>
  new Recombiner(coefficients.planes, coefficients.h, coefficients.w, height, width);

async function save({ type }) {
  const { whole, exif } = picture;
  const { width, height } = whole;
  const target = new OffscreenCanvas(width, height), context = target.getContext("2d");
  const colors = recombiner(whole), rows = Math.max(1, Math.floor(BAND / width));
  for (let top = 0; top < height; top += rows) {
    const band = whole.context.getImageData(0, top, width, Math.min(rows, height - top));
    colors.recombine(band.data, top);
    context.putImageData(band, 0, top);
  }
  const blob = await target.convertToBlob({ type, quality: 0.95 });
  const kept = type === "image/jpeg" && exif;
  return { blob: kept ? withExif(new Uint8Array(await blob.arrayBuffer()), exif) : blob };
}

const WORK = { load, color, save, open: async () => ({ ready: Boolean(await open()) }) };
let last = Promise.resolve(); // one thing after the other

self.onmessage = ({ data: { number, work, ...given } }) => {
  last = last.then(async () => {
    try {
      self.postMessage({ number, ...(await WORK[work](given)) });
    } catch (error) {
      self.postMessage({ number, error: String(error.message ?? error) });
    }
  });
};
