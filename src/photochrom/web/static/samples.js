// Old photographs that come with the page, to try it on.

import { $, button, make } from "./dom.js";
import { during } from "./messages.js";
import { t } from "./words.js";

const SAMPLES = {
  "brothers.jpg": t("Two brothers, about 1870"),
  "dahlgren.jpg": t("A librarian, about 1910"),
  "expedition.jpg": t("An expedition, 1897"),
};
const address = (name) => new URL(`samples/${name}`, import.meta.url);

// Show them; one that is pressed is opened by `add(files)`.
export function offer(add) {
  $("samples").append(...Object.entries(SAMPLES).map(([name, title]) => button("", {
    title, "aria-label": title, onclick: () => during("sample", "", async () => {
      const blob = await (await fetch(address(name))).blob();
      await add([new File([blob], name, { type: blob.type })]);
    }),
  }, make("img", { src: address(name), alt: "", width: 120, height: 90 }))));
}
