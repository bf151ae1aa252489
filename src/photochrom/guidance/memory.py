"""A memory of things: what the shots of a film showed, and the colours that it was given.

Films come back to their scenes. Of each shot its cells are remembered: what a model sees there,
how light they are, and their colours, averaged over the shot. A shot that shows much of what
another one showed, as light as there, takes its colours, cell by cell, from what looks most alike.
Where the cells agree on how the one picture lies in the other, moved and enlarged, those are
preferred that lie there (RANSAC; Fischler and Bolles 1981). Plain NumPy.
"""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Floats
from photochrom.color.upsampling import block_mean, resize_bilinear
from photochrom.guidance.prediction import unit_features

SCENE = 0.4
"""Share of a shot's cells that another must have shown (see `share_of_scene`)."""
LIKE = 0.7
"""Cosine of what may show the same,"""
AS_LIGHT = 12.0
"""and difference of L*."""
_LIGHT = 25.0  # difference of L* of what never shows the same
_TAKEN = (0.5, 0.65), (-0.2, 0.1)  # likeness from which colours are taken a little, and wholly:
# where nothing is known of where the one picture lies in the other, and where that is known
_SHARP = 0.1  # of likeness: how much less counts by e what is less alike
_ASTRAY, _MAX_ASTRAY = 0.06, 9.0  # heights of the picture by which a cell may lie elsewhere
_PRICE = 0.15  # of likeness, of the square of that
_AGREE, _FEW = 0.25, 24  # share of pairs, and pairs, that must agree on how a picture lies
_TRIES, _NARROW, _SCALES = 400, 0.16, (0.4, 2.5)
_CELLS = 1200  # of a shot,
_SHOTS = 24  # and shots that are remembered
_MEAN = 8.0  # predictions that the colours of a shot are the mean of
_CHOSEN = 1.5  # how much a shot is preferred in which the user chose colours
SHIFTED = 4.0
"""Lab units by which hints move a colour that the user chose."""
_AT_ONCE = 64  # cells
_NONE = -1


