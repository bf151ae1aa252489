"""Finding one digit in the lightness of a photograph or scan."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage import measure
from skimage.filters import threshold_otsu
from skimage.segmentation import clear_border

from photochrom.errors import ImageError

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_SHARP = 640  # pixels: a picture of so many is blurred by one, against noise; a smaller one by less
_SHEET = 0.05  # of the picture: a sheet of paper has at least so much
_STROKE = 0.5  # of the short side: what is wider than this is paper, not a stroke of ink
_CONTRAST = 12.0  # Lab lightness: fainter marks are not taken for ink
_SPECK = 0.05  # parts smaller than this share of the largest are dirt
_WIDEST = 1.6  # widths in a height: hardly one of MNIST's digits is as wide
_MIN_AREA = 40  # pixels of ink, in a picture of 640


@dataclass(frozen=True)
class Ink:
    """What stands out from the paper in one direction, darker or lighter."""

    depth: Floats
    """By how much, in Lab lightness (H, W)."""
    mask: Mask
    """Where it is more than half of the most."""
    outline: float
    """How long and how sharp its outlines are; those of a digit's holes are only a part of them."""


def find(lightness: Floats) -> tuple[Floats, Mask]:
    """Find the digit in lightness (H, W): how deep the ink is, and where the digit is.

    Of a sheet of paper that lies on something else, only the sheet is looked at and given back.

    Raises `ImageError` when nothing looks like a digit, or more than one thing does.
    """
    if min(lightness.shape) < 8:
        raise ImageError(
            "the picture is too small, or too narrow, to hold a digit; give a larger one"
        )
    smooth = _on_paper(ndimage.gaussian_filter(lightness, max(lightness.shape) / _SHARP))
    ink = max((_ink(smooth), _ink(-smooth)), key=lambda ink: ink.outline)
    if ink.depth.max() < _CONTRAST:
        raise ImageError(
            "there is no digit to be found: nothing stands out from the background; "
            "write it darker or larger"
        )
    return ink.depth, _digit(ink.mask)


def _on_paper(lightness: Floats) -> Floats:
    """Cut out the sheet of paper that lies on something else, if there is one."""
    light = lightness > threshold_otsu(lightness)  # type: ignore[no-untyped-call]
    for mask in (light, ~light):
        for box in _boxes(clear_border(mask)):  # type: ignore[no-untyped-call]
            if box.area_bbox > _SHEET * mask.size and _is_sheet(box):
                return np.asarray(lightness[box.slice])
    return lightness


def _is_sheet(box: Any) -> bool:
    """Whether it is a rectangle, in any direction, and a little of it is covered."""
    whole = box.area_filled
    y, x = np.nonzero(box.image_convex)
    boxes = [
        (np.ptp(x * math.cos(turn) + y * math.sin(turn)) + 1)
        * (np.ptp(y * math.cos(turn) - x * math.sin(turn)) + 1)
        for turn in np.linspace(0, math.pi / 2, 30)
    ]
    return bool(0.75 < box.area / whole < 0.999 and whole > 0.88 * min(boxes))


def _ink(lightness: Floats) -> Ink:
    """Take what is darker than its surroundings, and no wider than a stroke, for ink.

    The paper under it is its closing: narrow dark things vanish, shadows stay (a black top-hat).
    """
    stroke = max(3, round(_STROKE * min(lightness.shape)))
    depth: Floats = ndimage.grey_closing(lightness, size=(stroke, stroke)) - lightness
    mask = _inner(depth > max(_CONTRAST, depth.max()) / 2)
    rim = mask & ~ndimage.binary_erosion(mask)
    slope = ndimage.generic_gradient_magnitude(lightness, ndimage.sobel)
    return Ink(depth, mask, float(slope[rim].sum()))


def _inner(mask: Mask) -> Mask:
    """Leave out what touches the edge (shadows, tables), unless there is nothing else."""
    labels, _ = ndimage.label(mask, np.ones((3, 3)))
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    inner = mask & ~np.isin(labels, edge)
    return inner if np.count_nonzero(inner) >= _MIN_AREA else mask


def _digit(mask: Mask) -> Mask:
    """Keep the parts that make up the digit, without dirt."""
    boxes = _boxes(mask)
    largest = max((box.area for box in boxes), default=0)
    if largest < _MIN_AREA:
        raise ImageError("there is no digit to be found: no stroke has a digit's size; cut one out")
    boxes = [box for box in boxes if box.area > _SPECK * largest]
    things = _things(boxes)
    if things > 1:
        raise ImageError(f"{things} things are in the picture, not one digit: cut one out")
    digit = np.zeros_like(mask)
    for box in boxes:
        digit[box.slice] |= box.image
    height, width = (np.ptp(coordinates) + 1 for coordinates in np.nonzero(digit))
    if width > _WIDEST * height:
        raise ImageError("what is in the picture is wider than a digit: cut out one")
    return digit


def _boxes(mask: Mask) -> list[Any]:
    labels = measure.label(mask, connectivity=2)  # type: ignore[no-untyped-call]
    return list(measure.regionprops(labels))  # type: ignore[no-untyped-call]


def _things(boxes: list[Any]) -> int:
    """Count what stands side by side, or one above another, as tall as a digit."""
    tallest = max(_height(box) for box in boxes)
    tall = [box for box in boxes if _height(box) > tallest / 2]
    apart: list[Any] = []
    for box in tall:
        if not any(_overlap(box.bbox, other.bbox) > 0.2 for other in apart):
            apart.append(box)
    return len(apart)


def _height(box: Any) -> int:
    return int(box.bbox[2] - box.bbox[0])


def _overlap(one: tuple[int, ...], two: tuple[int, ...]) -> float:
    """Share of the smaller of two boxes (top, left, bottom, right) that both cover."""
    height = min(one[2], two[2]) - max(one[0], two[0])
    width = min(one[3], two[3]) - max(one[1], two[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, two)]
    return max(0, height) * max(0, width) / min(areas)
