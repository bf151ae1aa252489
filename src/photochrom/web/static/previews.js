// Previews of photos in colour: made when they are needed, one at a time, and kept for a while.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { $ } from "./dom.js";
import { busy, failed, say } from "./messages.js";
import { t } from "./words.js";

const MAX_KEPT = 24; // previews of what was shown before, such as by a colour that was tried
const AROUND = 2; // pixels about a point whose colours are averaged

export class Previews {
  #made = new Map(); // what was made of which photo, the oldest first
  #asking = null; // the previews of one photo that are under way

  // `photo()` is in the viewer. `drawn(photo)` is called when another preview of it is shown,
  // `developed(photo)` when any photo has another preview.
  constructor({ photo, drawn, developed }) {
    Object.assign(this, { photo, drawn, developed });
  }

  // Show the photo as it is to look now. One preview is asked for at a time; what was chosen
  // meanwhile is asked for after it.
  async show() {
    const photo = this.photo();
    if (this.#asking?.photo === photo) return;
    this.#asking?.abort();
    const mine = this.#asking = Object.assign(new AbortController(), { photo });
    busy("preview", t("Colouring …"));
    try {
      while (mine === this.#asking && photo === this.photo() && photo && photo.shownAs !== wanted(photo))
        await this.develop(photo, mine.signal);
      say("preview", "");
    } catch (error) {
      failed("preview", error, () => this.show());
    }
    if (this.#asking !== mine) return;
    this.#asking = null;
    busy("preview", "");
  }

  // Make the preview of a photo, in the viewer or not.
  async develop(photo, signal) {
    const shownAs = wanted(photo), image = photo.trial ? "tried" : "after";
    const { blob, rings } = await this.#make(photo, photo.shown, signal);
    Object.assign(photo, { shownAs, rings });
    const { url: old, of } = photo[image] ?? {};
    if (of !== blob) photo[image] = { url: URL.createObjectURL(blob), of: blob };
    if (of !== blob && image === "after") this.developed(photo);
    if (photo === this.photo()) {
      $("after").src = photo[image].url;
      this.drawn(photo);
    }
    if (old && of !== blob) URL.revokeObjectURL(old);
  }

  // What a photo would look like with other options, as a JPEG.
  async look(photo, options) {
    return (await this.#make(photo, options)).blob;
  }

  // Forget what was made of a photo.
  forget(photo) {
    if (this.#asking?.photo === photo) this.#asking.abort();
    for (const image of [photo.after, photo.tried]) if (image) URL.revokeObjectURL(image.url);
    for (const key of this.#made.keys()) if (key.startsWith(`${photo.id} `)) this.#made.delete(key);
  }

  // The colour that a photo is shown with at a point, as #rrggbb.
  async colourAt(photo, x, y) {
    const { blob } = await this.#make(photo, photo.options);
    const whole = await createImageBitmap(blob), side = 2 * AROUND + 1;
    const context = new OffscreenCanvas(side, side).getContext("2d");
    const left = Math.floor(x * whole.width / photo.width) - AROUND;
    const top = Math.floor(y * whole.height / photo.height) - AROUND;
    context.drawImage(whole, -left, -top);
    return mean(context.getImageData(0, 0, side, side).data);
  }

  async #make(photo, options, signal) {
    const key = `${photo.id} ${JSON.stringify(options)}`;
    const made = this.#made.get(key) ?? {
      blob: await inSession(photo, () => options.own ? api.original(photo.id, {}, signal) : api.preview(photo.id, options, signal)),
      rings: options.show ? await inSession(photo, () => api.uncertainPoints(photo.id, photo.options, signal)) : [],
    };
    this.#made.delete(key);
    this.#made.set(key, made);
    if (this.#made.size > MAX_KEPT) this.#made.delete(this.#made.keys().next().value);
    return made;
  }
}

const wanted = (photo) => JSON.stringify(photo.shown);

// The mean of pixels, of those that are inside of the photo, as #rrggbb.
function mean(pixels) {
  const sums = [0, 0, 0];
  let count = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    if (!pixels[at + 3]) continue;
    count += 1;
    for (const channel of [0, 1, 2]) sums[channel] += pixels[at + channel];
  }
  return `#${sums.map((sum) => Math.round(sum / count).toString(16).padStart(2, "0")).join("")}`;
}
