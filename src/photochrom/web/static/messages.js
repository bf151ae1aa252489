// What the page says: sentences about what went wrong, and what it is busy with.
// Each has a cause, and stays until its own cause has news; so none hides another.

import { $ } from "./dom.js";

const wrong = new Map(), doing = new Map();

function note(map, cause, text) {
  map.delete(cause);
  if (text) map.set(cause, text);
}

export function say(cause, text) {
  note(wrong, cause, text);
  $("message").textContent = [...wrong.values()].join("\n");
  $("message-box").hidden = !wrong.size;
}

export function busy(cause, text) {
  note(doing, cause, text);
  $("busy").textContent = [...doing.values()].at(-1) ?? "";
}

// Do something under a notice, and say what became of it if it fails.
export async function during(cause, text, work) {
  busy(cause, text);
  say(cause, "");
  try {
    await work();
  } catch (error) {
    say(cause, error.message);
  }
  busy(cause, "");
}

$("message-close").addEventListener("click", () => { for (const cause of [...wrong.keys()]) say(cause, ""); });
