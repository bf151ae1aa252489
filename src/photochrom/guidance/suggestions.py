"""Making hints: the likely colours of a place, proposals, and the colours of another picture.

A guide makes hints and nothing else, so that whatever it says can be seen, moved and taken back.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Floats
from photochrom.color.upsampling import block_mean

_KIN = 15.0  # Lab units: colours that are nearer to each other count as one
_OTHER = 25.0  # Lab units: a proposal differs by as much from those before it
_ALIKE = 0.6  # cosine of features that show the same kind of thing
_SAME = 0.8  # cosine of those that show the same thing, in another picture too
_COMPARED = 2048  # cells at most that are compared, each with each
_SPOTS = 6  # hints of a proposal
_AGAIN = 2  # hints of a thing that is found again: more would spread beyond it
_MATCHES = 60  # hints of a reference


@dataclass(frozen=True)
class View:
    """What a model makes of a picture that it is shown at a height H and a width W."""

    ab: Floats
    """Its colours in Lab units, (2, H/4, W/4)."""
    likelihood: Floats
    """Probability of each of K colours, (K, H/4, W/4)."""
    features: Floats
    """(C, H/8, W/8), alike where the same kind of thing is seen."""
    centres: Floats
    """a and b of the colours in Lab units, (K, 2)."""


@dataclass(frozen=True)
class Spot:
    """A colour at a place."""

    x: float
    """Share of the width, 0..1."""
    y: float
    """Share of the height, 0..1."""
    ab: Floats
    """In Lab units, (2,)."""


def likely(view: View, x: float, y: float, count: int) -> list[Floats]:
    """Give at most `count` colours that a place may well have, the likeliest first.

    `x` and `y` are shares of width and height.
    """
    rows, columns = view.likelihood.shape[1:]
    row, column = min(int(y * rows), rows - 1), min(int(x * columns), columns - 1)
    around = np.s_[:, max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
    left = view.likelihood[around].mean(axis=(1, 2))
    distance = _distances(view.centres)
    found: list[Floats] = []
    while len(found) < count and left.max() > 0:
        kin = distance[_peak(left, distance)] < _KIN
        found.append((left * kin) @ view.centres / (left * kin).sum())
        left = np.where(kin, 0, left)
    return found


def uncertainty(view: View) -> Floats:
    """How far from the painted colours likely ones lie: root mean square in Lab units, (H/4, W/4).

    It is the error that the model itself expects.
    """
    chance = view.likelihood.reshape(len(view.centres), -1)
    painted = view.ab.reshape(2, -1)
    square = (view.centres**2).sum(axis=1) @ chance + (painted**2).sum(axis=0)
    square -= 2 * (painted * (view.centres.T @ chance)).sum(axis=0)
    return np.asarray(np.sqrt(np.maximum(square, 0)).reshape(view.ab.shape[1:]), np.float32)


def doubtful(view: View, count: int) -> list[tuple[float, float]]:
    """Choose at most `count` places in doubt, one of each kind of thing.

    Gives shares of width and height. A hint is taken to settle what looks alike: chosen is where
    the squared uncertainty of all that is the most, not where its own is.
    """
    doubt = block_mean(uncertainty(view)[None], 2)[0]
    step = math.ceil(math.sqrt(doubt.size / _COMPARED))
    directions = _directions(view.features[:, ::step, ::step])
    alike = directions.T @ directions > _ALIKE
    left = doubt[::step, ::step].ravel() ** 2
    places = np.arange(doubt.size).reshape(doubt.shape)[::step, ::step].ravel()
    found: list[tuple[float, float]] = []
    while len(found) < count and left.max() > 0:
        most = int((alike @ left).argmax())
        found.append(_middle(int(places[most]), doubt.shape))
        left = np.where(alike[most], 0, left)
    return found


def alternative(view: View, known: list[Floats], earlier: Iterable[Spot] = ()) -> list[Spot]:
    """Choose one thing in the picture, and a colour for it that it was not given before.

    `known` are colours of the whole picture, (2, H/4, W/4), the model's own first; `earlier` are
    the spots of earlier choices. The thing is where another colour is likely and differs much;
    its colour is put on several places that look alike.
    """
    chance = block_mean(view.likelihood, 2)
    cells = chance.shape[1:]
    flat = chance.reshape(len(chance), -1)
    directions = _directions(view.features)
    painted = [block_mean(ab, 2).reshape(2, -1) for ab in known]
    for colours in painted:
        gap = np.linalg.norm(view.centres[:, :, None] - colours, axis=1)
        flat = np.where(gap < _OTHER, 0, flat)
    for spot in earlier:
        alike = directions[:, _cell(spot, cells)] @ directions > _ALIKE
        gap = np.linalg.norm(view.centres - spot.ab, axis=1)
        flat = np.where((gap < _OTHER)[:, None] & alike, 0, flat)
    return _recolour(view, flat, directions, painted[0], cells)


def _recolour(
    view: View, chance: Floats, directions: Floats, own: Floats, cells: tuple[int, ...]
) -> list[Spot]:
    """Put the most telling colour of `chance`, (K, cells), on places that look alike."""
    distance = _distances(view.centres)
    peaks = _peak(chance, distance)
    change = np.linalg.norm(view.centres[peaks].T - own, axis=0)
    seed = int((chance.sum(axis=0) * change).argmax())
    kin = distance[peaks[seed]] < _KIN
    share = kin @ chance
    colour = (chance[:, seed] * kin) @ view.centres / max(share[seed], 1e-9)
    alike = directions[:, seed] @ directions > _ALIKE
    members = np.flatnonzero(alike & (share > share[seed] / 3))
    places = _spread(members, cells, _SPOTS, first=seed)
    return [Spot(*_middle(place, cells), colour) for place in places]


def match(view: View, other: View, ab: Floats) -> list[Spot]:
    """Give places of a picture the colours of the places in another that look most like them.

    `ab`, (2, H, W) in Lab units, are the true colours of the other picture.
    """
    cells = view.features.shape[1:]
    theirs = block_mean(ab, 8)
    alike = _directions(view.features).T @ _directions(other.features)
    weight = np.exp((alike - alike.max(axis=1, keepdims=True)) / 0.05)
    colours = theirs.reshape(2, -1) @ (weight / weight.sum(axis=1, keepdims=True)).T
    sure = np.flatnonzero(alike.max(axis=1) > _ALIKE)
    if not len(sure):
        return []
    first = int(alike.max(axis=1).argmax())
    places = _spread(sure, cells, _MATCHES, first=first)
    return [Spot(*_middle(place, cells), colours[:, place]) for place in places]


def directions_at(view: View, places: list[tuple[float, float]]) -> Floats:
    """Give what is seen at places, shares of width and height, as unit vectors (n, C)."""
    cells = view.features.shape[1:]
    numbers = [int(y * cells[0]) * cells[1] + int(x * cells[1]) for x, y in places]
    return _directions(view.features)[:, numbers].T


def found_again(view: View, directions: Floats) -> list[tuple[int, float, float]]:
    """Find what was seen in another picture, as `directions_at` gives it, where it is here.

    Gives which of them, and shares of width and height: some places of each, or none.
    """
    cells = view.features.shape[1:]
    alike = directions @ _directions(view.features)
    most = alike.argmax(axis=0)
    found = []
    for number, likeness in enumerate(alike):
        members = np.flatnonzero((most == number) & (likeness > _SAME))
        if len(members):
            first = int(members[likeness[members].argmax()])
            places = _spread(members, cells, _AGAIN, first=first)
            found += [(number, *_middle(place, cells)) for place in places]
    return found


def _distances(centres: Floats) -> Floats:
    return np.asarray(np.linalg.norm(centres[:, None] - centres, axis=2))


def _peak(chance: Floats, distance: Floats) -> npt.NDArray[np.intp]:
    """Which colour has most of the probability, (K, ...), around it."""
    near = np.exp(-((2 * distance / _KIN) ** 2) / 2)
    return np.asarray((near @ chance).argmax(axis=0))


def _directions(features: Floats) -> Floats:
    """Features as unit vectors about their mean, (C, cells)."""
    flat = features.reshape(len(features), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=0), 1e-9))


def _spread(
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


def _cell(spot: Spot, cells: tuple[int, ...]) -> int:
    return int(spot.y * cells[0]) * cells[1] + int(spot.x * cells[1])


def _middle(place: int, cells: tuple[int, ...]) -> tuple[float, float]:
    row, column = divmod(place, cells[1])
    return (column + 0.5) / cells[1], (row + 0.5) / cells[0]
