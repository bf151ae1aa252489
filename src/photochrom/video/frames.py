"""The frames of a film, coloured in order from any frame on: as if from the first."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, Self, TypeVar

import numpy as np

from photochrom.color.spaces import Floats, Samples, samples_to_lightness
from photochrom.color.subsampling import HalfRecombiner, Planes
from photochrom.color.upsampling import Recombiner, block_mean, guided_coefficients, resize_bilinear
from photochrom.image import rows_of_band
from photochrom.video.cleaning import RADIUS, Glimpse, cleaned, surrounded
from photochrom.video.optical_flow import CELL, between
from photochrom.video.pieces import Piece, Source, pieces, resumed
from photochrom.video.pixels import luma_of
from photochrom.video.reader import Film, Frame
from photochrom.video.rhythm import Rhythm
from photochrom.video.smoothing import ColorEstimate, FrameAnalysis, SmoothedFrame, smoothed

_AHEAD = 1.0  # seconds of lookahead,
_MAX_AHEAD = 30  # and frames, for they are in memory
_MEMORY = "memory."  # before the names of its arrays in the file of a state
_DECODED, _ANALYSED = 4, 2  # frames that are decoded, and analysed, before they are wanted
_CELL_SEEN = 2 * CELL  # pixels that the model sees along a cell's side


Pixels = Samples | Planes
"""Of a coloured frame: sRGB, (H, W, 3), or BT.709 with chroma at half size."""
ColorizedFrame = tuple[SmoothedFrame, Pixels]
Frames = Generator[ColorizedFrame, None, None]
_T = TypeVar("_T")
Memory = dict[str, Any]
"""Arrays by their names: what a predictor remembers, so that work can go on."""


class Predictor(Protocol):
    """Predicts the colours of a film's frames."""

    def predict(self, frame: Frame, turn: int, memory: Memory) -> tuple[Floats, Memory]:
        """Give ab, (2, h, w) in Lab units; `turn` counts the predictions in a shot, from 0.

        `memory` is what was given with the prediction before, nothing with the first.
        """

    def shot_at(self, frame: Frame) -> int:
        """Tell in which shot a frame is, of those that are known beforehand, from 0."""

    def notes(self) -> list[str]:
        """Say what is worth knowing of the shots once they are coloured."""


@dataclass(frozen=True)
class Seen:
    """What a model sees of a film."""

    size: tuple[int, int]
    """Width and height of a frame."""
    old_film: bool = True
    """Whether it sees grainy frames cleaned (see `cleaning.py`)."""
    every_frame: bool = False
    """Whether it is asked about each frame, not some of them (see `rhythm.py`)."""


@dataclass(frozen=True)
class State:
    """What the frame after the last coloured one follows on."""

    done: int
    """Frames."""
    number: int
    """Of the last one in its shot."""
    estimate: ColorEstimate
    memory: Memory
    rhythm: Rhythm
    border: Piece | None = None
    """The frames before it, by which it is found again."""

    @classmethod
    def after(cls, last: SmoothedFrame) -> Self:
        """Go on behind a frame."""
        analysis = last.analysis
        done = analysis.frame.number + 1
        return cls(done, analysis.number, last.estimate, analysis.memory, analysis.rhythm)

    @classmethod
    def of(cls, arrays_of_file: dict[str, Any]) -> Self | None:
        """Take what `arrays` gave; None of nothing."""
        if not arrays_of_file:
            return None
        estimate = ColorEstimate(arrays_of_file["ab"], arrays_of_file["weight"])
        memory = {
            name.removeprefix(_MEMORY): array
            for name, array in arrays_of_file.items()
            if name.startswith(_MEMORY)
        }
        done, number = (int(arrays_of_file[name]) for name in ("done", "number"))
        rhythm, border = Rhythm.of(arrays_of_file["rhythm"]), arrays_of_file.get("border")
        piece: Piece | None = None
        if border is not None:
            begin, time, digest = map(int, border)
            piece = Piece(begin, time, digest, follows=True)
        return cls(done, number, estimate, memory, rhythm, piece)

    def arrays(self) -> dict[str, Any]:
        """Give it in a form that can be kept in a file."""
        counts = {"done": self.done, "number": self.number, "rhythm": self.rhythm.array()}
        planes = {"ab": self.estimate.ab, "weight": self.estimate.weight}
        return counts | planes | {_MEMORY + name: array for name, array in self.memory.items()}


