"""How well a model follows hints: the more points of the truth, the nearer; and one place alone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color.spaces import Floats, Samples, samples_to_lightness, srgb_to_lab
from photochrom.errors import ModelError
from photochrom.evaluation.candidates import load
from photochrom.evaluation.metrics import psnr
from photochrom.evaluation.scores import to_grey
from photochrom.guidance.hints import EVERYTHING, Hint, from_ab, to_ab
from photochrom.inference.colorizer import Colorizer

COUNTS = (0, 1, 2, 5, 10, 20, 50, 100)
"""How many points are revealed, as in Zhang et al. 2017, figure 6."""
NEAR = 10
"""Pixels around a hint, of a picture of 256, in which its effect is measured."""
_POINT = 2  # pixels around a point whose mean colour is revealed: squares of 5
_SATURATED = 50.0  # chroma, in Lab units, of the one hint


def psnr_by_points(
    colorizer: Colorizer,
    pictures: Sequence[Path],
    counts: Sequence[int] = COUNTS,
    *,
    on_progress: Callable[[], None] = lambda: None,
    **options: Any,
) -> list[float]:
    """Give the mean PSNR with so many random points of the truth as hints, in dB.

    They reach everything: what they say of one thing holds for its kind.

    The points of a picture are the same in every run; more points include the fewer. Raises
    `ModelError` when the model takes no hints. `options` are those of `Colorizer.colorize`.
    """
    check_takes_hints(colorizer)
    found = np.zeros((len(pictures), len(counts)))
    for number, path in enumerate(pictures):
        truth = load(path)
        hints = _points(truth, max(counts), seed=number)
        for point, count in enumerate(counts):
            far = [(*hint, EVERYTHING) for hint in hints[:count]]
            predicted = colorizer.colorize(to_grey(truth), hints=far, **options)
            found[number, point] = psnr(predicted / 255, truth / 255)
        on_progress()
    return [float(value) for value in found.mean(axis=0)]


def obedience(
    colorizer: Colorizer,
    pictures: Sequence[Path],
    *,
    on_progress: Callable[[], None] = lambda: None,
    **options: Any,
) -> float:
    """Give how far one saturated hint moves the mean colour around it, as a share of the way.

    Each picture gets one, at a random place of middling lightness, of the hue opposite to what the
    model gives by itself. The way goes from that to the hint's colour; 1 is all of it.
    """
    check_takes_hints(colorizer)
    shares = []
    for number, path in enumerate(pictures):
        truth = load(path)
        point = _middling(samples_to_lightness(truth), np.random.default_rng(number))
        grey = to_grey(truth)
        before = _near(colorizer.colorize(grey, **options), point)
        opposite = -before[1:] / max(float(np.hypot(*before[1:])), 1e-6)
        color = from_ab(_SATURATED * opposite, float(before[0]))
        hint = (point[1] + 0.5, point[0] + 0.5, color)
        after = _near(colorizer.colorize(grey, hints=[hint], **options), point)
        way = to_ab(color) - before[1:]
        shares.append(float((after[1:] - before[1:]) @ way / (way @ way)))
        on_progress()
    return float(np.mean(shares))


def check_takes_hints(colorizer: Colorizer) -> None:
    """Raise `ModelError` for a model that takes no hints."""
    if not colorizer.model.takes_hints:
        raise ModelError(f"the model {colorizer.info['name']} takes no hints; choose vivid")


def _points(truth: Samples, count: int, seed: int) -> list[Hint]:
    """Reveal the mean colour of squares of the truth, (H, W, 3) uint8."""
    random = np.random.default_rng(seed)
    rows = random.integers(truth.shape[0], size=count)
    columns = random.integers(truth.shape[1], size=count)
    return [reveal(truth, row, column) for row, column in zip(rows, columns, strict=True)]


def reveal(truth: Samples, row: int, column: int) -> Hint:
    """Give a hint of the truth, (H, W, 3) uint8, at a pixel: the mean colour around it."""
    top, left = max(0, row - _POINT), max(0, column - _POINT)
    square = truth[top : row + _POINT + 1, left : column + _POINT + 1]
    mean = np.rint(square.reshape(-1, 3).mean(axis=0)).astype(np.uint8)
    return column + 0.5, row + 0.5, f"#{mean.tobytes().hex()}"


def _middling(lightness: Floats, random: np.random.Generator) -> tuple[int, int]:
    """Choose a place, row and column, that is neither near black nor near white."""
    order = random.permutation(lightness.size)
    middling = np.abs(lightness.ravel()[order] - 55) < 20
    row, column = divmod(int(order[np.argmax(middling)]), lightness.shape[1])
    return row, column


def _near(predicted: Samples, point: tuple[int, int]) -> Floats:
    """Mean Lab colour, (3,), of the disc around a place."""
    rows, columns = np.ogrid[: predicted.shape[0], : predicted.shape[1]]
    disc = np.hypot(rows - point[0], columns - point[1]) <= NEAR
    return np.asarray(srgb_to_lab(predicted[disc] / np.float32(255)).mean(axis=0))
