"""Colours taken from another picture, and hints followed from one frame to others."""

from dataclasses import replace

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
_FARTHER = 0.3  # of that cosine is given for the width of the picture: things seldom move so far
_MARGIN = 0.05  # of it: a second place that comes so near to the first may be the thing as well
_AROUND = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
_MATCHES = 60  # hints of a reference


def match(prediction: Prediction, other: Prediction, ab: Floats) -> list[ColorPoint]:
    """Give places of a picture the colours of the places in another that look most like them.

    `ab`, (2, H, W) in Lab units, are the true colours of the other picture.
    """
    cells = prediction.features.shape[1:]
    theirs = block_mean(ab, 8)
    alike = unit_features(prediction.features).T @ unit_features(other.features)
    weight = np.exp((alike - alike.max(axis=1, keepdims=True)) / 0.05)
    colors = theirs.reshape(2, -1) @ (weight / weight.sum(axis=1, keepdims=True)).T
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


def share_alike(prediction: Prediction, other: Prediction) -> float:
    """Tell how much of a picture looks like something in another, 0..1."""
    alike = unit_features(prediction.features).T @ unit_features(other.features)
    return float((alike.max(axis=1) > ALIKE).mean())


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
