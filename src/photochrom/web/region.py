"""A region of a kept picture, in the pixels of the original and not of its preview."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from photochrom.color.spaces import Samples
from photochrom.image import Limits, Picture
from photochrom.image.colorized import Colorized
from photochrom.web.options import whole_number
from photochrom.web.page import PREVIEW
from photochrom.web.problems import Problem
from photochrom.web.sessions import Session

SIDES = ("left", "top", "width", "height")


@dataclass(frozen=True)
class Region:
    """A rectangle of a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int


def read_region(fields: Mapping[str, str], session: Session) -> Region | None:
    """Read the region that is asked for, or None; raises `Problem` 422 for one outside."""
    if not any(side in fields for side in SIDES):
        return None
    left = whole_number(fields, "left", 0, session.width - 1) or 0
    top = whole_number(fields, "top", 0, session.height - 1) or 0
    width = whole_number(fields, "width", 1, session.width - left)
    height = whole_number(fields, "height", 1, session.height - top)
    if width is None or height is None:
        raise Problem(422, "a region needs left, top, width and height, in pixels of the picture")
    return Region(left, top, width, height)


def show(
    session: Session, region: Region, limits: Limits, colorized: Colorized | None = None
) -> Samples:
    """Give the pixels of a region, (H, W, 3) or, when grey, (H, W); coloured as `colorized` is.

    A region whose long side is twice that of a preview, or more, is shown smaller.
    """
    picture = session.opened(limits, whole=True)
    picture, region = _shrunk(picture, region, 1 << _halvings(region))
    rows = _cut(picture, region)
    if colorized:
        over = colorized.over(picture)
        rows = ((top, over.region(region.left, top, samples)) for top, samples in rows)
    return np.concatenate([samples for _, samples in rows])


def _halvings(region: Region) -> int:
    return max(0, (max(region.width, region.height) // PREVIEW).bit_length() - 1)


def _shrunk(picture: Picture, region: Region, by: int) -> tuple[Picture, Region]:
    if by == 1:
        return picture, region
    width, height = max(1, picture.width // by), max(1, picture.height // by)
    left, top = min(region.left // by, width - 1), min(region.top // by, height - 1)
    room = min(region.width // by, width - left), min(region.height // by, height - top)
    return picture.shrunk(width, height), Region(left, top, *(max(1, s) for s in room))


def _cut(picture: Picture, region: Region) -> Iterator[tuple[int, Samples]]:
    """Decode a region in bands, each with the row of the picture that it begins at."""
    columns, end, at = slice(region.left, region.left + region.width), region.top + region.height, 0
    for samples, _ in picture.bands():
        first, last = max(at, region.top), min(at + len(samples), end)
        if first < last:
            yield first, samples[first - at : last - at, columns]
        at += len(samples)
        if at >= end:
            return
