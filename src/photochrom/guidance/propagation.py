"""Hints brought to the things that they are on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photochrom.color.spaces import Floats
from photochrom.guidance.hints import (
    EVERYTHING,
    AnyHint,
    check_count,
    check_point,
    reach_of,
    to_ab,
)
from photochrom.guidance.reach import Point, Terrain, covered

_SURE = 1e-3  # least chance of another thing that counts,
_HERE = 0.01  # and least way, in short sides of the picture


@dataclass(frozen=True)
class LocatedHint:
    """A hint at a point of a picture of any size."""

    point: Point
    ab: Floats
    """In Lab units, (2,)."""
    far: str
    """One of `REACHES`."""


def located(
    hints: Sequence[AnyHint], size: tuple[int, int], *, mirrored: bool
) -> list[LocatedHint]:
    """Place hints, in pixels of a picture of `size` (width, height), in it or its mirror image.

    Raises `HintError` for a hint outside the picture, a wrong colour, or too many.
    """
    check_count(hints)
    found = []
    for hint in hints:
        check_point(hint[0], hint[1], size)
        x, y = hint[0] / size[0], hint[1] / size[1]
        point = (1 - x - 1e-6 if mirrored else x, y)
        found.append(LocatedHint(point, to_ab(hint[2]), reach_of(hint)))
    return found


def propagate(ab: Floats, terrain: Terrain, hints: Sequence[LocatedHint]) -> Floats:
    """Give the things in ab, (2, h, w) in Lab units, the colours of the hints that are on them.

    Where several hints claim a cell, each counts by the square of its odds and of how near it is
    (Shepard 1968): so each holds where it was put. A hint that reaches everything colours its own
    thing too; what is like it has been coloured by the model.
    """
    if not hints:
        return ab
    near = [hint for hint in hints if hint.far == "spot"]
    wide = [hint for hint in hints if hint.far != "spot"]
    chances = [
        terrain.chances([hint.point for hint in group], far)
        for group, far in ((near, "spot"), (wide, EVERYTHING))
        if group
    ]
    chance, way = (np.concatenate(parts) for parts in zip(*chances, strict=True))
    colors = np.array([hint.ab for hint in near + wide])
    weight = (chance / (1 - chance + _SURE) / (way + _HERE)) ** 2
    wanted = np.tensordot(colors.T, weight, axes=1) / np.maximum(weight.sum(axis=0), 1e-12)
    return np.asarray(ab + covered(chance.max(axis=0)) * (wanted - ab), np.float32)
