"""Segments of a film are made: one after the other here, or side by side by a crew."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color.subsampling import Planes
from photochrom.errors import ImageError
from photochrom.image.writer import OnProgress
from photochrom.video.cleaning import RADIUS
from photochrom.video.comparison import compared, compared_size
from photochrom.video.encoding import Encoding
from photochrom.video.frames import ColorizedFrame, FrameColorizer, Frames, Pixels, State
from photochrom.video.pieces import Piece, Source, following
from photochrom.video.reader import Film, Frame
from photochrom.video.segments import Segments, begun_in
from photochrom.video.smoothing import SmoothedFrame
from photochrom.video.writer import write_segment

_BORDER = "border"
Arrays = dict[str, Any]
"""Of a `State`."""


@dataclass(frozen=True)
class SegmentFormat:
    """How the segments of a film are written, whoever does it."""

    encoding: Encoding
    comparison: str = ""


@dataclass(frozen=True)
class Order:
    """What a crew is asked for."""

    pieces: Iterator[Piece]
    state: Arrays
    """What the first piece follows on, if it follows."""
    directory: Path
    """Where segments are written."""
    format: SegmentFormat


Crew = Callable[[Order], Iterator[tuple[Path, Arrays]]]
"""Makes the segments of pieces, by `ColorizedFilm.make_segment`, and gives them in their order."""


class SegmentMaker:
    """Makes segments of a film."""

    def __init__(
        self, film: Film, colorizer: FrameColorizer, wanted: SegmentFormat, threads: int
    ) -> None:
        self._film, self._colorizer, self._threads = film, colorizer, threads
        self._wanted = wanted
        self._down = 0 if wanted.comparison else wanted.encoding.rows_of_luma(film.bits)

    def make_all(self, segments: Segments, length: int, on_progress: OnProgress | None) -> None:
        """Make the segments that are missing, of so many frames each."""
        state = State.of(segments.state())
        frames = self._colorizer.frames(state, down=self._down)
        with closing(frames), closing(self._counted(frames, on_progress)) as counted:
            for first in counted:
                some = chain([first], islice(counted, length - 1))
                segments.add(partial(self._make, some))

    def make_apart(
        self, segments: Segments, length: int, crew: Crew, on_progress: OnProgress | None
    ) -> None:
        """Let a crew make the segments that are missing, of so many frames each."""
        tell = on_progress or (lambda done, total: None)
        before = segments.state()
        done = int(before.get("done", 0))
        tell(done + 1, max(done + 1, self._film.length))
        with closing(self._colorizer.pieces(State.of(before), length)) as pieces:
            order = Order(pieces, before, segments.directory, self._wanted)
            for made, state in crew(order):
                segments.add(partial(self._put, made, state))
                done = int(state["done"])
                tell(done, max(done, self._film.length))

    def make_one(self, piece: Piece, state: Arrays, directory: Path) -> tuple[Path, Arrays]:
        """Make the segment of a piece in a directory; give its path, and what the next follows on.

        Raises `ImageError` where the film has other frames than those that the piece is of.
        """
        path = begun_in(directory, self._wanted.encoding.codec.segment)
        before = State.of(state) if piece.follows else None
        made = list[Arrays]()
        for looked_up in (True, False):
            source = Source(self._film, piece, self._colorizer.margin, looked_up=looked_up)
            frames = self._colorizer.frames(before, source, down=self._down)
            unfound = suppress(ImageError) if looked_up else nullcontext()
            with unfound, closing(frames):
                made = [self._write(chain([one], frames), path) for one in islice(frames, 1)]
            if made and source.is_right:
                return path, made[0]
        raise ImageError(
            f"{self._film.path}: has other frames here than where its colouring began; let all "
            "machines read the same file"
        )

    def _counted(self, frames: Frames, on_progress: OnProgress | None) -> Frames:
        """Give frames, and tell how many of all have been taken."""
        for smoothed_frame, pixels in frames:
            yield smoothed_frame, pixels
            if on_progress:
                done = smoothed_frame.analysis.frame.number + 1
                on_progress(done, max(done, self._film.length))

    def _write(self, frames: Iterator[ColorizedFrame], path: Path) -> Arrays:
        """Write frames as a segment; give what the next one follows on."""
        last: SmoothedFrame | None = None
        recent = deque[Frame](maxlen=RADIUS)

        def timed() -> Iterator[tuple[Pixels, int]]:
            nonlocal last
            for last, pixels in frames:
                frame = last.analysis.frame
                recent.append(frame)
                if self._wanted.comparison and not isinstance(pixels, Planes):
                    seconds = self._film.seconds_of(frame) - (self._film.excerpt.start or 0.0)
                    pixels = compared(frame.samples, pixels, self._wanted.comparison, seconds)
                yield pixels, frame.time

        size = compared_size(self._film.width, self._film.height, self._wanted.comparison)
        write_segment(path, self._film, size, timed(), self._wanted.encoding, threads=self._threads)
        assert last, "a segment has a frame"
        border = following(recent)
        found_by = {_BORDER: np.array([border.begin, border.time, border.digest])}
        return State.after(last).arrays() | found_by

    def _make(self, frames: Iterator[ColorizedFrame], path: Path) -> Arrays:
        return self._stored(self._write(frames, path))

    def _put(self, made: Path, state: Arrays, path: Path) -> Arrays:
        """Give a segment that is there the path that it is to have."""
        os.replace(made, path)
        return self._stored(state)

    def _stored(self, state: Arrays) -> Arrays:
        """Give what is stored with a segment: how to go on behind it.

        A film that is damaged is then read from its beginning, so that all damage is counted.
        """
        damaged = bool(str(self._film.damage))
        return {name: one for name, one in state.items() if not (damaged and name == _BORDER)}
