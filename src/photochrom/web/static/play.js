// A film that is coloured plays in the viewer, under the same line: grey on its left.

import { inSession } from "./album.js";
import * as api from "./api.js";
import { $ } from "./dom.js";
import { during, say } from "./messages.js";
import { t } from "./words.js";

export class Play {
  // `photo()` is in the viewer; `shown(whether)` is told when a film is over it.
  constructor({ photo, shown }) {
    Object.assign(this, { photo, shown });
    $("film-play").addEventListener("click", () => $("film").hidden ? this.begin() : this.end());
    $("film").addEventListener("error", () => {
      if ($("film").hidden) return;
      this.end();
      say("film", t("This browser does not play this film. Save it, or choose MP4 and colour it again."));
    });
  }

  begin() {
    const photo = this.photo();
    return during("film", "", async () => {
      const address = await inSession(photo, () => api.filmAddress(photo.id));
      if (photo !== this.photo()) return;
      $("film").src = address;
      this.#show(true);
      await $("film").play().catch(() => {}); // where the browser waits for a press on it
    });
  }

  end() {
    if ($("film").hidden) return;
    $("film").pause();
    $("film").removeAttribute("src");
    this.#show(false);
  }

  #show(whether) {
    $("film").hidden = $("film-grey").hidden = !whether;
    $("film-play").setAttribute("aria-pressed", String(whether));
    this.shown(whether);
  }
}
