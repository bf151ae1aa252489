"""Colours taken from another picture, and hints followed from one frame to others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Floats
from photochrom.color.upsampling import block_mean
from photochrom.guidance.prediction import (
    ALIKE,
    ColorPoint,
    Prediction,
    cell_center,
    farthest_cells,
    unit_features,
)

_SAME = 0.8  # cosine of features that show the same thing, in another picture too
_SAME_SCENE = 0.7  # cosine, and
_AS_LIGHT = 12.0  # difference of lightness, of what shows the same in another shot of a scene
_FARTHER = 0.3  # of that cosine is given for the width of the picture: things seldom move so far
_MARGIN = 0.05  # of it: a second place that comes so near to the first may be the thing as well
_AROUND = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
_MATCHES = 60  # hints of a reference
_TEMPERATURE = 0.05  # of the cosines by which colours are weighted


@dataclass(frozen=True)
class Exemplar:
    """Cells of pictures, and the colours that they have."""

    directions: Floats
    """What is seen there, as unit vectors, (C, cells)."""
    colors: Floats
    """In Lab units, (2, cells)."""
    lightness: Floats
    """In 0..100, (cells,)."""

    @classmethod
    def of(cls, prediction: Prediction, lab: Floats) -> Self:
        """Take the cells of a picture, which truly is lab, (3, H, W) in Lab units."""
        lightness, *ab = block_mean(lab, 8).reshape(3, -1)
        return cls(unit_features(prediction.features), np.stack(ab), lightness)

    @classmethod
    def merged(cls, several: Sequence["Exemplar"]) -> Self:
        """Take the cells of several."""
        planes = [(one.directions, one.colors, one.lightness) for one in several]
        return cls(*(np.concatenate(group, axis=-1) for group in zip(*planes, strict=True)))


def match(prediction: Prediction, exemplar: Exemplar) -> list[ColorPoint]:
    """Give places of a picture the colours of the cells of others that look most like them."""
    cells = prediction.features.shape[1:]
    alike = unit_features(prediction.features).T @ exemplar.directions
    weight = np.exp((alike - alike.max(axis=1, keepdims=True)) / _TEMPERATURE)
    colors = exemplar.colors @ (weight / weight.sum(axis=1, keepdims=True)).T
    sure = np.flatnonzero(alike.max(axis=1) > ALIKE)
    if not len(sure):
        return []
    first = int(alike.max(axis=1).argmax())
    indices = farthest_cells(sure, cells, _MATCHES, first=first)
    return [ColorPoint(*cell_center(index, cells), colors[:, index]) for index in indices]


def toward(points: list[ColorPoint], prediction: Prediction, strength: float) -> list[ColorPoint]:
    """Move colours from those that a picture would have by itself, 0, to those of points, 1."""
    rows, columns = prediction.ab.shape[1:]
    weaker = []
    for point in points:
        own = prediction.ab[:, int(point.y * rows), int(point.x * columns)]
        weaker.append(replace(point, ab=own + np.float32(strength) * (point.ab - own)))
    return weaker


def share_alike(prediction: Prediction, exemplar: Exemplar) -> float:
    """Tell how much of a picture looks like something in others, 0..1."""
    alike = unit_features(prediction.features).T @ exemplar.directions
    return float((alike.max(axis=1) > ALIKE).mean())


def share_of_scene(prediction: Prediction, lightness: Floats, exemplar: Exemplar) -> float:
    """Tell how much of a picture may be of the scene that others are of, 0..1.

    `lightness`, (H, W) in 0..100, is the picture's. What looks alike is to be as light, too: what a
    model sees in another scene is often alike, and seldom both.
    """
    alike = unit_features(prediction.features).T @ exemplar.directions
    nearest = exemplar.lightness[alike.argmax(axis=1)]
    light = np.abs(block_mean(lightness[None], 8).ravel() - nearest) < _AS_LIGHT
    return float(((alike.max(axis=1) > _SAME_SCENE) & light).mean())


def directions_at(prediction: Prediction, indices: list[tuple[float, float]]) -> Floats:
    """Give what is seen at places, shares of width and height, as unit vectors (n, C)."""
    cells = prediction.features.shape[1:]
    numbers = [int(y * cells[0]) * cells[1] + int(x * cells[1]) for x, y in indices]
    return unit_features(prediction.features)[:, numbers].T


def found_again(
    prediction: Prediction, directions: Floats, points: list[tuple[float, float]]
) -> list[tuple[int, float, float]]:
    """Find what was seen in another picture, as `directions_at` gives it, where it is here.

    `points` says where it was there, in shares of width and height: of several that look alike, the
    nearest is the same. Gives which of them, and shares of width and height: one place of each,
    or none where it is not seen, or could be in two places.
    """
    cells = prediction.features.shape[1:]
    alike = directions @ unit_features(prediction.features)
    best = alike.argmax(axis=0)
    centers = np.array([cell_center(index, cells) for index in range(alike.shape[1])])
    found = []
    for number, (likeness, point) in enumerate(zip(alike, points, strict=True)):
        score = likeness - _FARTHER * np.hypot(*(centers - point).T)
        score[(best != number) | (likeness <= _SAME)] = -np.inf
        first = int(score.argmax())
        elsewhere = ~_connected(np.isfinite(score).reshape(cells), first).ravel()
        second = score[elsewhere].max(initial=-np.inf)
        if np.isfinite(score[first]) and second < score[first] - _MARGIN:
            found.append((number, *centers[first].tolist()))
    return found


def _connected(cells: npt.NDArray[np.bool_], first: int) -> npt.NDArray[np.bool_]:
    """Tell which of some cells, (rows, columns), touch one another from the `first` on."""
    found = np.zeros_like(cells)
    found.flat[first] = True
    count = 0
    while count < (count := int(found.sum())):
        grown = np.pad(found, 1)
        around = [grown[1 + y :, 1 + x :][: cells.shape[0], : cells.shape[1]] for y, x in _AROUND]
        found |= cells & np.any(around, axis=0)
    return found
