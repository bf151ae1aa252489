// Colours by their names: families of things, the names of likely colours, and those used lately.

import { t } from "./words.js";

const RECENT = "photochrom-recent", MAX_RECENT = 12;

// What photos show, and the colours that it often has.
export const FAMILIES = {
  Skin: { Fair: "#e6c2a6", Light: "#d6a684", Olive: "#bd9068", Tanned: "#ab754c", Brown: "#85563a", Dark: "#573a2b" },
  Hair: { Blond: "#cfae74", Red: "#9c5a30", Auburn: "#7d4029", Chestnut: "#65432c", Black: "#2d2724", Grey: "#a5a19b" },
  Wood: { Pine: "#d3b07c", Oak: "#ab8452", Cherry: "#8b4e33", Walnut: "#694932", Mahogany: "#5f2f25", Weathered: "#968f85" },
  Sky: { Clear: "#7ea6d4", Pale: "#b1c8dd", Hazy: "#c6cfd5", Evening: "#dd9d6f", Dawn: "#dcb3ae", Stormy: "#6c7b8d" },
  Grass: { Spring: "#87aa4b", Meadow: "#6c8c3f", Dry: "#b0a05b", Moss: "#586836", Fir: "#31503b", Olive: "#7d7a45" },
  Brick: { "Red brick": "#a1513e", Yellow: "#c4a374", Clay: "#b46c4e", Sandstone: "#c9b08a", Slate: "#5f6a73", Plaster: "#d8cfbf" },
  Uniform: { Navy: "#262f4e", "Field grey": "#6a7167", Khaki: "#a59368", "Olive drab": "#5b5d3b", "Air force": "#5c7a9c", Scarlet: "#a3242f" },
  Cloth: { "Navy wool": "#2d3651", Denim: "#50698c", Tan: "#c4a57f", Cream: "#e8dcbc", Burgundy: "#6c2634", Bottle: "#264838" },
};

// Names for any colour.
const NAMES = {
  White: "#ececec", Grey: "#8c8c8c", Black: "#2e2e2e", Cream: "#e6d9b8", Tan: "#c1a27d", Sand: "#b3a184", Brown: "#7c5638",
  Chestnut: "#8f4a32", Rust: "#a9562f", Brick: "#b0604e", Red: "#b8302f", Rose: "#cf8a92", Pink: "#dda2ae", Burgundy: "#6f2936",
  Orange: "#d6853c", Gold: "#c69c3e", Yellow: "#d9c14f", Olive: "#80803f", Moss: "#66783f", Green: "#52853f", Leaf: "#7d9c5b",
  Bottle: "#2f5a45", Teal: "#3b8280", "Sky blue": "#84aad2", "Slate blue": "#64809f", Blue: "#4a6fc0", Navy: "#2b3563",
  Lilac: "#a896c6", Violet: "#7d5aa8", Plum: "#75486f",
};

const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

// The name that comes nearest, of those that are not `taken`: hue and chroma count more than
// lightness, which the photo has itself.
export function named(colour, taken = []) {
  const away = ([, other]) => {
    const [red, green, blue] = channels(colour).map((value, at) => value - channels(other)[at]);
    const light = (red + green + blue) / 3;
    return (red - light) ** 2 + (green - light) ** 2 + (blue - light) ** 2 + 0.3 * light ** 2;
  };
  const names = Object.entries(NAMES).filter(([name]) => !taken.includes(t(name)));
  return t(names.toSorted((one, other) => away(one) - away(other))[0][0]);
}

// Colours with a name each, [[name, colour]].
export function allNamed(colours) {
  const found = [];
  for (const colour of colours) found.push([named(colour, found.map(([name]) => name)), colour]);
  return found;
}

export const recent = () => JSON.parse(localStorage.getItem(RECENT)) ?? [];

export function used(colour) {
  const kept = [colour, ...recent().filter((one) => one !== colour)].slice(0, MAX_RECENT);
  localStorage.setItem(RECENT, JSON.stringify(kept));
}
