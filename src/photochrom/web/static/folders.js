// Folders that are dropped or chosen: the photos and films in them, and in the folders in them.

import { isFilm, isPicture } from "./kinds.js";
import { say } from "./messages.js";
import { firstOf, t } from "./words.js";

const MAX_NAMES = 3; // of files that are left out

const byPath = (one, two) => one.path.localeCompare(two.path, undefined, { numeric: true });

// Give the files of what is dropped; folders are walked. It must be called before anything else is awaited.
export function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return Promise.resolve([...transfer.files]);
  return Promise.all(entries.map((entry) => walk(entry, !entry.isDirectory))).then((found) => chosen(found.flat()));
}

// Give those of a folder that a person chose.
export const inFolder = (files) =>
  chosen([...files].map((file) => ({ file, path: file.webkitRelativePath || file.name, named: false })));

// Leave out what is in a folder and is not a photo or a film, and say so.
function chosen(found) {
  const wanted = ({ file, named }) =>
    named || (!file.name.startsWith(".") && (isPicture(file) || isFilm(file)));
  const files = found.filter(wanted).sort(byPath).map(({ file }) => file);
  const others = found.filter((one) => !wanted(one) && !one.file.name.startsWith("."));
  say("folder", leftOut(files.length, others.map(({ file }) => file.name)));
  return files;
}

function leftOut(count, names) {
  if (!count && !names.length) return t("There is no photo in this folder.");
  if (!names.length) return "";
  const named = firstOf(names, MAX_NAMES);
  return count ? t("Left out, as they are not photos or films: {names}.", { names: named })
    : t("There is no photo in this folder, but: {names}.", { names: named });
}

// Files below an entry, as [{file, path, named}]; `named` if a person dropped the file itself.
async function walk(entry, named) {
  if (entry.isFile) {
    const file = await new Promise((done, stop) => entry.file(done, stop)).catch(() => null);
    return file ? [{ file, path: entry.fullPath, named }] : [];
  }
  const reader = entry.createReader(), inside = [];
  for (;;) { // a reader gives a hundred at a time
    const some = await new Promise((done, stop) => reader.readEntries(done, stop)).catch(() => []);
    if (!some.length) break;
    inside.push(...some);
  }
  return (await Promise.all(inside.map((one) => walk(one, false)))).flat();
}
