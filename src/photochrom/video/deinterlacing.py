"""Films whose frames are two moments, on every other line each, made of whole frames (FFmpeg).

Those out of a camera are deinterlaced. A film of 24 frames a second that was brought to 30 for
television, by 3:2 pull-down, has two combed frames in five: its own frames are put together again.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np

from photochrom.color.spaces import Floats, Samples

CADENCE = 5
"""Frames of television that four frames of a film have become."""
TELEVISION = Fraction(30000, 1001), Fraction(30)
"""Rates of films with pull-down."""
_STEP = 10.0  # of 255: how much lighter or darker a line is than both beside it, to count
_MORE = 1.5  # times as many such pixels as in either half of the lines alone
_MIN_SHARE = 0.01  # of all pixels
_ASTRAY = 0.1  # of combed frames, how many may be out of the cadence
_AGAIN = (
    0.35  # times the usual change from frame to frame: a frame that changes less is there twice
)
_STILL = 0.5  # of 255: what changes less does not move


def is_combed(samples: Samples) -> bool:
    """Whether the lines of a grey frame, (H, W), show two moments of something that moves.

    Grain makes lines differ from those beside them too, but within either half of them as well.
    """
    lines = samples.astype(np.float32) * np.float32(255 / np.iinfo(samples.dtype).max)
    halves = max(_teeth(lines[::2]), _teeth(lines[1::2]))
    return _teeth(lines) > max(_MIN_SHARE, _MORE * halves)


def _teeth(lines: Floats) -> float:
    """Share of pixels that are lighter than above and below, or darker than both."""
    if len(lines) < 3:
        return 0.0
    above, below = lines[1:-1] - lines[:-2], lines[1:-1] - lines[2:]
    return float((above * below > _STEP**2).mean())


def is_telecined(combed: Sequence[bool]) -> bool:
    """Whether successive frames, of which some are combed, have the cadence of 3:2 pull-down.

    At least three combed frames are wanted, and nearly all of them at two of five turns.
    """
    turns = np.bincount(np.flatnonzero(combed) % CADENCE, minlength=CADENCE)
    pairs = turns + np.roll(turns, -1)
    both = np.minimum(turns, np.roll(turns, -1))
    best = int(pairs.argmax())
    total = int(turns.sum())
    return total >= 3 and both[best] > 0 and total - pairs[best] <= _ASTRAY * total


def whole(frames: Iterable[Any], stream: Any, time_base: Fraction) -> Iterator[Any]:
    """Make one whole frame of each decoded one that is interlaced, by bwdif; times stay.

    They are in units of `time_base`.
    """
    yield from _filtered(frames, stream, time_base, [_BWDIF])


def without_pulldown(
    frames: Iterable[Any], stream: Any, time_base: Fraction, step: Fraction
) -> Iterator[Any]:
    """Put the frames of a film together again that lie in those of television; five become four.

    `step` is how long a frame of television is shown, in seconds, and times are in units of
    `time_base`. Five in which none is there twice stay five.
    """
    matched = _filtered(frames, stream, time_base, [("fieldmatch", "order=auto"), _BWDIF])
    group: list[Any] = []
    before: Floats | None = None
    for frame in matched:
        group.append(frame)
        if len(group) == CADENCE:
            before, changes = _changes(before, group)
            usual = float(np.median(changes))
            twice = int(np.argmin(changes))
            if changes[twice] <= _AGAIN * usual + _STILL:
                del group[twice]
            yield from _evenly(group, step / time_base)
            group = []
    yield from group


def _changes(before: Floats | None, group: list[Any]) -> tuple[Floats, list[float]]:
    """Tell how much each frame differs from the one before it; give the last one, too."""
    greys = [one.to_ndarray(format="gray")[::2, ::2].astype(np.float32) for one in group]
    earlier = [greys[0] + 255 if before is None else before, *greys]
    changes = [float(np.abs(a - b).mean()) for a, b in zip(earlier[:-1], greys, strict=True)]
    return greys[-1], changes


def _evenly(group: list[Any], step: Fraction) -> Iterator[Any]:
    """Let frames be shown for the time of five, all as long."""
    begin = group[0].pts
    for number, frame in enumerate(group):
        if begin is not None:
            frame.pts = begin + round(number * CADENCE * step / len(group))
        yield frame


_BWDIF = ("bwdif", "mode=send_frame:deint=interlaced")


def _filtered(
    frames: Iterable[Any], stream: Any, time_base: Fraction, filters: list[tuple[str, str]]
) -> Iterator[Any]:
    """Give what filters of FFmpeg make of frames."""
    graph = av.filter.Graph()
    chain = [graph.add_buffer(template=stream)]
    chain += [graph.add(*one) for one in filters]
    graph.link_nodes(*chain, graph.add("buffersink"))
    graph.configure()
    for frame in frames:
        if frame.pts is None:
            frame.pts = frame.dts
        graph.vpush(frame)
        yield from _ready(graph, time_base)
    graph.vpush(None)
    yield from _ready(graph, time_base)


def _ready(graph: Any, time_base: Fraction) -> Iterator[Any]:
    """Give what a graph has done, with times in a film's own units."""
    while True:
        try:
            frame = graph.vpull()
        except (BlockingIOError, av.EOFError):
            return
        if frame.pts is not None:
            frame.pts = round(frame.pts * frame.time_base / time_base)
            frame.time_base = time_base
        yield frame
