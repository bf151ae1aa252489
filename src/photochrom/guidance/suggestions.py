"""Suggested colours: what a point may well have, and variants of a whole picture.

A suggestion becomes a hint and nothing else, so that it can be seen, moved and taken back.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Floats
from photochrom.color.upsampling import block_mean
from photochrom.guidance.prediction import (
    ALIKE,
    ColorPoint,
    Prediction,
    cell_center,
    cell_of,
    farthest_cells,
    unit_features,
)

_KIN = 15.0  # Lab units: colours that are nearer to each other count as one
_OTHER = 25.0  # Lab units: a proposal differs by as much from those before it
_POINTS = 6  # hints of a proposal


def likely(prediction: Prediction, x: float, y: float, count: int) -> list[Floats]:
    """Give at most `count` colours that a place may well have, the likeliest first.

    `x` and `y` are shares of width and height.
    """
    rows, columns = prediction.likelihood.shape[1:]
    row, column = min(int(y * rows), rows - 1), min(int(x * columns), columns - 1)
    around = np.s_[:, max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
    left = prediction.likelihood[around].mean(axis=(1, 2))
    distance = _distances(prediction.centers)
    found: list[Floats] = []
    while len(found) < count and left.max() > 0:
        kin = distance[_peak(left, distance)] < _KIN
        found.append((left * kin) @ prediction.centers / (left * kin).sum())
        left = np.where(kin, 0, left)
    return found


def variant(
    prediction: Prediction, known: list[Floats], earlier: Iterable[ColorPoint] = ()
) -> list[ColorPoint]:
    """Choose one thing in the picture, and a colour for it that it was not given before.

    `known` are colours of the whole picture, (2, H/4, W/4), the model's own first; `earlier` are
    the spots of earlier choices. The thing is where another colour is likely and differs much;
    its colour is put on several places that look alike.
    """
    chance = block_mean(prediction.likelihood, 2)
    cells = chance.shape[1:]
    flat = chance.reshape(len(chance), -1)
    directions = unit_features(prediction.features)
    predicted = [block_mean(ab, 2).reshape(2, -1) for ab in known]
    for colors in predicted:
        gap = np.linalg.norm(prediction.centers[:, :, None] - colors, axis=1)
        flat = np.where(gap < _OTHER, 0, flat)
    for point in earlier:
        alike = directions[:, cell_of(point, cells)] @ directions > ALIKE
        gap = np.linalg.norm(prediction.centers - point.ab, axis=1)
        flat = np.where((gap < _OTHER)[:, None] & alike, 0, flat)
    return _recolour(prediction, flat, directions, predicted[0], cells)


def _recolour(
    prediction: Prediction, chance: Floats, directions: Floats, own: Floats, cells: tuple[int, ...]
) -> list[ColorPoint]:
    """Put the most telling colour of `chance`, (K, cells), on places that look alike."""
    distance = _distances(prediction.centers)
    peaks = _peak(chance, distance)
    gap = np.linalg.norm(prediction.centers[peaks].T - own, axis=0)
    seed = int((chance.sum(axis=0) * gap).argmax())
    kin = distance[peaks[seed]] < _KIN
    share = kin @ chance
    color = (chance[:, seed] * kin) @ prediction.centers / max(share[seed], 1e-9)
    alike = directions[:, seed] @ directions > ALIKE
    members = np.flatnonzero(alike & (share > share[seed] / 3))
    indices = farthest_cells(members, cells, _POINTS, first=seed)
    return [ColorPoint(*cell_center(index, cells), color) for index in indices]


def _distances(centers: Floats) -> Floats:
    return np.asarray(np.linalg.norm(centers[:, None] - centers, axis=2))


def _peak(chance: Floats, distance: Floats) -> npt.NDArray[np.intp]:
    """Which colour has most of the probability, (K, ...), around it."""
    near = np.exp(-((2 * distance / _KIN) ** 2) / 2)
    return np.asarray((near @ chance).argmax(axis=0))
