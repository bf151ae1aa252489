// Finding, making and replacing elements.

export const $ = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export const button = (text, properties, ...children) =>
  make("button", { type: "button", textContent: text, ...properties }, ...children);

// Replace what an element holds. The keyboard stays on what has the same data-key, or else on the
// last of that kind ("remove-2" is of the kind "remove"), or else on `spare`.
export function refill(parent, children, spare) {
  const key = parent.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  parent.replaceChildren(...children);
  if (key === undefined) return;
  const kind = key.split("-")[0];
  const next = parent.querySelector(`[data-key="${key}"]`)
    ?? [...parent.querySelectorAll(`[data-key^="${kind}-"]`)].at(-1) ?? spare;
  next?.focus({ preventScroll: true });
}
