// Strokes of brush and eraser as hints, as guidance/strokes.py has it.

import { STROKES } from "./constants.js";

/** Hints, [x, y, "#rrggbb", "spot"], for what strokes paint on a photo, all in its pixels. */
export function strokeHints(strokes, width, height, most) {
  const scale = Math.min(1, STROKES.SIDE / Math.min(width, height));
  const [wide, high] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  const layer = new Int32Array(wide * high).fill(-1); // colours, or -1 where nothing is painted
  for (const [color, thick, points] of strokes)
    draw(layer, wide, high, color ? parseInt(color.slice(1), 16) : -1, Math.max(thick * scale / 2, 0.5),
      points.map(([x, y]) => [x * scale, y * scale]));
  if (most < 1) return [];
  return squares(layer, wide, high, most).map(([x, y, color]) => [
    Math.min(tenth((x + 0.5) / scale), width - 1), Math.min(tenth((y + 0.5) / scale), height - 1), color, "spot",
  ]);
}

const tenth = (value) => Math.round(10 * value) / 10;

/** Draw a line through points: all that is within `radius` of it. */
function draw(layer, wide, high, color, radius, points) {
  const ends = points.length > 1 ? points.slice(1) : points;
  ends.forEach(([endX, endY], at) => {
    const [x, y] = points[at], [alongX, alongY] = [endX - x, endY - y], square = Math.max(alongX ** 2 + alongY ** 2, 1e-9);
    const last = (one, other, side) => Math.min(side - 1, Math.ceil(Math.max(one, other) + radius));
    const first = (one, other) => Math.max(0, Math.floor(Math.min(one, other) - radius));
    for (let row = first(y, endY); row <= last(y, endY, high); row++)
      for (let column = first(x, endX); column <= last(x, endX, wide); column++) {
        const [right, down] = [column + 0.5 - x, row + 0.5 - y];
        const share = Math.min(Math.max((alongX * right + alongY * down) / square, 0), 1);
        if (Math.hypot(right - alongX * share, down - alongY * share) <= radius) layer[row * wide + column] = color;
      }
  });
}

/** The middle and mean colour of what is painted in each small square, of which there are `most`. */
function squares(layer, wide, high, most) {
  for (let side = Math.max(1, Math.floor(Math.min(wide, high) / STROKES.STROKE_CELLS)); ; side *= 2) {
    const found = new Map();
    layer.forEach((color, at) => {
      if (color < 0) return;
      const column = at % wide, row = (at - column) / wide;
      const key = Math.floor(row / side) * (Math.floor(wide / side) + 1) + Math.floor(column / side);
      const sums = found.get(key) ?? [0, 0, 0, 0, 0, 0];
      [column, row, color >> 16, (color >> 8) & 255, color & 255, 1].forEach((value, number) => { sums[number] += value; });
      found.set(key, sums);
    });
    if (found.size > most) continue;
    return [...found].sort(([one], [other]) => one - other).map(([, [x, y, red, green, blue, count]]) =>
      [tenth(x / count), tenth(y / count), `#${[red, green, blue].map((sum) => Math.round(sum / count).toString(16).padStart(2, "0")).join("")}`]);
  }
}
