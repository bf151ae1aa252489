// EXIF of a JPEG: taken from the original, and put into what is saved, which is upright.

/** The segment with EXIF, without its marker and length; null when there is none. */
export function exifOf(bytes) {
  for (let at = 2; at + 4 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    const segment = bytes.slice(at + 4, at + 2 + length);
    if (bytes[at + 1] === 0xe1 && String.fromCharCode(...segment.slice(0, 4)) === "Exif")
      return upright(segment);
    at += 2 + length;
  }
  return null;
}

/** Set the orientation to upright: a browser has turned the pixels. */
function upright(segment) {
  const view = new DataView(segment.buffer, 6), little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return segment;
  for (let entry = 0; entry < view.getUint16(directory, little); entry++) {
    const at = directory + 2 + 12 * entry;
    if (at + 12 > view.byteLength) break;
    if (view.getUint16(at, little) === 0x0112) view.setUint16(at + 8, 1, little);
  }
  return segment;
}

/** A JPEG with the segment behind its first marker, as a Blob. */
export function withExif(bytes, segment) {
  const length = segment.length + 2;
  const head = new Uint8Array([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255]);
  return new Blob([head, segment, bytes.subarray(2)], { type: "image/jpeg" });
}