@dataclass(frozen=True)
class Take:
    """The cells of a shot; its newest frame that was seen."""

    directions: Floats
    """What was seen, as unit vectors, (cells, C)."""
    points: Floats
    """Where they are, across and down, in heights of the picture, (cells, 2)."""
    lightness: Floats
    """In 0..100, (cells,)."""
    colors: Floats
    """In Lab units, (cells, 2)."""
    chosen: Floats
    """Whether the user gave them their colour, 0..1, (cells,)."""

    @classmethod
    def of(cls, features: Floats, lightness: Floats, ab: Floats) -> Self:
        """Take what a model sees, (C, h, w), in lightness, (8 h, 8 w), and colours, (2, _, _)."""
        rows, columns = features.shape[1:]
        step = 1 + int(np.sqrt((rows * columns - 1) // _CELLS))
        some = np.s_[step // 2 :: step, step // 2 :: step]
        y, x = np.indices((rows, columns), np.float32)[(slice(None), *some)] + np.float32(0.5)
        seen = unit_features(features).reshape(features.shape)[(slice(None), *some)]
        light = block_mean(lightness[None], lightness.shape[0] // rows)[0][some]
        colors = block_mean(ab, ab.shape[1] // rows)[(slice(None), *some)]
        return cls(
            seen.reshape(len(features), -1).T.astype(np.float32),
            (np.stack([x.ravel(), y.ravel()], axis=1) / rows).astype(np.float32),
            light.ravel().astype(np.float32),
            colors.reshape(2, -1).T.astype(np.float32),
            np.zeros(light.size, np.float32),
        )

    def share_of_scene(self, other: "Take") -> float:
        """Tell how much of it may be of the scene of another one, 0..1."""
        cosine, gap = self._alike(other)
        return float(((cosine > LIKE) & (gap < AS_LIGHT)).any(axis=1).mean())

    def _alike(self, other: "Take") -> tuple[Floats, Floats]:
        gap = np.abs(self.lightness[:, None] - other.lightness)
        return self.directions @ other.directions.T, gap

    def matched(self, other: "Take") -> tuple[Floats, Floats, Floats]:
        """Find its cells in another shot of the scene.

        Gives the colours there, (cells, 2), how surely they were found, 0..1, and how much of them
        the user chose, both (cells,).
        """
        near = np.empty((len(self.lightness), len(other.lightness)), np.float32)
        best = np.empty(len(near), np.intp)
        for some in _blocks(len(near)):
            cosine, gap = self._rows(some)._alike(other)
            near[some] = np.where(gap < _LIGHT, cosine, np.float32(-1))
            best[some] = near[some].argmax(axis=1)
        mutual = _mutual(near, best)
        lies = similarity(self.points[mutual], other.points[best[mutual]])
        low, high = _TAKEN[bool(lies)]
        likeness = np.empty(len(near), np.float32)
        found = np.empty((len(near), 3), np.float32)
        theirs = np.column_stack([other.colors, other.chosen, np.ones_like(other.chosen)])
        for some in _blocks(len(near)):
            here = near[some]
            if lies:
                away = np.minimum(_squares(self.points[some], other.points, *lies), _MAX_ASTRAY)
                here -= np.float32(_PRICE) * away
            likeness[some] = here.max(axis=1)
            here -= likeness[some, None]
            here /= np.float32(_SHARP)
            sums = np.exp(here, out=here) @ theirs
            found[some] = sums[:, :3] / sums[:, 3:]
        share = np.clip((likeness - low) / (high - low), 0, 1)
        return found[:, :2], share, found[:, 2]

    def _rows(self, some: slice) -> "Take":
        return Take(*(plane[some] for plane in vars(self).values()))


def _blocks(count: int) -> list[slice]:
    """Part cells, so that what is reckoned of some stays in the processor's cache."""
    return [slice(first, first + _AT_ONCE) for first in range(0, count, _AT_ONCE)]


def _mutual(near: Floats, best: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Tell which cells are the nearest, too, of those that are `best` for them."""
    return np.flatnonzero(near[np.arange(len(best)), best] >= near.max(axis=0)[best])


def _squares(points: Floats, others: Floats, scale: float, shift: Floats) -> Floats:
    """Tell how far points, scaled and shifted, lie from others: squares, in units of `_ASTRAY`."""
    here, there = ((one / _ASTRAY).astype(np.float32) for one in (scale * points + shift, others))
    length = (here**2).sum(axis=1, keepdims=True)
    left = np.concatenate([np.float32(-2) * here, length, np.ones_like(length)], axis=1)
    length = (there**2).sum(axis=1, keepdims=True)
    right = np.concatenate([there, np.ones_like(length), length], axis=1)
    return np.asarray(np.maximum(left @ right.T, 0), np.float32)


def similarity(points: Floats, others: Floats) -> tuple[float, Floats] | None:
    """Find scale and shift, (2,), that lead most points, (n, 2), to others; None without many."""
    if len(points) < _FEW:
        return None
    first, second = np.random.default_rng(0).integers(0, len(points), (2, _TRIES))
    here, there = points[first] - points[second], others[first] - others[second]
    length = (here**2).sum(axis=1)
    scale = (here * there).sum(axis=1) / np.maximum(length, 1e-9)
    good = (length > _NARROW**2) & (scale > _SCALES[0]) & (scale < _SCALES[1])
    if not good.any():
        return None
    scale = scale[good, None]
    shift = others[first[good]] - scale * points[first[good]]
    away = others - scale[..., None] * points - shift[:, None]
    agree = (away**2).sum(axis=2) < _ASTRAY**2
    members = agree[agree.sum(axis=1).argmax()]
    if members.sum() < max(_FEW, _AGREE * len(points)):
        return None
    mine, theirs = (some[members] - some[members].mean(axis=0) for some in (points, others))
    found = float((mine * theirs).sum() / (mine**2).sum())
    return found, others[members].mean(axis=0) - np.float32(found) * points[members].mean(axis=0)


@dataclass(frozen=True)
class ThingMemory:
    """The shots that are remembered, the newest last, and the present one."""

    takes: tuple[Take, ...] = ()
    now: Take | None = None
    alike: int = _NONE
    """Which of the takes the present shot is like; `_NONE` of them."""
    seen: int = 0
    """How many predictions of the present shot there were."""

    def arrays(self) -> dict[str, Any]:
        """Give it in a form that can be kept in a file."""
        takes = [*self.takes, *([self.now] if self.now else [])]
        planes = {
            f"{name}.{number}": plane
            for number, take in enumerate(takes)
            for name, plane in vars(take).items()
        }
        return {**planes, "counts": np.array([len(self.takes), self.alike, self.seen])}

    @classmethod
    def of(cls, arrays: dict[str, Any]) -> Self:
        """Take what `arrays` gave; nothing of none."""
        if not arrays:
            return cls()
        count, alike, seen = map(int, arrays["counts"])
        names = Take.__dataclass_fields__
        takes = [
            Take(*(arrays[f"{name}.{number}"] for name in names))
            for number in range(count + bool(seen))
        ]
        return cls(tuple(takes[:count]), takes[count] if seen else None, alike, seen)

    def next_shot(self, take: Take) -> "ThingMemory":
        """Remember the shot that ended, and see which one is most like the next."""
        takes = (*self.takes, *([self.now] if self.now else []))[-_SHOTS:]
        shares = np.array([take.share_of_scene(one) for one in takes])
        preferred = [_CHOSEN if one.chosen.max() > 0.5 else 1.0 for one in takes]
        score = np.where(shares >= SCENE, shares * np.array(preferred), 0)
        if not score.any():
            return ThingMemory(takes)
        best = int(score.argmax())
        order = (*takes[:best], *takes[best + 1 :], takes[best])  # it is forgotten last
        return ThingMemory(order, alike=len(order) - 1)

    def recalled(
        self, take: Take, ab: Floats, forgotten: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Give a picture, ab (2, h, w) in Lab units, the colours that its things had before.

        Gives how much of its cells the user chose before, too, 0..1, (cells,). What looks like one
        of the things that are `forgotten`, unit vectors (n, C), keeps the colours of `ab`.
        """
        if self.alike == _NONE:
            return ab, take.chosen
        colors, share, chosen = take.matched(self.takes[self.alike])
        if forgotten is not None:
            share = share * ~(take.directions @ forgotten.T > LIKE).any(axis=1)
        side = np.unique(take.points[:, 1]).size
        planes = (share[:, None] * (colors - take.colors)).T.reshape(2, side, -1)
        fine = resize_bilinear(planes.astype(np.float32), *ab.shape[1:])
        return np.asarray(ab + fine), (share * chosen).astype(np.float32)

    def learned(self, take: Take) -> "ThingMemory":
        """Remember a picture of the present shot."""
        colors, chosen = take.colors, take.chosen
        if self.now:
            known, share, before = take.matched(self.now)
            count = np.float32(min(self.seen, _MEAN)) * share[:, None]
            colors = ((count * known + colors) / (count + 1)).astype(np.float32)
            chosen = np.maximum(chosen, share * before).astype(np.float32)
        return replace(self, now=replace(take, colors=colors, chosen=chosen), seen=self.seen + 1)
