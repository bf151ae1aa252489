"""Colours that do not flicker: at each place, the mean of what a model said of it over time.

What was said of earlier frames is carried along the motion, and so, back in time, is what will be
said of the next ones. A shot has colours of its own.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

import numpy as np

from photochrom.color.spaces import Floats
from photochrom.video.optical_flow import Motion, carried

_MEMORY = 48.0  # answers: more than so many have no more weight


@dataclass(frozen=True)
class Belief:
    """What is held of each place's colour."""

    ab: Floats
    """In Lab units, (2, h, w)."""
    weight: Floats
    """How many answers it is the mean of, (h, w)."""

    @classmethod
    def of(cls, ab: Floats) -> Self:
        """Hold one answer."""
        return cls(ab, np.ones(ab.shape[1:], np.float32))

    def carried(self, flow: Floats, trust: Floats) -> "Belief":
        """See it from another frame: `flow` leads from its places to those here."""
        planes = carried(np.concatenate([self.ab, self.weight[None]]), flow)
        return Belief(planes[:2], np.minimum(planes[2] * trust, _MEMORY))

    def joined(self, other: "Belief") -> "Belief":
        """Take the mean of two; where nothing is known, the colours are those of the first."""
        weight = self.weight + other.weight
        share = np.divide(other.weight, weight, out=np.zeros_like(weight), where=weight > 0)
        return Belief(self.ab + share * (other.ab - self.ab), weight)


@dataclass(frozen=True)
class Glimpse:
    """What is known of a frame before its colours are."""

    frame: Any
    lightness: Floats
    """At two pixels a cell, (2 h, 2 w) in 0..100."""
    number: int
    """Of the frame in its shot, from 0."""
    motion: Motion | None
    """From the frame before; None where a shot begins."""
    answer: Floats | None
    """What a model said of it, (2, h, w) in Lab units, if it was asked; of a shot's first it is."""


@dataclass(frozen=True)
class Steady:
    """A frame, the colours that it gets, (2, h, w), and what is held after it."""

    glimpse: Glimpse
    ab: Floats
    held: Belief


def steadied(
    glimpses: Iterable[Glimpse], held: Belief | None = None, *, ahead: int
) -> Iterator[Steady]:
    """Give each frame its colours, from all frames of its shot before it and `ahead` after it.

    `held` is what was held of the frame before the first. So many glimpses are in memory.
    """
    source = iter(glimpses)
    coming = deque(islice(source, ahead))
    while coming:
        coming.extend(islice(source, 1))
        glimpse = coming.popleft()
        held = _after(held, glimpse)
        future = _future(coming)
        yield Steady(glimpse, (held.joined(future) if future else held).ab, held)


def _after(held: Belief | None, glimpse: Glimpse) -> Belief:
    said = None if glimpse.answer is None else Belief.of(glimpse.answer)
    if held is None or glimpse.motion is None:
        assert said, "the first frame of a shot is looked at"
        return said
    held = held.carried(glimpse.motion.back, glimpse.motion.back_trust)
    return held.joined(said) if said else held


def _future(coming: Iterable[Glimpse]) -> Belief | None:
    """Give what will be said of the coming frames of the shot, seen from the one before them."""
    shot = []
    for glimpse in coming:
        if glimpse.motion is None:
            break
        shot.append(glimpse)
    future: Belief | None = None
    for glimpse in reversed(shot):
        if glimpse.answer is not None:
            said = Belief.of(glimpse.answer)
            future = future.joined(said) if future else said
        if future and glimpse.motion:
            future = future.carried(glimpse.motion.ahead, glimpse.motion.ahead_trust)
    return future