class FrameColorizer:
    """Colours a film by a model's predictions.

    A shot begins where the predictor says so, and where the picture changes altogether.
    """

    def __init__(
        self, film: Film, predictor: Predictor, seen: Seen, strength: float, threads: int
    ) -> None:
        self._film, self._predictor, self._seen = film, predictor, seen
        self._strength, self._threads = np.float32(strength), threads

    def frames(
        self, state: State | None = None, source: Source | None = None, *, down: int = 0
    ) -> Frames:
        """Give each frame and its sRGB samples, (H, W, 3); several are coloured at a time.

        They are those of the film behind `state`, or of a piece that `source` decodes. With `down`,
        rows of luma for one of chroma, give their planes instead, whose chroma has half the width:
        of 8 bits, or of 10 where samples have 16.
        """
        colorize: Callable[[SmoothedFrame], Pixels] = self._colorize
        if down:
            colorize = partial(self._planes, down=down)
        analyses = prefetched(self._analyses(state, source), _ANALYSED)
        estimate = state.estimate if state else None
        waiting: deque[tuple[SmoothedFrame, Future[Pixels]]] = deque()
        with ThreadPoolExecutor(self._threads) as pool, closing(analyses):
            found: Iterator[SmoothedFrame] = smoothed(analyses, estimate, ahead=self._ahead)
            for smoothed_frame in source.of_piece(found) if source else found:
                waiting.append((smoothed_frame, pool.submit(colorize, smoothed_frame)))
                if len(waiting) > 2 * self._threads:
                    first, pixels = waiting.popleft()
                    yield first, pixels.result()
            while waiting:
                first, pixels = waiting.popleft()
                yield first, pixels.result()

    def alone(self, frame: Frame, width: int, height: int) -> Samples:
        """Colour one frame by itself, at another size: sRGB samples, (height, width, 3)."""
        lightness = samples_to_lightness(frame.thumbnail(*self._seen.size))
        small = block_mean(lightness[None], _CELL_SEEN // CELL)[0]
        estimate = ColorEstimate.of(self._cells(self._predictor.predict(frame, 0, {})[0]))
        shrunk = Frame(frame.thumbnail(width, height), frame.number, frame.time)
        analysis = FrameAnalysis(shrunk, small, 0, None, estimate.ab)
        return self._colorize(SmoothedFrame(analysis, estimate.ab, estimate))

    def pieces(self, state: State | None, size: int) -> Generator[Piece, None, None]:
        """Give the pieces of the film behind `state`, of `size` frames each."""
        return pieces(self._glimpses(self._resumed(state)), size, self.margin)

    def _resumed(self, state: State | None) -> Iterator[Frame]:
        return resumed(self._film, state.border, state.done) if state else self._film.frames()

    @property
    def _ahead(self) -> int:
        return min(_MAX_AHEAD, round(self._film.rate * _AHEAD))

    @property
    def margin(self) -> int:
        """How many frames behind one its colours depend on."""
        return self._ahead + RADIUS

    def _analyses(self, state: State | None, source: Source | None) -> Iterator[FrameAnalysis]:
        """Analyse frames as they come."""
        number, memory = (state.number, state.memory) if state else (0, Memory())
        rhythm, done = (state.rhythm, state.done) if state else (Rhythm(), 0)
        frames = source.frames() if source else self._resumed(state)
        glimpses = prefetched(self._glimpses(frames), _DECODED)
        for before, glimpse, after in surrounded(glimpses, RADIUS):
            if glimpse.frame.number < done:
                continue
            motion = glimpse.motion
            number = number + 1 if motion else 0
            rhythm = rhythm.after(motion, self._film.rate, every_frame=self._seen.every_frame)
            answer = None
            if not rhythm.age:
                seen = cleaned(before, glimpse, after) if self._seen.old_film else glimpse.seen
                predicted, memory = self._predictor.predict(seen, rhythm.turn, memory)
                answer = self._cells(predicted)
            yield FrameAnalysis(
                glimpse.frame, glimpse.lightness, number, motion, answer, memory, rhythm
            )

    def _glimpses(self, frames: Iterator[Frame]) -> Iterator[Glimpse]:
        """Find the motion between frames as they are decoded."""
        before: Floats | None = None
        before_shot = 0
        for frame in frames:
            samples = frame.thumbnail(*self._seen.size)
            small = block_mean(samples_to_lightness(samples)[None], _CELL_SEEN // CELL)[0]
            motion = None if before is None else between(before, small)
            shot = self._predictor.shot_at(frame)
            if motion and (motion.is_cut or shot != before_shot):
                motion = None
            yield Glimpse(frame, samples, small, motion)
            before, before_shot = small, shot

    def _cells(self, ab: Floats) -> Floats:
        """Bring what the model gave, at whatever size, to a value a cell."""
        columns, rows = (side // _CELL_SEEN for side in self._seen.size)
        if ab.shape[1] > rows:
            return block_mean(ab, ab.shape[1] // rows)
        return resize_bilinear(ab, rows, columns)

    def _coefficients(self, smoothed_frame: SmoothedFrame) -> Floats:
        lightness = smoothed_frame.analysis.lightness
        return self._strength * guided_coefficients(lightness, smoothed_frame.ab)

    def _colorize(self, smoothed_frame: SmoothedFrame) -> Samples:
        samples = smoothed_frame.analysis.frame.samples
        height, width = samples.shape
        recombiner = Recombiner(self._coefficients(smoothed_frame), height, width)
        rows = rows_of_band(width, height)
        tops = range(0, height, rows)
        return np.concatenate([recombiner.recombine(samples[t : t + rows], t) for t in tops])

    def _planes(self, smoothed_frame: SmoothedFrame, down: int) -> Planes:
        luma, coding = luma_of(smoothed_frame.analysis.frame.samples)
        recombiner = HalfRecombiner(self._coefficients(smoothed_frame), luma, coding, down)
        return recombiner.planes(0, len(luma))


def prefetched(source: Iterator[_T], count: int) -> Generator[_T, None, None]:
    """Give what an iterator gives, in its order, on a thread of its own, up to `count` before.

    What it raises is raised here, where it would have been given.
    """
    pool = ThreadPoolExecutor(1)
    try:
        waiting = deque[Future[_T | None]]()
        for _ in range(count):
            waiting.append(pool.submit(next, source, None))
        while (one := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, source, None))
            yield one
    finally:
        pool.shutdown(cancel_futures=True)
