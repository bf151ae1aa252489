"""Whether hints cover their thing and leave the rest alone: photographs with a recoloured one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color.gamut import lab_to_samples
from photochrom.color.spaces import Floats, Samples, srgb_to_lab
from photochrom.evaluation.candidates import load
from photochrom.evaluation.hint_response import check_takes_hints, reveal
from photochrom.evaluation.recoloring import Mask, find_thing, points_inside, recolor
from photochrom.evaluation.scores import Scores, to_grey
from photochrom.guidance.hints import Hint
from photochrom.inference.colorizer import Colorizer

THINGS = 200
"""How many things are recoloured, at most,"""
EACH = 4
"""and how many of one picture."""
HINTS = (1, 2, 3)
"""How many hints a thing gets: these in turn."""
COVERED = 15.0
"""Lab units of ab within which a pixel of the thing has the colour that was asked for."""
LEAKED = 5.0
"""Lab units of ab by which a pixel of the rest moves when a hint leaks to it."""


@dataclass(frozen=True)
class Thing:
    """A photograph with a recoloured thing, and hints of its new colour."""

    wanted: Samples
    """The photograph with the thing in its new colour, (H, W, 3) uint8."""
    inside: Mask
    """Where the thing is, (H, W)."""
    hints: list[Hint]


@dataclass
class ThingScores:
    """What came of the hints of one model."""

    by_count: dict[int, Scores] = field(default_factory=dict)
    """Coverage and leak, by the number of hints; 0 for all together."""
    shown: list[tuple[Thing, Samples]] = field(default_factory=list)
    """Some things, and what the model made of them, (H, W, 3) uint8."""

    def add(self, count: int, coverage: float, leak: float) -> None:
        """Take in a thing that had `count` hints."""
        for key in (count, 0):
            one = self.by_count.setdefault(key, Scores(str(key)))
            one.add({"coverage": coverage, "leak": leak}, 0.0)

    def rows(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        """Give the number of hints (0: all), of things, and both figures with 95 % intervals."""
        for count in sorted(self.by_count, key=lambda key: (key == 0, key)):
            one = self.by_count[count]
            figures = {
                name: {"value": one.mean(name), "interval": one.interval(name)}
                for name in one.values
            }
            yield count, len(one.milliseconds), figures


def recolored_things(pictures: Sequence[Path], max_count: int = THINGS) -> list[Thing]:
    """Recolour a thing in each of `pictures`, the same in every run.

    Pictures are taken evenly, each at most `EACH` times, until there are `max_count`. Those in
    which there is no such thing are passed over, so that there may be fewer.
    """
    found: list[Thing] = []
    steps = np.linspace(0, len(pictures), min(max_count, len(pictures)), endpoint=False).astype(int)
    taken = [pictures[step] for step in steps]
    others = [path for path in pictures if path not in set(taken)]
    for turn in range(EACH):
        for number, path in enumerate(taken if turn == 0 else [*others, *taken]):
            if len(found) == max_count:
                return found
            thing = _thing(load(path), HINTS[len(found) % len(HINTS)], seed=(turn, number))
            if thing is not None:
                found.append(thing)
    return found


def _thing(truth: Samples, count: int, seed: tuple[int, int]) -> Thing | None:
    random = np.random.default_rng(seed)
    lab = _lab(truth)
    inside = find_thing(lab, random)
    new = None if inside is None else recolor(lab, inside, random)
    if inside is None or new is None:
        return None
    planes = np.ascontiguousarray(np.moveaxis(new, -1, 0))
    wanted = lab_to_samples(planes[0], planes[1], planes[2], np.uint8)
    points = points_inside(inside, count, random)
    return Thing(wanted, inside, [reveal(wanted, row, column) for row, column in points])


def thing_scores(
    colorizer: Colorizer,
    things: Sequence[Thing],
    *,
    shown: int = 0,
    on_progress: Callable[[], None] = lambda: None,
    **options: Any,
) -> ThingScores:
    """Colour every photograph without and with the hints of its thing.

    Coverage is the share of the thing that comes within `COVERED` of the colour that was asked
    for; leak is the share of the rest that the hints move by more than `LEAKED`. The first `shown`
    are kept to be looked at. Raises `ModelError` when the model takes no hints; `options` are those
    of `Colorizer.colorize`.
    """
    check_takes_hints(colorizer)
    scores = ThingScores()
    for thing in things:
        grey = to_grey(thing.wanted)
        before = colorizer.colorize(grey, **options)
        after = colorizer.colorize(grey, hints=thing.hints, **options)
        scores.add(len(thing.hints), *coverage_and_leak(before, after, thing))
        if len(scores.shown) < shown:
            scores.shown.append((thing, after))
        on_progress()
    return scores


def coverage_and_leak(before: Samples, after: Samples, thing: Thing) -> tuple[float, float]:
    """Compare what a model gives without and with hints, both (H, W, 3) uint8."""
    ab, shift = _lab(after)[..., 1:], _lab(after)[..., 1:] - _lab(before)[..., 1:]
    missed = ab - _lab(thing.wanted)[..., 1:]
    covered = np.hypot(missed[..., 0], missed[..., 1])[thing.inside] <= COVERED
    leaked = np.hypot(shift[..., 0], shift[..., 1])[~thing.inside] > LEAKED
    return float(covered.mean()), float(leaked.mean())


def _lab(samples: Samples) -> Floats:
    return srgb_to_lab(samples / np.float32(255))
