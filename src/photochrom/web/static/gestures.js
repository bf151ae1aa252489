// Fingers, pens and mice on an element, as taps, drags and pinches.

const STILL = 4; // pixels that a tap may stray

// `begin(event)` gives what is held, {move, drop, tap, cancel}, each called with an event; null
// leaves the press alone. `grab()` holds the element itself, and `pinch(factor, from, to)` is
// called as two fingers part, about the middle between them.
export function watch(element, { begin, grab, pinch }) {
  const fingers = new Map();
  let held = null, start = null, moved = false;

  const points = () => [...fingers.values()];
  const middle = ([one, two]) => ({ clientX: (one.clientX + two.clientX) / 2, clientY: (one.clientY + two.clientY) / 2 });
  const apart = ([one, two]) => Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY) || 1;

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || fingers.size === 2) return;
    if (!fingers.size) {
      held = begin(event);
      if (!held) return;
      [start, moved] = [event, false];
    } else {
      held?.cancel();
      held = null;
    }
    fingers.set(event.pointerId, event);
    element.setPointerCapture(event.pointerId);
  });

  element.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = points();
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) return pinch(apart(points()) / apart(before), middle(before), middle(points()));
    moved ||= Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > STILL;
    if (moved) held?.move(event);
  });

  element.addEventListener("pointerup", (event) => {
    if (!fingers.delete(event.pointerId)) return;
    if (fingers.size) { // of two fingers one stays: it moves on
      [start] = points();
      [held, moved] = [grab(start), true];
    } else if (held) {
      (moved ? held.drop : held.tap)(event);
      held = null;
    }
  });

  element.addEventListener("pointercancel", (event) => {
    if (!fingers.delete(event.pointerId)) return;
    held?.cancel();
    held = null;
  });
}
