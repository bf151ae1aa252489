// EXIF of a JPEG or PNG: taken from the original, and put into what is saved, which is upright.

import { crc32 } from "../static/zip.js";

const PNG = 0x89504e47, NAME = "Exif\0\0";
const letters = (bytes, at, count) => String.fromCharCode(...bytes.subarray(at, at + count));
const number = (bytes, at) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);

/** The EXIF of a file, as TIFF has it; null when there is none. */
export function exifOf(bytes) {
  const found = bytes.length > 12 && (number(bytes, 0) === PNG ? inPng(bytes) : inJpeg(bytes));
  return found?.length > 8 ? upright(found) : null;
}

function inJpeg(bytes) {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  for (let at = 2; at + 4 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    if (bytes[at + 1] === 0xe1 && letters(bytes, at + 4, NAME.length) === NAME)
      return bytes.slice(at + 4 + NAME.length, at + 2 + length);
    at += 2 + length;
  }
  return null;
}

function inPng(bytes) {
  for (let at = 8; at + 8 < bytes.length; ) {
    const length = number(bytes, at);
    if (letters(bytes, at + 4, 4) === "eXIf") return bytes.slice(at + 8, at + 8 + length);
    at += 12 + length;
  }
  return null;
}

/** Set the orientation to upright: a browser has turned the pixels. */
function upright(exif) {
  const view = new DataView(exif.buffer), little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return exif;
  for (let entry = 0; entry < view.getUint16(directory, little); entry++) {
    const at = directory + 2 + 12 * entry;
    if (at + 12 > view.byteLength) break;
    if (view.getUint16(at, little) === 0x0112) view.setUint16(at + 8, 1, little);
  }
  return exif;
}

/** A JPEG or PNG with EXIF, as a Blob. */
export function withExif(bytes, exif, format) {
  const type = `image/${format}`;
  if (format === "png") return new Blob([bytes.subarray(0, 33), chunk(exif), bytes.subarray(33)], { type });
  const length = NAME.length + exif.length + 2;
  if (length > 0xffff) return new Blob([bytes], { type }); // more than a JPEG has room for
  const head = new Uint8Array([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255]);
  return new Blob([head, NAME, exif, bytes.subarray(2)], { type });
}

/** EXIF as a chunk, which stands behind the first one of a PNG. */
function chunk(exif) {
  const made = new Uint8Array(12 + exif.length), view = new DataView(made.buffer);
  view.setUint32(0, exif.length);
  made.set(new TextEncoder().encode("eXIf"), 4);
  made.set(exif, 8);
  view.setUint32(8 + exif.length, crc32(made.subarray(4, 8 + exif.length)));
  return made;
}
