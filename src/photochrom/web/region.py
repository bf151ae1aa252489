"""A part of a kept picture, in the pixels of the original and not of its preview."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from photochrom.color.spaces import Samples
from photochrom.image import Limits, Picture
from photochrom.image.colorized import Coloured
from photochrom.web.options import whole_number
from photochrom.web.problems import Problem
from photochrom.web.sessions import PREVIEW, Session

SIDES = ("left", "top", "width", "height")


@dataclass(frozen=True)
class Part:
    """A part of a picture, in its pixels."""

    left: int
    top: int
    width: int
    height: int


def read_part(fields: Mapping[str, str], session: Session) -> Part | None:
    """Read which part is asked for, if one is; raises `Problem` 422 where it is not inside."""
    if not any(side in fields for side in SIDES):
        return None
    left = whole_number(fields, "left", 0, session.width - 1) or 0
    top = whole_number(fields, "top", 0, session.height - 1) or 0
    width = whole_number(fields, "width", 1, session.width - left)
    height = whole_number(fields, "height", 1, session.height - top)
    if width is None or height is None:
        raise Problem(422, "left, top, width and height, in pixels of the picture, tell a part")
    return Part(left, top, width, height)


def show(session: Session, part: Part, limits: Limits, painted: Coloured | None = None) -> Samples:
    """Give the pixels of a part, (H, W, 3) or, when grey, (H, W); coloured as `painted` is.

    A part whose long side is twice that of a preview, or more, is shown smaller.
    """
    picture = Picture(session.data, limits)
    picture, part = _shrunk(picture, part, 1 << _halvings(part))
    rows = _cut(picture, part)
    if painted:
        over = painted.over(picture)
        rows = ((top, over.part(part.left, top, samples)) for top, samples in rows)
    return np.concatenate([samples for _, samples in rows])


def _halvings(part: Part) -> int:
    return max(0, (max(part.width, part.height) // PREVIEW).bit_length() - 1)


def _shrunk(picture: Picture, part: Part, by: int) -> tuple[Picture, Part]:
    if by == 1:
        return picture, part
    width, height = max(1, picture.width // by), max(1, picture.height // by)
    left, top = min(part.left // by, width - 1), min(part.top // by, height - 1)
    room = min(part.width // by, width - left), min(part.height // by, height - top)
    small = Picture(picture.thumbnail(width, height), picture.limits)
    return small, Part(left, top, *(max(1, s) for s in room))


def _cut(picture: Picture, part: Part) -> Iterator[tuple[int, Samples]]:
    """Decode a part, in pieces, each with the row that it begins at."""
    columns, end, at = slice(part.left, part.left + part.width), part.top + part.height, 0
    for samples, _ in picture.bands():
        first, last = max(at, part.top), min(at + len(samples), end)
        if first < last:
            yield first, samples[first - at : last - at, columns]
        at += len(samples)
        if at >= end:
            return
