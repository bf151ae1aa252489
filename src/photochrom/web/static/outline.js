// The outline of what a colour point would colour, over the photo.

import { $ } from "./dom.js";

const SIDE = 900; // pixels of its long side
const INSIDE = 90; // of 255: from where on something is coloured
const DASH = 8; // pixels, white and black in turn

// Draw it from a coarse grey picture, white where the point reaches.
export async function draw(blob) {
  const mask = await createImageBitmap(blob), canvas = $("outline");
  const scale = SIDE / Math.max(mask.width, mask.height);
  const [width, height] = [Math.round(mask.width * scale), Math.round(mask.height * scale)];
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(mask, 0, 0, width, height);
  mask.close();
  const image = context.getImageData(0, 0, width, height);
  trace(image.data, width, height);
  context.putImageData(image, 0, 0);
  canvas.hidden = false;
}

export const clear = () => { $("outline").hidden = true; };

// Make pixels on the edge white and black, and all others clear.
function trace(pixels, width, height) {
  const inside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && seen[y * width + x] > INSIDE;
  const seen = Uint8Array.from({ length: width * height }, (_, at) => pixels[4 * at]);
  pixels.fill(0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!inside(x, y) || (inside(x - 2, y) && inside(x + 2, y) && inside(x, y - 2) && inside(x, y + 2))) continue;
      const at = 4 * (y * width + x), white = Math.floor((x + y) / DASH) % 2 ? 255 : 0;
      pixels.set([white, white, white, 255], at);
    }
  }
}
