// The token of a server that wants one: a form of the page, which stays until it is right.

import { $ } from "./dom.js";
import { t } from "./words.js";

// Ask for it; `wrong` if the one before was not it. Gives what is typed.
export function askForToken(wrong) {
  $("token-wanted").hidden = false;
  $("token-help").textContent = wrong ? `${t("That was not it.")} ${HELP}` : HELP;
  $("token").value = "";
  $("token").focus();
  return new Promise((done) => {
    $("token-wanted").addEventListener("submit", (event) => {
      event.preventDefault();
      $("token-wanted").hidden = true;
      done($("token").value.trim());
    }, { once: true });
  });
}

const HELP = t("It is what was given to photochrom serve as --token.");
