"""The frames of a film, painted one after the other from any on: the same as if from the first."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from photochrom.color.spaces import Floats, Samples, samples_to_lightness
from photochrom.color.upsampling import block_mean, guided_coefficients, resize_bilinear
from photochrom.image import Picture
from photochrom.image.colorized import Coloured
from photochrom.video.optical_flow import CELL, between
from photochrom.video.reader import Film
from photochrom.video.smoothing import Belief, Glimpse, Steady, steadied

_LOOKS = 8  # a second: how often a model is asked; between, its answers are carried along
_AHEAD = 1.0  # seconds that are looked ahead,
_MOST_AHEAD = 30  # and frames, for they are in memory
_SEEN = 2 * CELL  # pixels that the model sees along a cell's side

Look = Callable[[Picture, int], Floats]
"""Gives ab, (2, h, w) in Lab units, of a frame; the number counts the looks at a shot."""


@dataclass(frozen=True)
class State:
    """What the frame after the last painted one follows on."""

    done: int
    """Frames."""
    number: int
    """Of the last one in its shot."""
    lightness: Floats
    held: Belief

    @classmethod
    def after(cls, last: Steady) -> Self:
        """Go on behind a frame."""
        glimpse = last.glimpse
        return cls(glimpse.frame.number + 1, glimpse.number, glimpse.lightness, last.held)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """Take what `arrays` gave."""
        held = Belief(kept["ab"], kept["weight"])
        return cls(int(kept["done"]), int(kept["number"]), kept["lightness"], held)

    def arrays(self) -> dict[str, Any]:
        """Give it in a form that can be kept in a file."""
        mine = {"done": self.done, "number": self.number, "lightness": self.lightness}
        return mine | {"ab": self.held.ab, "weight": self.held.weight}


class Painter:
    """Paints a film with the answers of a model, which sees frames at `seen`, (width, height)."""

    def __init__(
        self, film: Film, look: Look, seen: tuple[int, int], strength: float, threads: int
    ) -> None:
        self._film, self._look, self._seen = film, look, seen
        self._strength, self._threads = np.float32(strength), threads

    def frames(self, state: State | None = None) -> Iterator[tuple[Steady, Samples]]:
        """Give each frame and its sRGB samples, (H, W, 3); several are painted at a time."""
        ahead = min(_MOST_AHEAD, round(self._film.rate * _AHEAD))
        glimpses = self._glimpses(state)
        waiting: deque[tuple[Steady, Future[Samples]]] = deque()
        with ThreadPoolExecutor(self._threads) as pool:
            for steady in steadied(glimpses, state.held if state else None, ahead=ahead):
                waiting.append((steady, pool.submit(self._paint, steady)))
                if len(waiting) > 2 * self._threads:
                    first, samples = waiting.popleft()
                    yield first, samples.result()
            while waiting:
                first, samples = waiting.popleft()
                yield first, samples.result()

    def _glimpses(self, state: State | None) -> Iterator[Glimpse]:
        """Look at frames as they come."""
        every = max(1, round(self._film.rate / _LOOKS))
        before, number = (state.lightness, state.number) if state else (None, 0)
        for frame in self._film.frames(state.done if state else 0):
            picture = Picture(frame.samples)
            lightness = samples_to_lightness(picture.thumbnail(*self._seen))
            small = block_mean(lightness[None], _SEEN // CELL)[0]
            motion = None if before is None else between(before, small)
            if motion and motion.is_cut:
                motion = None
            number = number + 1 if motion else 0
            turn, rest = divmod(number, every)
            answer = None if rest else self._cells(self._look(picture, turn))
            yield Glimpse(frame, small, number, motion, answer)
            before = small

    def _cells(self, ab: Floats) -> Floats:
        """Bring what the model gave, at whatever size, to a value a cell."""
        columns, rows = (side // _SEEN for side in self._seen)
        if ab.shape[1] > rows:
            return block_mean(ab, ab.shape[1] // rows)
        return resize_bilinear(ab, rows, columns)

    def _paint(self, steady: Steady) -> Samples:
        coefficients = guided_coefficients(steady.glimpse.lightness, steady.ab)
        picture = Picture(steady.glimpse.frame.samples)
        coloured = Coloured(picture, self._strength * coefficients, 1, had_colour=False, note={})
        return coloured.array()
