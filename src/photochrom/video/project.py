"""Film projects: the shots of a film, and the hints, references and palettes that it is given."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from photochrom.errors import HintError, PhotochromError
from photochrom.guidance.hints import AnyHint
from photochrom.video.sequence import facts, frame_path, is_sequence, numbers
from photochrom.video.timecode import LATE, format_time, parse_time

if TYPE_CHECKING:
    from photochrom.video.reader import Film

NO_COLOR = "none"
"""The colour of a thing that is to be forgotten."""
_SAMPLE = 1 << 20  # bytes of a film's beginning, middle and end, that tell it from others


@dataclass(frozen=True)
class Identity:
    """What tells a film from others."""

    name: str
    bytes: int
    width: int
    height: int
    seconds: float
    fingerprint: str
    """Of what the file holds; it may be renamed."""

    @classmethod
    def of(cls, film: "Film", seconds: float) -> Self:
        """Describe a film, which lasts so many seconds."""
        size, samples = _samples(film.path)
        found = hashlib.blake2b(size.to_bytes(8, "big"), digest_size=16)
        for path, start in samples:
            with path.open("rb") as file:
                file.seek(start)
                found.update(file.read(_SAMPLE))
        name = one_line(os.fsencode(film.path.name).decode("utf-8", "replace"))
        sides = film.width, film.height
        return cls(name, size, *sides, round(seconds, 3), found.hexdigest())

    def __str__(self) -> str:
        return f"{self.name}, {self.width} x {self.height} pixels, {format_time(self.seconds)}"


def one_line(name: str) -> str:
    """Give a film's name as a line of text holds it."""
    return " ".join("".join(one if one.isprintable() else " " for one in name).split())


def _samples(path: Path) -> tuple[int, list[tuple[Path, int]]]:
    """Give how many bytes a film has, and where some of them begin that tell it from others."""
    if is_sequence(path):
        named = numbers(path)
        some = [named[0], named[len(named) // 2], named[-1]]
        return facts(path)[1], [(frame_path(path, number), 0) for number in some]
    size = path.stat().st_size
    return size, [(path, start) for start in (0, size // 2, max(0, size - _SAMPLE))]


@dataclass(frozen=True)
class TimedHint:
    """A hint on the frame that is shown at a time, in seconds."""

    at: float
    hint: AnyHint
    everywhere: bool = False
    """Whether it holds in all shots that show the same, not only in that of its time."""


@dataclass(frozen=True)
class TimedReference:
    """The frame that is shown at a time, in seconds, in the colours that it is to have."""

    at: float
    still: Any
    """A picture: its path, or whatever a picture may be given as."""


@dataclass(frozen=True)
class TimedPoint:
    """A point of the frame that is shown at a time, in seconds."""

    at: float
    x: float
    y: float


@dataclass(frozen=True)
class FilmThing:
    """Something that a film shows, as it was when it was first seen."""

    at: float
    """When that was, in seconds."""
    x: int
    """Where, in pixels of the frame, as `y`."""
    y: int
    color: str
    """What it is coloured, "#rrggbb"."""
    shots: tuple[int, ...]
    """Which shots show it, from 0."""
    is_forgotten: bool
    """Whether later shots do not take its colour."""


@dataclass(frozen=True)
class ShotStart:
    """When a shot begins, in seconds, and how its colours are chosen."""

    begin: float
    palette: str | None = None


@dataclass(frozen=True)
class FilmProject:
    """What was chosen for a film."""

    film: Identity | None = None
    """The film; any if it is not told."""
    shots: tuple[ShotStart, ...] = ()
    """In their order; they are searched for where none is told."""
    hints: tuple[TimedHint, ...] = ()
    references: tuple[TimedReference, ...] = ()
    forgotten: tuple[TimedPoint, ...] = ()
    """Things whose colours later shots do not take."""
    path: Path | None = None
    """Where it was read from."""

    def check(self, film: "Film") -> None:
        """Raise `HintError` for another film, and for times beyond a film's end."""
        name = self.path or film.path
        if self.film and Identity.of(film, 0).fingerprint != self.film.fingerprint:
            raise HintError(
                f"{name}: this project is of another film ({self.film}); "
                f"write the shots of {film.path}, which make a project of it"
            )
        end = self.film.seconds if self.film else film.seconds
        times = {
            "hint": [one.at for one in self.hints],
            "reference": [one.at for one in self.references],
            "thing": [one.at for one in self.forgotten],
        }
        for what, given in times.items():
            late = [time for time in given if end and time > end + LATE]
            if late:
                raise HintError(
                    f"{name}: a {what} is at {format_time(late[0])}, and the film ends at "
                    f"{format_time(end)}; give an earlier time"
                )

    @property
    def needs_shots(self) -> bool:
        """Whether something in it holds for a shot, not for all of the film."""
        return bool(self.references) or any(not one.everywhere for one in self.hints)

    def __str__(self) -> str:
        """Name all that it says, and what is in the pictures that it names, for a settings key."""
        said = self.shots, self.hints, self.references, self.forgotten
        found = hashlib.blake2b(repr(said).encode())
        named = [one.still for one in self.references] + [one.palette for one in self.shots]
        for picture in named:
            if picture and Path(picture).is_file():
                found.update(Path(picture).read_bytes())
        return found.hexdigest()

    def with_references(self, references: Iterable[TimedReference]) -> "FilmProject":
        """Give it with further references."""
        return replace(self, references=(*self.references, *references))

    def with_things(self, chosen: Mapping[TimedPoint, str]) -> "FilmProject":
        """Give it with colours of things, `NO_COLOR` for those that are to be forgotten."""
        hints = [
            TimedHint(one.at, (one.x, one.y, color))
            for one, color in chosen.items()
            if color != NO_COLOR
        ]
        forgotten = [one for one, color in chosen.items() if color == NO_COLOR]
        return replace(self, hints=(*self.hints, *hints), forgotten=(*self.forgotten, *forgotten))


def parse_reference(text: str) -> TimedReference | None:
    """Read "00:12:31=still.png"; None for what has no time, and is a picture for all of a film."""
    time, is_there, still = text.partition("=")
    try:
        return TimedReference(parse_time(time), Path(still)) if is_there else None
    except PhotochromError:
        return None
