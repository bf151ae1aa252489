// Colours by their names: families of things, the names of likely colours, and those used lately.

import { t } from "./words.js";

const RECENT = "photochrom-recent", MAX_RECENT = 12;

// What photos show, and the colours that it often has.
export const FAMILIES = {
  [t("Skin")]: { [t("Fair")]: "#e6c2a6", [t("Light")]: "#d6a684", [t("Olive")]: "#bd9068", [t("Tanned")]: "#ab754c", [t("Brown")]: "#85563a", [t("Dark")]: "#573a2b" },
  [t("Hair")]: { [t("Blond")]: "#cfae74", [t("Red")]: "#9c5a30", [t("Auburn")]: "#7d4029", [t("Chestnut")]: "#65432c", [t("Black")]: "#2d2724", [t("Grey")]: "#a5a19b" },
  [t("Wood")]: { [t("Pine")]: "#d3b07c", [t("Oak")]: "#ab8452", [t("Cherry")]: "#8b4e33", [t("Walnut")]: "#694932", [t("Mahogany")]: "#5f2f25", [t("Weathered")]: "#968f85" },
  [t("Sky")]: { [t("Clear")]: "#7ea6d4", [t("Pale")]: "#b1c8dd", [t("Hazy")]: "#c6cfd5", [t("Evening")]: "#dd9d6f", [t("Dawn")]: "#dcb3ae", [t("Stormy")]: "#6c7b8d" },
  [t("Grass")]: { [t("Spring")]: "#87aa4b", [t("Meadow")]: "#6c8c3f", [t("Dry")]: "#b0a05b", [t("Moss")]: "#586836", [t("Fir")]: "#31503b", [t("Olive")]: "#7d7a45" },
  [t("Brick")]: { [t("Red brick")]: "#a1513e", [t("Yellow")]: "#c4a374", [t("Clay")]: "#b46c4e", [t("Sandstone")]: "#c9b08a", [t("Slate")]: "#5f6a73", [t("Plaster")]: "#d8cfbf" },
  [t("Uniform")]: { [t("Navy")]: "#262f4e", [t("Field grey")]: "#6a7167", [t("Khaki")]: "#a59368", [t("Olive drab")]: "#5b5d3b", [t("Air force")]: "#5c7a9c", [t("Scarlet")]: "#a3242f" },
  [t("Cloth")]: { [t("Navy wool")]: "#2d3651", [t("Denim")]: "#50698c", [t("Tan")]: "#c4a57f", [t("Cream")]: "#e8dcbc", [t("Burgundy")]: "#6c2634", [t("Bottle")]: "#264838" },
};

// Names for any colour.
const NAMES = {
  [t("White")]: "#ececec", [t("Grey")]: "#8c8c8c", [t("Black")]: "#2e2e2e", [t("Cream")]: "#e6d9b8", [t("Tan")]: "#c1a27d", [t("Sand")]: "#b3a184", [t("Brown")]: "#7c5638",
  [t("Chestnut")]: "#8f4a32", [t("Rust")]: "#a9562f", [t("Brick")]: "#b0604e", [t("Red")]: "#b8302f", [t("Rose")]: "#cf8a92", [t("Pink")]: "#dda2ae", [t("Burgundy")]: "#6f2936",
  [t("Orange")]: "#d6853c", [t("Gold")]: "#c69c3e", [t("Yellow")]: "#d9c14f", [t("Olive")]: "#80803f", [t("Moss")]: "#66783f", [t("Green")]: "#52853f", [t("Leaf")]: "#7d9c5b",
  [t("Bottle")]: "#2f5a45", [t("Teal")]: "#3b8280", [t("Sky blue")]: "#84aad2", [t("Slate blue")]: "#64809f", [t("Blue")]: "#4a6fc0", [t("Navy")]: "#2b3563",
  [t("Lilac")]: "#a896c6", [t("Violet")]: "#7d5aa8", [t("Plum")]: "#75486f",
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
  const names = Object.entries(NAMES).filter(([name]) => !taken.includes(name));
  return names.toSorted((one, other) => away(one) - away(other))[0][0];
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
