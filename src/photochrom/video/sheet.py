"""Which frames of a film stand on a contact sheet, and how large."""

import math

from photochrom.errors import ImageError

MAX_CELLS = 400
"""Frames of a sheet."""
_SIDE = 320  # pixels of a frame's long side


def times(begin: float, end: float, every: float, name: object) -> list[float]:
    """Give the times from `begin` on, in seconds, that are so far from each other.

    Raises `ImageError`, which names the film, where there are too many, or steps are none.
    """
    if every <= 0:
        raise ImageError(f"a frame every {every:g} s is not possible; pass every=10s")
    count = max(1, math.ceil((end - begin) / every))
    if count > MAX_CELLS:
        wanted = math.ceil((end - begin) / MAX_CELLS)
        raise ImageError(
            f"{name}: a sheet holds {MAX_CELLS} frames, not {count}; pass every={wanted}s"
        )
    return [begin + number * every for number in range(count)]


def cell_size(width: int, height: int) -> tuple[int, int]:
    """Give the width and height of a frame on a sheet."""
    scale = min(1.0, _SIDE / max(width, height))
    across, down = (max(1, round(side * scale)) for side in (width, height))
    return across, down
