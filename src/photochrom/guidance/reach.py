"""How far a hint reaches: the point alone, the thing that it is on, or everything like it.

A thing ends where one does not come without crossing an edge: the farther the shortest way to a
point leads over changes of lightness and of what the model sees, the less it belongs to the thing
(geodesic distance; Bai and Sapiro, "A geodesic framework for fast interactive image and video
segmentation", 2007). How much that distance says, and how much the lightness and the features at
its end, was fitted by logistic regression to recoloured things in 260 photographs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Floats
from photochrom.color.upsampling import block_mean, resize_bilinear
from photochrom.guidance.hints import EVERYTHING
from photochrom.guidance.prediction import unit_features

_LIGHT_EDGE = 10.0  # Lab units of lightness that are as far as the whole short side of the picture,
_FEATURE_EDGE = 0.5  # and the distance of unit features that is
_WAY, _LIGHT, _LIKE, _ALL = (
    -1.212,
    -0.0332,
    1.365,
    2.206,
)  # of the regression, of root, L and cosine
_OUT, _IN = 0.15, 0.4  # chance of belonging to a thing up to which nothing, and from which all is
_NEAR = 0.035  # of the short side: radius of a spot
_NEAR_LIGHT = 28.0  # Lab units: deviation of what is as light as the point of a spot
_FARTHEST = 20.0  # way beyond which nothing belongs to a thing
_AT_ONCE = 64  # points whose ways are sought together
_AROUND = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)]

Point = tuple[float, float]
"""x and y, shares of width and height."""


@dataclass(frozen=True)
class Terrain:
    """What a picture looks like to who walks over its cells."""

    lightness: Floats
    """(h, w), in 0..100."""
    directions: Floats
    """What is seen there, as unit vectors, (C, h, w)."""
    steps: Floats
    """How far it is to each of the eight cells around, (8, h, w)."""

    @classmethod
    def of(cls, features: Floats, lightness: Floats, shape: tuple[int, int]) -> Self:
        """Take a model's features, (C, _, _), and lightness, (k h, k w), to cells of `shape`."""
        light = block_mean(lightness[None], lightness.shape[0] // shape[0])
        coarse = unit_features(features).reshape(features.shape).astype(np.float32)
        seen = resize_bilinear(coarse, *shape)
        seen /= np.maximum(np.linalg.norm(seen, axis=0), 1e-9)
        steps = [
            np.hypot(y, x) / min(shape)
            + np.abs(_shifted(light, y, x) - light)[0] / _LIGHT_EDGE
            + np.linalg.norm(_shifted(seen, y, x) - seen, axis=0) / _FEATURE_EDGE
            for y, x in _AROUND
        ]
        return cls(light[0], seen, np.asarray(steps, np.float32))

    def cell(self, point: Point) -> tuple[int, int]:
        """Give the row and column of a point."""
        height, width = self.lightness.shape
        return int(point[1] * height), int(point[0] * width)

    def things(self, points: Sequence[Point]) -> tuple[Floats, Floats]:
        """Tell how likely each cell belongs to the thing that a point is on, and how far it is.

        Both are (n, h, w): chances in 0..1, and ways over the terrain, at least as long as the way
        on paper, in short sides of the picture.
        """
        found = [
            self._things([self.cell(point) for point in points[start : start + _AT_ONCE]])
            for start in range(0, len(points), _AT_ONCE)
        ]
        chances, ways = zip(*found, strict=True)
        return np.concatenate(chances), np.concatenate(ways)

    def _things(self, cells: list[tuple[int, int]]) -> tuple[Floats, Floats]:
        rows, columns = np.array(cells).T
        ways = self._ways(rows, columns)
        light = np.abs(self.lightness - self.lightness[rows, columns][:, None, None])
        like = np.tensordot(self.directions[:, rows, columns].T, self.directions, axes=1)
        said = _WAY * np.sqrt(ways) + _LIGHT * light + _LIKE * like + _ALL
        return np.asarray(1 / (1 + np.exp(-said))), ways

    def _ways(self, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]) -> Floats:
        """Give the length of the shortest way from some cells to all others, (n, h, w)."""
        height, width = self.lightness.shape
        bordered = np.full((len(rows), height + 2, width + 2), np.inf, np.float32)
        ways = bordered[:, 1:-1, 1:-1]
        ways[np.arange(len(rows)), rows, columns] = 0
        before, around = np.empty_like(ways), np.empty_like(ways)
        while not np.array_equal(before, ways):
            np.copyto(before, ways)
            for (y, x), step in zip(_AROUND, self.steps, strict=True):
                neighbor = bordered[:, 1 + y : 1 + y + height, 1 + x : 1 + x + width]
                np.minimum(ways, np.add(neighbor, step, out=around), out=ways)
            ways[ways > _FARTHEST] = np.inf
        return ways

    def near(self, points: Sequence[Point]) -> tuple[Floats, Floats]:
        """Give what is near points and as light, 0..1, and how far away it is, (n, h, w) both."""
        rows, columns = np.indices(self.lightness.shape, dtype=np.float32)
        found, away = [], []
        for row, column in map(self.cell, points):
            light = (self.lightness - self.lightness[row, column]) / _NEAR_LIGHT
            away.append(np.hypot(rows - row, columns - column) / min(rows.shape))
            found.append(np.exp(-(light**2 + (away[-1] / _NEAR) ** 2) / 2))
        return np.asarray(found, np.float32), np.asarray(away, np.float32)

    def chances(self, points: Sequence[Point], far: str) -> tuple[Floats, Floats]:
        """Give the chance of each cell to be coloured by hints that reach so `far`, and the way."""
        return self.near(points) if far == "spot" else self.things(points)

    def reach(self, point: Point, far: str) -> Floats:
        """Tell how much of each cell is coloured by a hint that reaches so far, (h, w), 0..1."""
        if far == EVERYTHING:
            return np.ones(self.lightness.shape, np.float32)
        return covered(self.chances([point], far)[0][0])


def covered(chance: Floats) -> Floats:
    """Give how much is coloured, 0..1, of what belongs to a thing by chance."""
    return np.asarray(np.clip((chance - _OUT) / (_IN - _OUT), 0, 1), np.float32)


def _shifted(planes: Floats, down: int, right: int) -> Floats:
    """Give each cell's neighbour of planes (..., h, w); at the border, the cell itself."""
    height, width = planes.shape[-2:]
    around = [(0, 0)] * (planes.ndim - 2) + [(1, 1), (1, 1)]
    wide = np.pad(planes, around, mode="edge")
    return np.asarray(wide[..., 1 + down : 1 + down + height, 1 + right : 1 + right + width])
