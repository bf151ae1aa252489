"""The shots of a film: from one cut to the next."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from photochrom.color.spaces import Samples, samples_to_lightness
from photochrom.image import OnProgress
from photochrom.video.optical_flow import between
from photochrom.video.reader import Film
from photochrom.video.timecode import LATE

_SIDE = 96  # pixels of the short side of frames that are compared, as where a film is coloured
_STILL = 320  # pixels of a still's long side
_CANDIDATES = 32  # frames of a shot that are kept, to choose its still from


@dataclass(frozen=True)
class Shot:
    """A piece of a film without a cut."""

    begin: float
    """In seconds after the film's beginning."""
    end: float
    frames: int
    still: Samples
    """Of its middle, grey and small: (h, w)."""


@dataclass
class _Growing:
    """A shot whose end is not known yet."""

    begin: float
    frames: int = 0
    every: int = 1
    """How far the frames are from each other that are kept."""
    stills: list[Samples] = field(default_factory=list)

    def add(self, still: Samples) -> None:
        """Add a frame; now and then, every other of those that are kept is forgotten."""
        if self.frames % self.every == 0:
            self.stills.append(still)
        self.frames += 1
        if len(self.stills) == _CANDIDATES:
            self.stills, self.every = self.stills[::2], 2 * self.every

    def ended(self, seconds: float) -> Shot:
        """Give the shot, which ends at so many seconds."""
        return Shot(self.begin, seconds, self.frames, self.stills[len(self.stills) // 2])


def find_shots(film: Film, on_progress: OnProgress | None = None) -> list[Shot]:
    """Find the shots of a film by reading all of it, as it is done where a film is coloured.

    `on_progress` is told how many frames are done. Raises `ImageError` where one is damaged.
    """
    return list(shots_of(film, on_progress))


def shots_of(film: Film, on_progress: OnProgress | None = None) -> Iterator[Shot]:
    """Give what `find_shots` does, each as soon as it ends."""
    sides = film.width, film.height
    seen = [max(4, 4 * round(side * _SIDE / min(sides) / 4)) for side in sides]
    small = [max(1, round(side * min(1.0, _STILL / max(sides)))) for side in sides]
    growing, before, time = None, None, 0.0
    for frame in film.frames():
        time = film.seconds_of(frame)
        lightness = samples_to_lightness(frame.thumbnail(*seen))
        if before is None or between(before, lightness).is_cut:
            if growing:
                yield growing.ended(time)
            growing = _Growing(time)
        before = lightness
        assert growing, "the first frame begins a shot"
        growing.add(frame.thumbnail(*small))
        if on_progress:
            on_progress(frame.number + 1, max(frame.number + 1, film.length))
    if growing:
        yield growing.ended(time + float(1 / film.rate))


def index_at(begins: Sequence[float], seconds: float) -> int:
    """Tell in which of several shots, by when each begins, a time lies; from 0."""
    return max(0, bisect_right(begins, seconds + LATE) - 1)
