"""Before and after in one frame: grey and coloured, with a line between."""

import math

import numpy as np

from photochrom.color.spaces import Samples
from photochrom.errors import ImageError

SIDE, WIPE = "side", "wipe"
"""The two whole frames beside each other; or one frame, in which a line moves to and fro."""
COMPARISONS = (SIDE, WIPE)
SECONDS = 8.0
"""How long a line takes, to and fro."""
_LINE = 1 / 200  # of the width of a frame


def compared(grey: Samples, colorized: Samples, comparison: str, seconds: float) -> Samples:
    """Give the frame that compares a grey one, (H, W), and what it became, (H, W, 3).

    Grey is left, colour is right. `seconds` is when the frame is shown.
    """
    height, width = grey.shape
    before = np.repeat(grey[..., None], 3, axis=2)
    line = line_width(width)
    white = np.iinfo(grey.dtype).max
    if comparison == SIDE:
        between = np.full((height, line, 3), white, grey.dtype)
        return np.concatenate([before, between, colorized], axis=1)
    edge = round(_share(seconds) * width)
    frame = np.concatenate([before[:, :edge], colorized[:, edge:]], axis=1)
    if 0 < edge < width:
        frame[:, max(0, edge - line // 2) : edge + line // 2] = white
    return frame


def check_comparison(name: str) -> str:
    """Give the name of a comparison, or "" for none; raises `ImageError` for any other."""
    if name and name not in COMPARISONS:
        raise ImageError(f"there is no comparison {name!r}; choose {' or '.join(COMPARISONS)}")
    return name


def line_width(width: int) -> int:
    """Give how many pixels wide the line is in frames of so many."""
    return 2 * max(1, round(width * _LINE / 2))


def compared_size(width: int, height: int, comparison: str) -> tuple[int, int]:
    """Give the width and height that a frame of so many pixels becomes."""
    return 2 * width + line_width(width) if comparison == SIDE else width, height


def _share(seconds: float) -> float:
    """Give how much is grey at a time, 0..1: all of it at first."""
    return (1 + math.cos(2 * math.pi * seconds / SECONDS)) / 2
