"""Films whose frames are two moments, on every other line each, made of whole frames (FFmpeg)."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np

from photochrom.color.spaces import Floats, Samples

_STEP = 10.0  # of 255: how much lighter or darker a line is than both beside it, to count
_MORE = 1.5  # times as many such pixels as in either half of the lines alone
_MIN_SHARE = 0.01  # of all pixels


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


def whole(frames: Iterable[Any], stream: Any) -> Iterator[Any]:
    """Make one whole frame of each decoded one that is interlaced, by bwdif; times stay."""
    graph = av.filter.Graph()
    source, sink = graph.add_buffer(template=stream), graph.add("buffersink")
    graph.link_nodes(source, graph.add("bwdif", "mode=send_frame:deint=interlaced"), sink)
    graph.configure()
    for frame in frames:
        if frame.pts is None:
            frame.pts = frame.dts
        graph.vpush(frame)
        yield from _ready(graph, stream.time_base)
    graph.vpush(None)
    yield from _ready(graph, stream.time_base)


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
