// The model: what it is shown, and its answers, of which the last are kept.

import * as ort from "../runtime/ort.wasm.min.mjs";
import { Problem } from "./pictures.js";
import { ENGINE, MODEL } from "./constants.js";

const MAX_BYTES = 96 << 20; // of answers

ort.env.wasm.wasmPaths = new URL("../runtime/", import.meta.url).href;
ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;

let session = null; // a promise of the open model
const answers = new Map(); // by what was asked, the least used first

const opened = () => session ??= fetch(new URL("../model.onnx", import.meta.url))
  .then((found) => found.ok ? found.arrayBuffer() : Promise.reject())
  .then((data) => ort.InferenceSession.create(data, { graphOptimizationLevel: "all" }))
  .catch(() => {
    session = null;
    throw new Problem("unloaded");
  });

export const load = async () => { await opened(); };

/** Width and height of what the model sees of a picture, whose short side is near `size`. */
export function sees({ width, height }, size = ENGINE.MODEL.size) {
  const [short, long] = width < height ? [width, height] : [height, width];
  const useful = Math.min(size, Math.max(short, ENGINE.MODEL.size)), { multiple } = ENGINE.MODEL;
  const scale = Math.min(
    useful / short, (MODEL.MAX_ASPECT * useful) / long, Math.sqrt(MODEL.MAX_PIXELS / (short * long)),
  );
  return [width, height].map((side) => Math.max(multiple, multiple * Math.round((side * scale) / multiple)));
}

const gain = (vividness) => {
  const [least, most] = ENGINE.MODEL.gains;
  return least * (most / least) ** vividness;
};

/** The colours of a vividness from a model's: ab, multiplied, and towards 0 the natural ones if it has such. */
export function withVividness(ab, natural, vividness = ENGINE.MODEL.vividness) {
  if (!natural || vividness >= MODEL.MIDDLE) return ab.map((value) => gain(vividness) * value);
  const share = vividness / MODEL.MIDDLE, middle = share * gain(MODEL.MIDDLE), least = (1 - share) * gain(0);
  return ab.map((value, at) => middle * value + least * natural[at]);
}

/**
 * The network's answer to lightness and hints, three planes or null, as it comes: {h, w, ab,
 * natural, likelihood, features, centres}. `key` names what is asked.
 */
export async function answer(key, { light, width, height }, hints = null) {
  const known = answers.get(key) ?? await run(light, width, height, hints);
  answers.delete(key);
  answers.set(key, known);
  let bytes = [...answers.values()].reduce((sum, one) => sum + one.bytes, 0);
  for (const [old, one] of answers) {
    if (bytes <= MAX_BYTES || old === key) break;
    answers.delete(old);
    bytes -= one.bytes;
  }
  return known;
}

async function run(light, width, height, hints) {
  const model = await opened();
  const feeds = { lightness: new ort.Tensor("float32", light, [1, 1, height, width]) };
  if (model.inputNames.includes("hints"))
    feeds.hints = new ort.Tensor("float32", hints ?? new Float32Array(3 * height * width), [1, 3, height, width]);
  const found = await model.run(feeds), [, , h, w] = found.ab.dims;
  if (!found.ab.data.every(Number.isFinite)) throw new Problem("numbers");
  const planes = Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, data]));
  return { h, w, ...planes, bytes: Object.values(planes).reduce((sum, { byteLength }) => sum + byteLength, 0) };
}
