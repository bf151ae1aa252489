"""Colours that were painted, on a transparent layer over a picture or as strokes, as hints."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Samples
from photochrom.errors import HintError
from photochrom.guidance.hints import MAX_HINTS, Hint, ReachHint, to_color

Stroke = tuple[str | None, float, tuple[tuple[float, float], ...]]
"""A colour as "#rrggbb", or None for the eraser; the width of the stroke, and the points that it
passes, x and y, in pixels of the original."""

MAX_POINTS = 20_000
"""How many points all strokes of a picture may pass."""
_SIDE = 256  # of the short side of the layer that strokes are drawn on
_CELLS = 64  # along the short side: one hint for what is painted in each,
_STROKE_CELLS = 32  # and for strokes, whose hints reach their spots alone,
_OPAQUE = 0.5  # where alpha is above


def layer_hints(
    layer: Samples, alpha: Samples, max_hints: int = MAX_HINTS, cells: int = _CELLS
) -> list[Hint]:
    """Give hints for what is painted on a layer: (H, W, 3) sRGB samples, and alpha (H, W).

    One hint stands for each small square, `cells` along the short side, in which something is
    painted, in the middle of that and of its mean colour; squares are made larger until there are
    `max_hints` at most. Raises `HintError` for a layer on which nothing is painted.
    """
    scale = float(np.iinfo(alpha.dtype).max)
    rows, columns = np.nonzero(alpha > _OPAQUE * scale)
    if not len(rows):
        raise HintError("nothing is painted on the layer of hints; paint the colours that you want")
    side = max(1, min(alpha.shape) // cells)
    while True:
        squares = (rows // side) * (alpha.shape[1] // side + 1) + columns // side
        numbers, members, counts = np.unique(squares, return_inverse=True, return_counts=True)
        if len(numbers) <= max_hints:
            break
        side *= 2
    means = [
        np.bincount(members, weights=values) / counts
        for values in (columns, rows, *(layer[rows, columns].astype(np.float64).T / scale * 255))
    ]
    return [
        (round(x, 1), round(y, 1), f"#{round(red):02x}{round(green):02x}{round(blue):02x}")
        for x, y, red, green, blue in np.stack(means, axis=1).tolist()
    ]


def from_json(entry: Any) -> Stroke:
    """Make a stroke of [color, width, [[x, y], ...]], with the colour null for the eraser.

    Raises `ValueError` or `TypeError` for what is of another form, `HintError` for a wrong colour.
    """
    color, width, points = entry
    passed = tuple((float(x), float(y)) for x, y in points)
    if not passed or not 0 < float(width) < float("inf"):
        raise ValueError("a stroke has points, and a width above 0")
    return None if color is None else to_color(str(color)), float(width), passed


def check_count(strokes: Iterable[Stroke]) -> None:
    """Raise `HintError` where strokes pass too many points."""
    count = sum(len(points) for _, _, points in strokes)
    if count > MAX_POINTS:
        raise HintError(f"strokes of {count} points are too many; give at most {MAX_POINTS}")


def stroke_hints(
    strokes: Iterable[Stroke], size: tuple[int, int], max_hints: int = MAX_HINTS
) -> list[ReachHint]:
    """Give hints for what strokes paint on a picture of `size` (width, height), in its pixels.

    A later stroke lies over an earlier one, and the eraser takes away what is below. Each hint
    reaches its spot alone, so that only what is painted has the colours. There are at most
    `max_hints`.
    """
    given = list(strokes)
    check_count(given)
    scale = min(1.0, _SIDE / min(size))
    width, height = (max(1, round(side * scale)) for side in size)
    layer, alpha = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.uint8)
    for color, thick, points in given:
        _draw(layer, alpha, color, thick * scale / 2, np.array(points) * scale)
    if not alpha.any() or max_hints < 1:
        return []
    return [
        (
            min(round((x + 0.5) / scale, 1), size[0] - 1),
            min(round((y + 0.5) / scale, 1), size[1] - 1),
            color,
            "spot",
        )
        for x, y, color in layer_hints(layer, alpha, max_hints, _STROKE_CELLS)
    ]


def _draw(
    layer: Samples,
    alpha: Samples,
    color: str | None,
    radius: float,
    points: npt.NDArray[np.float64],
) -> None:
    """Draw a stroke: all that is within `radius` of the line through `points`, (n, 2)."""
    radius = max(radius, 0.5)
    for start, end in zip(points, points[1:] if len(points) > 1 else points, strict=False):
        low = np.floor(np.minimum(start, end) - radius).astype(int).clip(0)
        high = np.ceil(np.maximum(start, end) + radius).astype(int) + 1
        high = np.clip(high, low, np.maximum(low, alpha.shape[::-1]))  # it may lead out of it
        area = slice(low[1], high[1]), slice(low[0], high[0])
        rows, columns = np.mgrid[area]
        along = end - start
        offset = np.stack([columns + 0.5 - start[0], rows + 0.5 - start[1]])
        share = np.clip(np.tensordot(along, offset, 1) / max(float(along @ along), 1e-9), 0, 1)
        inside = np.hypot(*(offset - along[:, None, None] * share)) <= radius
        alpha[area][inside] = 0 if color is None else 255
        if color is not None:
            layer[area][inside] = tuple(bytes.fromhex(color[1:]))
