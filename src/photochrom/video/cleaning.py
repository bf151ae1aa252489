"""Old film for a model's eye: what it sees of a frame is free of grain, dust, scratches, flicker.

Each point is the median of what was there in the frames around, brought along the motion, and each
of these frames has the exposure of them all; what is left of the grain is smoothed by non-local
means (Buades et al., "A non-local algorithm for image denoising", 2005). How much a frame strays
from that median says how much grain it has: one with little is seen as it is. The film itself is
never touched.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from photochrom.color.spaces import Floats, Samples
from photochrom.color.upsampling import resize_bilinear
from photochrom.image import shrink
from photochrom.video.optical_flow import Motion, warped
from photochrom.video.reader import Frame

RADIUS = 2
"""Frames on either side whose points are compared."""
_GAUSSIAN = 1.4826  # the standard deviation of noise, by the median of how far it strays
_FAINT, _CLEAR = 2.0, 4.0  # of 255: grain up to which a frame is seen as it is, and that is removed
_STRENGTH = 0.4  # times the grain: how different patches may be that are averaged
_PATCH, _SEARCHED = 5, 9  # pixels
_COARSE = 2  # every so many rows and columns are enough to tell grain


@dataclass(frozen=True)
class Glimpse:
    """A frame, and what is known of it when it has been decoded."""

    frame: Frame
    samples: Samples
    """As a model sees it, (h, w)."""
    lightness: Floats
    """Smaller, in 0..100."""
    motion: Motion | None
    """From the frame before; None where a shot begins."""

    @property
    def seen(self) -> Frame:
        """The frame as a model sees it, with its grain."""
        frame = self.frame
        return _SeenFrame(frame.samples, frame.number, frame.time, self.samples)


@dataclass(frozen=True)
class _SeenFrame(Frame):
    """A frame that has been shrunk already."""

    small: Samples
    """As a model sees it, (h, w)."""

    def thumbnail(self, width: int, height: int) -> Samples:
        """Shrink the frame: (height, width) samples."""
        if (width, height) == self.small.shape[::-1]:
            return self.small
        return super().thumbnail(width, height)


@dataclass(frozen=True)
class CleanedFrame(Frame):
    """A frame as a model sees it: small, but in pixels of the whole."""

    whole: tuple[int, int]
    """Width and height of the frame that it is of."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels of the whole."""
        return self.whole

    def thumbnail(self, width: int, height: int) -> Samples:
        """Shrink the frame: (height, width) samples."""
        if (width, height) == self.samples.shape[::-1]:
            return self.samples
        return shrink(self.samples, width, height)


def surrounded(
    glimpses: Iterable[Glimpse], radius: int
) -> Iterator[tuple[list[Glimpse], Glimpse, list[Glimpse]]]:
    """Give each frame with up to `radius` before it, and up to `radius` after it."""
    source = iter(glimpses)
    before = deque[Glimpse](maxlen=radius)
    coming = deque(islice(source, radius))
    while coming:
        coming.extend(islice(source, 1))
        glimpse = coming.popleft()
        yield list(before), glimpse, list(coming)
        before.append(glimpse)


def cleaned(before: Sequence[Glimpse], glimpse: Glimpse, after: Sequence[Glimpse]) -> Frame:
    """Clean a frame by those of its shot before it and after it, both in their order.

    One without grain is given as it is.
    """
    surroundings = before, glimpse, after
    whole_range = np.iinfo(glimpse.samples.dtype).max
    own, *_ = level = _level(*surroundings, _COARSE)
    grain = _GAUSSIAN * float(np.median(np.abs(own - np.median(level, axis=0)))) * 255 / whole_range
    share = np.clip((grain - _FAINT) / (_CLEAR - _FAINT), 0, 1)
    frame = glimpse.frame
    if not share:
        return glimpse.seen
    middle = np.median(_level(*surroundings), axis=0)
    smooth = _without_grain(middle * (255 / whole_range), grain) * (whole_range / 255)
    seen = np.rint((1 - share) * glimpse.samples + share * smooth)
    samples = np.clip(seen, 0, whole_range).astype(glimpse.samples.dtype)
    return CleanedFrame(samples, frame.number, frame.time, frame.size)


def _level(
    before: Sequence[Glimpse], glimpse: Glimpse, after: Sequence[Glimpse], step: int = 1
) -> list[Floats]:
    """Give a frame, and those around it as if nothing had moved, all in the exposure of most.

    Of rows and columns, one in `step` is taken.
    """
    views = [glimpse.samples[::step, ::step].astype(np.float32)]
    views += _brought(glimpse, [*reversed(before)], step, is_back=True)
    views += _brought(glimpse, after, step, is_back=False)
    levels = np.array([(one.mean(), max(float(one.std()), 1.0)) for one in views])
    mean, contrast = np.median(levels, axis=0)
    return [
        (one - own_mean) * (contrast / own_contrast) + mean
        for one, (own_mean, own_contrast) in zip(views, levels, strict=True)
    ]


def _without_grain(grey: Floats, grain: float) -> Floats:
    """Smooth what the median left of the grain, in 0..255, and keep edges: (h, w)."""
    eight = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
    smooth = cv2.fastNlMeansDenoising(eight, None, _STRENGTH * grain, _PATCH, _SEARCHED)
    return np.asarray(smooth, np.float32)


def _brought(
    glimpse: Glimpse, others: Sequence[Glimpse], every: int, *, is_back: bool
) -> list[Floats]:
    """Bring frames, nearest first, to where the points of another are, along the motion."""
    height, width = glimpse.samples[::every, ::every].shape
    found, flow, last = list[Floats](), None, glimpse
    for one in others:
        motion = last.motion if is_back else one.motion
        if motion is None:
            break
        step = motion.back if is_back else motion.ahead
        flow = step if flow is None else flow + warped(step, flow)
        scale = np.float32(width / flow.shape[2])
        large = resize_bilinear(flow, height, width) * scale
        found.append(warped(one.samples[None, ::every, ::every].astype(np.float32), large)[0])
        last = one
    return found
