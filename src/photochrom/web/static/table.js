// The light table: all photos at once, in place of the one in the viewer. Some of them are chosen,
// and all these get the settings of the one in the viewer.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { $, button, make, refill } from "./dom.js";
import { t } from "./words.js";

const UNSURE = 20; // Lab units of error that the model expects, over the whole photo: worth a look
const STATES = {
  failed: t("failed"), waiting: t("waiting"), unsure: t("worth a look"),
};

export class Table {
  #chosen = new Set();

  // `photos()` are all; `photo()` is in the viewer, `show(photo)` brings another there.
  // `waiting(photo)` tells which is to be coloured, `develop(photos)` colours some anew; `toggled(open)` is told when the table opens and closes.
  constructor({ photos, photo, show, waiting, develop, toggled }) {
    Object.assign(this, { photos, photo, show, waiting, develop, toggled });
    $("table").addEventListener("click", () => this.toggle(!this.open));
    $("use-for-all").addEventListener("click", () => this.#useForAll());
    $("choose-all").addEventListener("click", () => this.#choose(this.photos()));
    $("choose-unsure").addEventListener("click", () => this.#choose(this.photos().filter((one) => this.#state(one) === "unsure")));
    $("choose-none").addEventListener("click", () => this.#choose([]));
  }

  get open() { return $("workspace").classList.contains("table"); }

  toggle(open) {
    $("workspace").classList.toggle("table", open);
    $("table").setAttribute("aria-pressed", String(open));
    $("stage").hidden = open;
    if (!open) this.#chosen.clear();
    this.draw();
    if (open) ($("strip").querySelector("[aria-current=true]") ?? $("table")).focus({ preventScroll: true });
    this.toggled(open);
  }

  // How unsure the model is of a photo as it is now.
  async look(photo) {
    if (photo.film || photo.choices.own || photo.doubtOf === photo.choices) return;
    const { choices } = photo;
    photo.doubt = await inSession(photo, () => api.doubt(photo.id, photo.options));
    photo.doubtOf = choices;
  }

  draw() {
    const photos = this.photos(), several = photos.length > 1;
    $("table").hidden = $("for-all").hidden = !several;
    $("download-all").hidden = photos.filter((one) => !one.film).length < 2;
    if (!several && this.open) return this.toggle(false);
    for (const one of this.#chosen) if (!photos.includes(one)) this.#chosen.delete(one);
    refill($("strip"), several ? photos.map((one, at) => this.#cell(one, at)) : []);
    const count = this.#chosen.size;
    $("use-for-all").textContent = count ? t("Use for the {count} chosen", { count }) : t("Use for all photos");
    $("choose-none").disabled = !count;
    $("choose-unsure").hidden = !photos.some((one) => this.#state(one) === "unsure");
  }

  #cell(one, at) {
    const is = this.#state(one);
    return make("div", { className: `cell ${is}` },
      button("", {
        "data-key": `photo-${at}`, "aria-label": [t("Show {name}", one), STATES[is]].filter(Boolean).join(", "),
        title: one.problem ? `${one.name}: ${one.problem}` : one.name,
        "aria-current": String(one === this.photo()), onclick: () => {
          if (this.open) this.toggle(false);
          this.show(one);
        },
      },
      make("img", { src: one.after?.url ?? one.before, alt: "", decoding: "async" }),
      make("span", { className: "title", textContent: one.name }),
      ...(is ? [make("span", { className: "state", textContent: STATES[is] })] : [])),
      make("input", {
        type: "checkbox", checked: this.#chosen.has(one), "aria-label": t("Choose {name}", one), "data-key": `chosen-${at}`,
        onchange: ({ target }) => {
          if (target.checked) this.#chosen.add(one);
          else this.#chosen.delete(one);
          this.draw();
        },
      }));
  }

  #state(one) {
    if (one.problem) return "failed";
    if (one.choices.own) return "";
    if (!one.after || (this.waiting(one) && one.shownAs !== JSON.stringify(one.shown))) return "waiting";
    return one.doubt > UNSURE && one.doubtOf === one.choices ? "unsure" : "";
  }

  #choose(photos) {
    this.#chosen = new Set(photos);
    this.draw();
  }

  // Give the chosen photos, or else all, what the one in the viewer has: not its points and strokes,
  // which are of its things, nor the colours of another photo that were found in it.
  #useForAll() {
    const { vividness, size, base } = this.photo().choices, look = base?.look ? base : null;
    const others = (this.#chosen.size ? [...this.#chosen] : this.photos()).filter((one) => one !== this.photo());
    const changed = others.filter(({ choices }) => JSON.stringify([choices.vividness, choices.size, choices.base])
      !== JSON.stringify([vividness, size, look]));
    for (const one of changed) one.choose({ ...one.choices, vividness, size, base: look });
    this.develop(changed);
  }
}
