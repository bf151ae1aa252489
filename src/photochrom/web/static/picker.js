// The picker: what colour a point has. It lies beside the photo, or is a sheet at the bottom of a
// telephone, and never over the point.

import { FAMILIES, allNamed, recent } from "./colours.js";
import { $, button, make, refill } from "./dom.js";
import { t } from "./words.js";

const APART = 24; // pixels between a point and the sheet
const FAR = { spot: t("This spot"), thing: t("This thing"), everything: t("Everything like it") };
const LIKELY = t("Likely"), RECENT = t("Recent");

export class Picker {
  #tab = LIKELY;

  // `attempt(colour)` shows what a colour would make of the photo, null what there is; `choose(colour)`
  // sets it, `reachTo(far)` how far it goes, `take()` takes one from the photo; `remove()`, which is
  // called `removal`, `leave()`; `next()` goes on to the next question.
  constructor(works) {
    Object.assign(this, works);
  }

  begun() { this.#tab = LIKELY; }

  // Draw it for a point {number, asItIs, likely, far, taking}, or a thing {label, picture, asItIs,
  // likely}, that has the colour `chosen`, or none.
  draw(point, chosen) {
    const { number, asItIs, likely, far, taking, question, picture } = point, picker = $("picker");
    const opens = picker.hidden && asItIs;
    picker.hidden = !asItIs;
    if (!asItIs) return;
    picker.setAttribute("aria-label", point.label ?? t("Colour of point {number}", { number: number + 1 }));
    const tabs = [LIKELY, ...(recent().length ? [RECENT] : []), ...Object.keys(FAMILIES)];
    refill(picker, [
      make("div", { className: "head" },
        ...(picture ? [make("img", { src: picture, alt: "" })] : []),
        make("p", { textContent: taking ? t("Click the photo where the colour is right.") : question ?? t("What colour is this?") }),
        ...(question ? [button(t("Next"), { "data-key": "next-0", className: "plain", onclick: () => this.next() })] : []),
        button(chosen ? t("Done") : t("Cancel"), { "data-key": "done-0", className: "plain", onclick: () => this.leave() })),
      make("div", { className: "tabs", role: "group", "aria-label": t("Kinds of colours") }, ...tabs.map((name) =>
        button(name, { "data-key": `tab-${name}`, "aria-pressed": String(name === this.#tab), onclick: () => {
          this.#tab = name;
          this.draw(point, chosen);
        } }))),
      make("div", { className: this.#tab === LIKELY ? "swatches" : "swatches family", onpointerleave: () => this.attempt(null) },
        ...this.#colours(asItIs, likely).map(([name, colour], at) => this.#swatch(colour, at, name, chosen))),
      make("div", { className: "buttons" },
        ...(this.take ? [button(t("Take from the photo"), { "data-key": "take-0", "aria-pressed": String(Boolean(taking)), onclick: () => this.take() })] : []),
        make("label", { className: "control" }, this.#own(chosen ?? asItIs), t("Own colour")),
        ...(chosen ? [button(t("Remove"), { "data-key": "gone-0", "aria-label": this.removal ?? t("Remove this point"), onclick: () => this.remove(number) })] : [])),
      ...(far ? [this.#far(far)] : []),
    ]);
    if (!opens) return;
    $("controls").scrollTo?.({ top: 0 });
    $("more-ways").open = false; // it would be in the way
  }

  hide() { $("picker").hidden = true; }

  focus() { $("picker").querySelector(".swatches button")?.focus({ preventScroll: true }); }

  // On a telephone it is a sheet: scroll a point out from under it, `y` pixels down in the viewer.
  uncover(y) {
    if (getComputedStyle($("picker")).position !== "fixed") return;
    const under = $("viewer").getBoundingClientRect().top + y + APART - (innerHeight - $("picker").offsetHeight);
    if (under > 0) scrollBy(0, under);
  }

  #colours(asItIs, likely) {
    if (this.#tab === RECENT) return allNamed(recent());
    if (this.#tab !== LIKELY) return Object.entries(FAMILIES[this.#tab]).map(([name, colour]) => [name, colour]);
    return [[t("As it is"), asItIs], ...allNamed(likely)];
  }

  #far(chosen) {
    const choices = Object.entries(FAR).map(([far, name]) => make("label", {}, make("input", {
      type: "radio", name: "far", value: far, checked: far === chosen, "data-key": `far-${far}`,
      onchange: () => this.reachTo(far),
    }), name));
    return make("fieldset", { className: "far" }, make("legend", { textContent: t("How far?") }), ...choices);
  }

  #own(colour) {
    return make("input", {
      type: "color", value: colour, "aria-label": t("Another colour"), "data-key": "another-0",
      oninput: ({ target }) => this.attempt(target.value),
      onchange: ({ target }) => this.choose(target.value),
    });
  }

  // A colour is tried under the pointer or the keyboard, and set by a press. A mouse has seen it
  // by then, so that its press closes the picker, too.
  #swatch(colour, at, name, chosen) {
    const swatch = button("", {
      "data-key": `swatch-${at}`, "aria-pressed": String(colour === chosen), title: `${name}, ${colour}`,
      onpointerenter: ({ pointerType }) => { if (pointerType === "mouse") this.attempt(colour); },
      onfocus: ({ target }) => { if (target.matches(":focus-visible")) this.attempt(colour); },
      onblur: () => this.attempt(null),
      onclick: ({ pointerType }) => {
        this.choose(colour);
        if (pointerType === "mouse") this.leave(false);
      },
    }, make("span", { textContent: name }));
    swatch.style.setProperty("--colour", colour);
    return swatch;
  }
}
