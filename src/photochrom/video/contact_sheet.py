"""Contact sheets: frames of a film in rows, with a line of text below each."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Samples
from photochrom.errors import ImageError

_WIDE = 2400  # pixels of a sheet's width, about, until there are more rows than columns
_GAP, _BAR = 8, 22  # pixels between pictures, and of the bar with the text below each
_PAPER, _INK = 24, 210  # of 255
MAX_CELLS = 400
"""Frames of a sheet."""
_SIDE = 320  # pixels of a frame's long side

RGB = npt.NDArray[np.uint8]


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


def contact_sheet(pictures: Sequence[Samples], captions: Sequence[str]) -> RGB:
    """Make a sheet, (H, W, 3) sRGB, of pictures of one size, (h, w) or (h, w, 3), and captions."""
    cells = [_captioned(*pair) for pair in zip(pictures, captions, strict=True)]
    height, width = (side + _GAP for side in cells[0].shape[:2])
    across = min(len(cells), max(1, _WIDE // width, math.isqrt(len(cells))))
    down = math.ceil(len(cells) / across)
    sheet = np.full((down * height + _GAP, across * width + _GAP, 3), _PAPER, np.uint8)
    for number, cell in enumerate(cells):
        row, column = divmod(number, across)
        y, x = _GAP + row * height, _GAP + column * width
        sheet[y : y + cell.shape[0], x : x + cell.shape[1]] = cell
    return sheet


def _captioned(picture: Samples, caption: str) -> RGB:
    eight = picture if picture.dtype == np.uint8 else (picture >> 8).astype(np.uint8)
    rgb = eight if eight.ndim == 3 else np.repeat(eight[..., None], 3, axis=2)
    bar = np.full((_BAR, rgb.shape[1], 3), _PAPER, np.uint8)
    ink = (_INK,) * 3
    cv2.putText(bar, caption, (2, _BAR - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.5, ink, 1, cv2.LINE_AA)
    return np.concatenate([rgb, bar])
