"""Colours that do not flicker: for each point, the mean of a model's predictions over time.

Predictions of earlier frames are warped along the motion, and so, back in time, are those of the
next frames. Nothing is averaged over a cut.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Self

import numpy as np

from photochrom.color.spaces import Floats
from photochrom.video.optical_flow import Motion, warped
from photochrom.video.rhythm import Rhythm

_MEMORY = 48.0  # predictions: more than so many weigh no more


@dataclass(frozen=True)
class ColorEstimate:
    """The colour of each cell, as estimated so far."""

    ab: Floats
    """In Lab units, (2, h, w)."""
    weight: Floats
    """How many predictions it is the mean of, (h, w)."""

    @classmethod
    def of(cls, ab: Floats) -> Self:
        """Start from one prediction."""
        return cls(ab, np.ones(ab.shape[1:], np.float32))

    def warped(self, flow: Floats, trust: Floats) -> "ColorEstimate":
        """Warp it to another frame: `flow` leads from the cells there to those here."""
        planes = warped(np.concatenate([self.ab, self.weight[None]]), flow)
        return ColorEstimate(planes[:2], np.minimum(planes[2] * trust, _MEMORY))

    def merged(self, other: "ColorEstimate") -> "ColorEstimate":
        """Take the mean of two; where both have no weight, the colours are those of the first."""
        weight = self.weight + other.weight
        share = np.divide(other.weight, weight, out=np.zeros_like(weight), where=weight > 0)
        return ColorEstimate(self.ab + share * (other.ab - self.ab), weight)


@dataclass(frozen=True)
class FrameAnalysis:
    """What is known of a frame before its colours are."""

    frame: Any
    lightness: Floats
    """At two pixels a cell, (2 h, 2 w) in 0..100."""
    number: int
    """Of the frame in its shot, from 0."""
    motion: Motion | None
    """From the frame before; None where a shot begins."""
    answer: Floats | None
    """The model's prediction, (2, h, w) in Lab units, if it was asked; of a shot's first it is."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What the predictor remembers after it."""
    rhythm: Rhythm = field(default_factory=Rhythm)
    """Which frame a model was asked about last."""


@dataclass(frozen=True)
class SmoothedFrame:
    """A frame, its colours, (2, h, w), and the estimate after it."""

    analysis: FrameAnalysis
    ab: Floats
    estimate: ColorEstimate


def smoothed(
    analyses: Iterable[FrameAnalysis], estimate: ColorEstimate | None = None, *, ahead: int
) -> Iterator[SmoothedFrame]:
    """Give each frame its colours, from all frames of its shot before it and `ahead` after it.

    `estimate` is that of the frame before the first. `ahead` + 1 analyses are in memory.
    """
    source = iter(analyses)
    coming = deque(islice(source, ahead))
    while coming:
        coming.extend(islice(source, 1))
        analysis = coming.popleft()
        estimate = _after(estimate, analysis)
        future = _future(coming)
        yield SmoothedFrame(
            analysis, (estimate.merged(future) if future else estimate).ab, estimate
        )


def _after(estimate: ColorEstimate | None, analysis: FrameAnalysis) -> ColorEstimate:
    said = None if analysis.answer is None else ColorEstimate.of(analysis.answer)
    if estimate is None or analysis.motion is None:
        assert said, "the first frame of a shot has a prediction"
        return said
    estimate = estimate.warped(analysis.motion.back, analysis.motion.back_trust)
    return estimate.merged(said) if said else estimate


def _future(coming: Iterable[FrameAnalysis]) -> ColorEstimate | None:
    """Give the estimate from the coming frames of the shot, warped to the one before them."""
    shot = []
    for analysis in coming:
        if analysis.motion is None:
            break
        shot.append(analysis)
    future: ColorEstimate | None = None
    for analysis in reversed(shot):
        if analysis.answer is not None:
            said = ColorEstimate.of(analysis.answer)
            future = future.merged(said) if future else said
        if future and analysis.motion:
            future = future.warped(analysis.motion.ahead, analysis.motion.ahead_trust)
    return future
