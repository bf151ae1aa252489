"""Which frames of a shot a model is asked about; between, its predictions follow the motion."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np
import numpy.typing as npt

from photochrom.video.optical_flow import Motion

_USUAL, _QUICK = 4, 8  # a second: how often a model is asked, and how often where it is due sooner:
_FIRST = 8  # of a shot, predictions before there are many to take the mean of,
_LOST = 0.5  # and where fewer of the cells have been found again since the last one


@dataclass(frozen=True)
class Rhythm:
    """Which frame of a shot a model was asked about last."""

    turn: int = 0
    """How many there were before, in the shot."""
    age: int = 0
    """How many frames ago it was; 0 is the frame itself."""
    found: float = 1.0
    """How much of it has been found again since, 0..1."""

    def after(self, motion: Motion | None, rate: Fraction, *, every_frame: bool) -> "Rhythm":
        """Go on to the next frame, by the motion to it; None begins a shot.

        `rate` is that of the frames, a second.
        """
        if motion is None:
            return Rhythm()
        age, found = self.age + 1, self.found * float(motion.back_trust.mean())
        a_second = _QUICK if self.turn < _FIRST or found < _LOST else _USUAL
        if every_frame or age >= round(rate / a_second):
            return Rhythm(self.turn + 1)
        return Rhythm(self.turn, age, found)

    @classmethod
    def of(cls, array: npt.NDArray[np.float64]) -> Self:
        """Take what `array` gave."""
        turn, age, found = array.tolist()
        return cls(int(turn), int(age), found)

    def array(self) -> npt.NDArray[np.float64]:
        """Give it in a form that can be kept in a file."""
        return np.array([self.turn, self.age, self.found])
