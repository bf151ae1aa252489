// The engine in this browser, as functions: what stands here is the server where there is one.
// What fails throws an Error whose message is a sentence.

import { ENGINE } from "../engine/constants.js";
import { isFilm } from "./kinds.js";
import { t } from "./words.js";

const MEGAPIXELS = ENGINE.MAX_PIXELS / 1e6;
const PROBLEMS = {
  unopened: t("It cannot be opened in a browser; the command photochrom colorize opens TIFF, PDF, raw files and films."),
  large: t("It has more than {megapixels} megapixels; the command photochrom colorize has no such bound.", { megapixels: MEGAPIXELS }),
  colourless: t("It has no colours to take; choose a photo in colour."),
  unloaded: t("The model could not be loaded; reload the page when there is a network."),
  numbers: t("The model gave values that are not numbers."),
  unstarted: t("This page could not start; reload it, or take a newer browser."),
  simd: t("This browser has no WebAssembly SIMD; take a newer one, or the command photochrom colorize."),
};
const SIMD = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

// What this engine can do, of what not every engine can: the formats that it saves, those of clips,
// and the files that are offered to be opened.
export const can = { saves: ["jpeg", "png"], clips: [], opens: "image/jpeg,image/png,image/webp,image/avif,image/gif,image/bmp" };

// What it opens, in a sentence.
export const opens = t("JPEG, PNG, WebP or AVIF, up to {megapixels} megapixels, in 8 bits; the command photochrom colorize opens TIFF, 16 bits, PDF, raw files and films, too.", { megapixels: MEGAPIXELS });

let broken = typeof WebAssembly === "object" && WebAssembly.validate(SIMD) ? null : PROBLEMS.simd;
const worker = new Worker(new URL("../engine/worker.js", import.meta.url), { type: "module" });
const waiting = new Map();
let count = 0;

worker.onmessage = ({ data: { number, error, found } }) => {
  const { done, stop } = waiting.get(number) ?? {};
  waiting.delete(number);
  if (error) stop?.(Object.assign(new Error(PROBLEMS[error.kind] ?? error.text), { status: error.status }));
  else done?.(found);
};
worker.onerror = () => {
  broken ??= PROBLEMS.unstarted;
  for (const { stop } of waiting.values()) stop(new Error(broken));
};

// Have the worker do something; what is aborted before its turn is never begun.
function ask(work, given = {}, signal) {
  return new Promise((done, stop) => {
    signal?.throwIfAborted();
    if (broken) throw new Error(broken);
    const number = ++count;
    waiting.set(number, { done, stop });
    worker.postMessage({ number, work, given });
    signal?.addEventListener("abort", () => {
      worker.postMessage({ number, work: "cancel" });
      waiting.delete(number);
      stop(signal.reason);
    }, { once: true });
  });
}

// What is said of the model that colours; its file is fetched meanwhile.
export async function model() {
  if (broken) throw new Error(broken);
  ask("load").catch(() => {}); // what colours tells why
  return ENGINE.MODEL;
}

export const answers = async () => true;
export const whenTokenIsWanted = () => {};

export async function upload(file, { signal, progressed = () => {} } = {}) {
  if (isFilm(file)) throw new Error(PROBLEMS.unopened);
  progressed(1);
  return ask("open", { file }, signal);
}

export const hold = (id) => ask("describe", { id });
export const file = (id) => ask("file", { id });
export const original = (id, part = {}, signal) => ask("original", { id, part }, signal);

export function preview(id, { left, top, width, height, ...options }, signal) {
  const part = width ? { left, top, width, height } : {};
  return ask("preview", { id, part, options }, signal);
}

const doubts = (id, options, signal) => ask("doubts", { id, options }, signal);
export const uncertainPoints = async (...asked) => (await doubts(...asked)).places;
export const doubt = async (...asked) => (await doubts(...asked)).mean;

export const picture = (id, { format, jpeg_quality: quality, ...options }) =>
  ask("picture", { id, options, format, quality: quality / 100 });
export const suggestions = (id, x, y) => ask("suggestions", { id, x, y });
export const reach = (id, x, y, far) => ask("reach", { id, x, y, far });
export const reference = (id, file) => ask("reference", { id, file });
export const forget = (id) => ask("forget", { id }).catch(() => {});

navigator.serviceWorker?.register("sw.js");
