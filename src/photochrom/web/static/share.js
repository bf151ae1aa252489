// Other ways to save the photo in the viewer: beside what it was, as a clip, copied, shared, as a project.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { $ } from "./dom.js";
import { full, named, save, title } from "./downloads.js";
import { during } from "./messages.js";
import { t } from "./words.js";

const GAP = 12; // pixels between before and after
const QUALITY = 0.92;

const blobOf = (canvas, type) => canvas.convertToBlob({ type, quality: QUALITY });

async function loaded(url) {
  const image = Object.assign(new Image(), { src: url });
  await image.decode();
  return image;
}

// Draw images, one beside the other or one below it, whichever is nearer to a square.
async function drawn(urls) {
  const images = await Promise.all(urls.map(loaded));
  const [{ naturalWidth: width, naturalHeight: height }] = images, across = height > width ? 1 : 0, gap = images.length > 1 ? GAP : 0;
  const canvas = new OffscreenCanvas(
    across ? images.length * width + gap : width, across ? height : images.length * height + gap,
  );
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  images.forEach((image, at) =>
    context.drawImage(image, across * at * (width + gap), (1 - across) * at * (height + gap), width, height));
  return canvas;
}

const shown = (photo) => photo.after?.url ?? photo.before;
const give = (blob, name) => save(URL.createObjectURL(blob), name);

export const beforeAndAfter = (photo) => during("save-pair", "", async () =>
  give(await blobOf(await drawn([photo.before, shown(photo)]), "image/jpeg"), named(photo, ".jpg", "before-after")));

export const wipe = (photo) => during("save-wipe", t("Making the clip …"), async () => {
  const format = $("wipe-format").value;
  const blob = await inSession(photo, () => api.wipe(photo.id, { ...photo.options, format }));
  give(blob, named(photo, `.${format}`, "wipe"));
});

// Some browsers want to be given the picture while the press lasts, though it is not there yet.
export const copy = (photo) => during("save-copy", "", async () => {
  const picture = drawn([shown(photo)]).then((canvas) => blobOf(canvas, "image/png"));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]).catch(() => {
    throw new Error(t("This browser does not let pages copy a picture. Save it instead."));
  });
});

// What was chosen, as `photochrom colorize --project` takes it.
export function project(photo) {
  const text = JSON.stringify({ picture: photo.name, ...photo.options }, null, 1);
  give(new Blob([text], { type: "application/json" }), named(photo, ".json", "project"));
}

// Hand the photo to another program of a telephone.
export const canShare = () => Boolean(navigator.canShare?.({ files: [new File([""], "a.jpg", { type: "image/jpeg" })] }));
export const share = (photo) => during("share", t("Colouring at full size …"), async () => {
  const blob = await full(photo);
  await navigator.share({ files: [new File([blob], title(photo), { type: blob.type })] }).catch((error) => {
    if (error.name !== "AbortError") throw new Error(t("It could not be shared. Save it instead."));
  });
});
