// Photos that are open: each has its file and its preview. All pixels are kept of one alone, the
// last that was enlarged or saved.

import { exifOf, withExif } from "./exif.js";
import { lightness } from "./color.js";
import { ENGINE, PAGE } from "./constants.js";

/** What is wrong, for the page to say in a sentence. */
export class Problem extends Error {
  constructor(kind, status) {
    super(kind);
    Object.assign(this, { kind, status });
  }
}

const begun = Date.now().toString(36); // a page that is loaded anew has other names
let count = 0, whole = null; // {picture, bitmap}

async function decoded(file) {
  const bitmap = await createImageBitmap(file).catch(() => { throw new Problem("unopened"); });
  if (bitmap.width * bitmap.height <= ENGINE.MAX_PIXELS) return bitmap;
  bitmap.close();
  throw new Problem("large");
}

function drawn(image, width, height, [left, top, wide, high] = [0, 0, image.width, image.height]) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(image, left, top, wide, high, 0, 0, width, height);
  return canvas;
}

const pixelsOf = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);

/** Pixels as a file. */
export function encoded(pixels, type = "image/jpeg") {
  const canvas = new OffscreenCanvas(pixels.width, pixels.height);
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type, quality: 0.92 });
}

export class Picture {
  /** Open a file; `kept` says that all its pixels may be wanted soon. */
  static async of(file, { kept = true } = {}) {
    const bitmap = await decoded(file), picture = new Picture(file, bitmap);
    if (kept) picture.#keep(bitmap);
    else bitmap.close();
    return picture;
  }

  constructor(file, bitmap) {
    const { width, height } = bitmap, scale = Math.min(1, PAGE.PREVIEW / Math.max(width, height));
    Object.assign(this, { id: `${begun}-${++count}`, file, width, height });
    this.preview = drawn(bitmap, ...[width, height].map((side) => Math.max(1, Math.round(side * scale))));
  }

  /** The pixels of the preview, anew each time. */
  get pixels() {
    return pixelsOf(this.preview);
  }

  /** Its size, `by` times smaller. */
  shrunk(by) {
    return { width: Math.max(1, Math.floor(this.width / by)), height: Math.max(1, Math.floor(this.height / by)) };
  }

  /** Pixels of a part of the original, `by` times smaller. */
  async part({ left, top, width, height }, by = 1) {
    const sides = [width, height].map((side) => Math.max(1, Math.floor(side / by)));
    return pixelsOf(drawn(await this.#whole(), ...sides, [left, top, width, height]));
  }

  /** What a model sees at a size: pixels and their lightness. */
  seen(width, height) {
    const pixels = pixelsOf(drawn(this.preview, width, height)).data;
    return { width, height, pixels, light: lightness(pixels) };
  }

  /** A file of it, with what the original's EXIF says. */
  async withExif(blob, format) {
    const exif = exifOf(new Uint8Array(await this.file.arrayBuffer()));
    return exif ? withExif(new Uint8Array(await blob.arrayBuffer()), exif, format) : blob;
  }

  close() {
    if (whole?.picture !== this) return;
    whole.bitmap.close();
    whole = null;
  }

  async #whole() {
    if (whole?.picture !== this) this.#keep(await decoded(this.file));
    return whole.bitmap;
  }

  #keep(bitmap) {
    whole?.bitmap.close();
    whole = { picture: this, bitmap };
  }
}
