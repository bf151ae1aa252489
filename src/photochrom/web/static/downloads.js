// Photos in colour, at their full size, as files: one, or all in a ZIP.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { $ } from "./dom.js";
import { busy, during } from "./messages.js";
import { zip } from "./zip.js";
import { t } from "./words.js";

const EXTENSION = { jpeg: ".jpg", png: ".png", tiff: ".tif" };
const MAX_BYTES = 2 ** 31; // bytes of one ZIP, whose format ends at twice that; more go in the next

// What a file name cannot hold on one system or another, such as separators.
const FORBIDDEN = /[\u0000-\u001f\u007f<>:"/\\|?*]+/g;
const stem = ({ name }) => name.replace(/\.[^.]*$/, "").replace(FORBIDDEN, "-").replace(/^[ .-]+|[ .-]+$/g, "") || "photo";
export const named = (photo, extension, what = "colour") => `${stem(photo)}-${what}${extension}`;
// A photo whose own colours are kept is its file as it came.
export const title = (photo) => photo.choices.own
  ? stem(photo) + (/\.\w+$/.exec(photo.name)?.[0] ?? "")
  : named(photo, EXTENSION[$("format").value]);
export const full = (photo) => photo.choices.own
  ? photo.file ?? inSession(photo, () => api.file(photo.id))
  : inSession(photo, () => api.picture(photo.id, {
    ...photo.options, format: $("format").value, jpeg_quality: $("jpeg-quality").value,
  }));

export function save(href, name) {
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

export const one = (photo) =>
  during("download", t("Colouring at full size …"), async () => save(URL.createObjectURL(await full(photo)), title(photo)));

// Give all that can be given, and name the others.
export const all = (photos) => during("download", t("Colouring at full size …"), async () => {
  const failed = [], names = new Set();
  let files = [], bytes = 0, number = 0;
  const pack = async () => {
    if (files.length) save(URL.createObjectURL(await zip(files)), `photochrom${number++ ? `-${number}` : ""}.zip`);
    files = [], bytes = 0;
  };
  for (const [at, photo] of photos.entries()) {
    busy("download", t("Colouring at full size, {number} of {count} …", { number: at + 1, count: photos.length }));
    try {
      const blob = await full(photo);
      if (bytes + blob.size > MAX_BYTES) await pack();
      files.push({ name: distinct(title(photo), names), blob });
      bytes += blob.size;
    } catch (error) {
      failed.push(`${photo.name}: ${error.message}`);
    }
  }
  await pack();
  if (failed.length) throw new Error(`${t("Not in the ZIP:")}\n${failed.join("\n")}`);
});

// The second photo of a name is given a number; upper and lower case are one name to some systems.
function distinct(name, names) {
  let found = name;
  for (let number = 2; names.has(found.toLowerCase()); number++) found = name.replace(/(\.\w+)$/, `-${number}$1`);
  names.add(found.toLowerCase());
  return found;
}
