"""What a model makes of a picture, cell by cell, and which cells are alike."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Floats

ALIKE = 0.6
"""Cosine of the features of cells that show the same kind of thing."""


@dataclass(frozen=True)
class Prediction:
    """What a model makes of a picture that it is shown at a height H and a width W."""

    ab: Floats
    """Its colours in Lab units, (2, H/4, W/4)."""
    likelihood: Floats
    """Probability of each of K colours, (K, H/4, W/4)."""
    features: Floats
    """(C, H/8, W/8), alike where the same kind of thing is seen."""
    centers: Floats
    """a and b of the colours in Lab units, (K, 2)."""


@dataclass(frozen=True)
class ColorPoint:
    """A colour at a place."""

    x: float
    """Share of the width, 0..1."""
    y: float
    """Share of the height, 0..1."""
    ab: Floats
    """In Lab units, (2,)."""


def unit_features(features: Floats) -> Floats:
    """Give features as unit vectors about their mean, (C, cells)."""
    flat = features.reshape(len(features), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=0), 1e-9))


def farthest_cells(
    members: npt.NDArray[np.intp], cells: tuple[int, ...], count: int, *, first: int
) -> list[int]:
    """Choose at most `count` of the members, `first` and then always the farthest from all."""
    rows, columns = members // cells[1], members % cells[1]
    chosen = [first]
    nearest = np.full(len(members), np.inf)
    while len(chosen) < min(count, len(members)):
        row, column = divmod(chosen[-1], cells[1])
        nearest = np.minimum(nearest, np.hypot(rows - row, columns - column))
        if nearest.max() < 2:
            break
        chosen.append(int(members[nearest.argmax()]))
    return chosen


def cell_of(point: ColorPoint, cells: tuple[int, ...]) -> int:
    """Give the index of the cell that a point is in, of `cells` (rows, columns)."""
    return int(point.y * cells[0]) * cells[1] + int(point.x * cells[1])


def cell_center(index: int, cells: tuple[int, ...]) -> tuple[float, float]:
    """Give the middle of a cell, as shares of width and height."""
    row, column = divmod(index, cells[1])
    return (column + 0.5) / cells[1], (row + 0.5) / cells[0]
