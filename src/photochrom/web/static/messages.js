// What the page says: what went wrong, one message a cause, and what it is busy with.
// A message stays until its cause has news, or until it is closed.

import { answers } from "./api.js";
import { $, button, make } from "./dom.js";
import { t } from "./words.js";

const OFFLINE = t("Photochrom does not answer. Is it still running? The page goes on when it is back.");
const PAUSE = 2000; // milliseconds between questions whether the server is back

const messages = new Map(), doing = new Map(), lost = new Map();

// Say something for a cause, in place of what was said before; nothing closes it. `retry` is work
// that a press tries again.
export function say(cause, text, retry) {
  messages.get(cause)?.remove();
  messages.delete(cause);
  if (!text || [...messages.values()].some((one) => one.firstChild.textContent === text)) return;
  const message = make("div", { className: "message" }, make("p", { role: "alert", textContent: text }),
    ...(retry ? [button(t("Try again"), { onclick: () => { say(cause, ""); retry(); } })] : []),
    button("×", { "aria-label": t("Close the message"), className: "plain", onclick: () => say(cause, "") }));
  messages.set(cause, message);
  $("messages").append(message);
}

// Say what became of work. What failed because the server is away is done when it is back.
export function failed(cause, error, retry) {
  if (error.name === "AbortError") return;
  if (error.offline) return away(cause, retry);
  say(cause, error.message, error.passing && retry);
}

export function busy(cause, text) {
  doing.delete(cause);
  if (text) doing.set(cause, text);
  $("busy").textContent = [...doing.values()].at(-1) ?? "";
}

// Do something under a notice, and say what became of it if it fails.
export async function during(cause, text, work) {
  busy(cause, text);
  say(cause, "");
  try {
    await work();
  } catch (error) {
    failed(cause, error, () => during(cause, text, work));
  }
  busy(cause, "");
}

// All that is lost while the server is away is one message.
function away(cause, retry) {
  if (!lost.size) {
    say("offline", OFFLINE, back);
    setTimeout(ask, PAUSE);
  }
  lost.set(cause, retry);
}

async function ask() {
  if (!lost.size) return;
  if (await answers()) back();
  else setTimeout(ask, PAUSE);
}

function back() {
  say("offline", "");
  const works = [...lost.values()];
  lost.clear();
  for (const work of works) work?.();
}

addEventListener("online", ask);
