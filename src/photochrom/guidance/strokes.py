"""Colours that were painted, on a transparent layer over a picture or as strokes, as hints."""

import numpy as np

from photochrom.color.spaces import Samples
from photochrom.errors import HintError
from photochrom.guidance.hints import MAX_HINTS, Hint

_CELLS = 64  # along the short side: one hint for what is painted in each,
_OPAQUE = 0.5  # where alpha is above


def layer_hints(layer: Samples, alpha: Samples) -> list[Hint]:
    """Give hints for what is painted on a layer: (H, W, 3) sRGB samples, and alpha (H, W).

    One hint stands for each small square in which something is painted, in the middle of that and
    of its mean colour; squares are made larger until there are not too many. Raises `HintError`
    for a layer on which nothing is painted.
    """
    scale = float(np.iinfo(alpha.dtype).max)
    rows, columns = np.nonzero(alpha > _OPAQUE * scale)
    if not len(rows):
        raise HintError("nothing is painted on the layer of hints; paint the colours that you want")
    side = max(1, min(alpha.shape) // _CELLS)
    while True:
        cells = (rows // side) * (alpha.shape[1] // side + 1) + columns // side
        numbers, members, counts = np.unique(cells, return_inverse=True, return_counts=True)
        if len(numbers) <= MAX_HINTS:
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
