// The shots of a film, from one cut to the next: a row of stills, which lead to their frames.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { $, button, make, refill } from "./dom.js";
import { during } from "./messages.js";
import { searched, searching } from "./search.js";
import { t } from "./words.js";

const clock = (seconds) => new Date(1000 * seconds).toISOString().slice(seconds < 3600 ? 14 : 11, 19);

// The shot in which a moment of a film is, once shots are found.
export const shotAt = ({ search }, seconds) =>
  search?.shots.findLast(({ begin }) => begin <= seconds + 0.001);

export class Shots {
  // `photo()` is in the viewer; `go(photo, seconds)` shows another frame of it.
  constructor({ photo, go }) {
    Object.assign(this, { photo, go });
    $("film-shots").addEventListener("click", () => this.find(photo()));
  }

  // Have the shots of a film looked for, which takes as long as to read it, and then their stills.
  find(photo) {
    const { film } = photo;
    return film.found ??= this.#found(photo).finally(() => { film.found = null; });
  }

  async #found(photo) {
    const { film } = photo;
    film.search = { state: "waiting", share: 0, shots: [] };
    this.draw();
    $("shots").scrollIntoView?.({ block: "nearest" }); // it is far from the button on a telephone
    await during("shots", "", async () => {
      try {
        await this.#look(photo);
      } catch (error) {
        film.search = null; // the button is there for another try
        this.draw();
        throw error;
      }
    });
  }

  async #look(photo) {
    const { film } = photo;
    await searched(() => inSession(photo, () => api.shots(photo.id)), (search) => {
      film.search = search;
      this.draw();
    });
    for (const [at, shot] of film.search.shots.entries()) {
      shot.still = URL.createObjectURL(await inSession(photo, () => api.still(photo.id, at + 1)));
      if (photo === this.photo()) $("shots").children[at].firstChild.src = shot.still;
    }
  }

  draw() {
    const photo = this.photo(), { film } = photo ?? {};
    $("shots").hidden = !film?.search;
    $("film-shots").hidden = !$("shots").hidden;
    if ($("shots").hidden) return;
    const { share, shots } = film.search, now = film.at === null ? null : shotAt(film, film.at);
    if (searching(film.search)) {
      const text = t("Looking for the shots: {percent} %", { percent: Math.floor(100 * share) });
      $("shots").replaceChildren(make("p", { role: "status", textContent: text }));
      return;
    }
    refill($("shots"), shots.map((shot, at) => button("", {
      "data-key": `shot-${at}`, "aria-pressed": String(shot === now),
      "aria-label": t("Shot {number}, from {time}", { number: at + 1, time: clock(shot.begin) }),
      onclick: () => this.go(photo, (shot.begin + shot.end) / 2),
    }, make("img", { alt: "", ...(shot.still && { src: shot.still }) }),
    make("span", { textContent: `${at + 1} · ${clock(shot.begin)}` }))));
  }
}
