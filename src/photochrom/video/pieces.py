"""The pieces of a film that can be coloured apart from each other, with the colours of the whole.

A frame's colours depend on all frames of its shot before it. So a piece, a segment, is begun at the
last cut before it, and from there on frames are only analysed; where that cut is far, it follows
on what is known after the segment before it, as where a stopped film goes on.
"""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from zlib import crc32

from photochrom.errors import ImageError
from photochrom.video.cleaning import RADIUS, Glimpse
from photochrom.video.reader import Film, Frame
from photochrom.video.smoothing import SmoothedFrame


@dataclass(frozen=True)
class Piece:
    """The frames of one segment, and what they depend on."""

    begin: int
    """The number of the frame from which on frames are decoded: the first of a shot,"""
    time: int
    """and when it is shown, in the film's `time_base`."""
    digest: int
    """Of the frames that were read for it."""
    follows: bool = False
    """Whether it follows on the state after the segment before it instead, a cut being far."""
    first: int = 0
    """The number of its first frame,"""
    end: int = 0
    """and of the one behind its last."""


def digest_of(frame: Frame, before: int) -> int:
    """Go on with a digest of frames, which tells whether others were decoded."""
    facts = b"%d %d %d" % (crc32(frame.samples.data), frame.number, frame.time)
    return crc32(facts, before)


def pieces(glimpses: Iterable[Glimpse], size: int, margin: int) -> Generator[Piece, None, None]:
    """Give the pieces of a film, of `size` frames each, as soon as their frames have been read.

    A piece depends on `margin` frames behind it, too. The first glimpse is of the film's first
    frame, or of the one that is `RADIUS` frames before a piece.
    """
    shot: Piece | None = None
    recent = deque[Frame](maxlen=RADIUS)
    begun = deque[Piece]()
    number = -1
    for glimpse in glimpses:
        frame, number = glimpse.frame, glimpse.frame.number
        if glimpse.motion is None and (recent or not number):
            shot = Piece(number, frame.time, 0)
        if number % size == 0:
            is_near = shot and number - shot.begin <= size
            piece = shot if shot and is_near else following(recent)
            begun.append(replace(piece, first=number, end=number + size))
        recent.append(frame)
        shot = shot and _with(shot, frame)
        begun = deque(_with(one, frame) for one in begun)
        while begun and number + 1 == begun[0].end + margin:
            yield begun.popleft()
    for one in begun:
        yield replace(one, end=min(one.end, number + 1))


def following(frames: Iterable[Frame]) -> Piece:
    """Begin a piece at the frames before it that its first ones are compared with."""
    first, *_ = known = [*frames]
    piece = Piece(first.number, first.time, 0, follows=True)
    for frame in known:
        piece = _with(piece, frame)
    return piece


def _with(piece: Piece, frame: Frame) -> Piece:
    return replace(piece, digest=digest_of(frame, piece.digest))


def resumed(film: Film, border: Piece | None, done: int) -> Iterator[Frame]:
    """Decode a film that was stopped, from `RADIUS` frames before the number `done` on.

    They are looked up where `border`, what they were before, is known, and they are the same there;
    else the film is decoded up to them.
    """
    if border:
        with suppress(ImageError):  # it cannot be looked up
            frames = film.frames(border.begin, border.time)
            first = [*islice(frames, RADIUS)]
            if first and following(first) == border:
                return chain(first, frames)
    return film.frames(max(0, done - RADIUS))


class Source:
    """Decodes the frames of a piece, and tells whether they are those that it is of.

    The first one is looked up by its time, or else the film is decoded up to it.
    """

    def __init__(self, film: Film, piece: Piece, margin: int, *, looked_up: bool) -> None:
        self._film, self._piece, self._looked_up = film, piece, looked_up
        self._end, self._digest = piece.end + margin, 0

    @property
    def is_right(self) -> bool:
        """Whether the frames were those of the piece, when all have been decoded."""
        return self._digest == self._piece.digest

    def frames(self) -> Iterator[Frame]:
        """Decode them, and what is behind them."""
        time = self._piece.time if self._looked_up else None
        for frame in self._film.frames(self._piece.begin, time):
            if frame.number < self._end:
                self._digest = digest_of(frame, self._digest)
            yield frame

    def of_piece(self, found: Iterable[SmoothedFrame]) -> Iterator[SmoothedFrame]:
        """Give those of the piece's segment."""
        for one in found:
            number = one.analysis.frame.number
            if number >= self._piece.first:
                yield one
            if number >= self._piece.end - 1:
                return
