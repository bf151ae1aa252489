"""A piece of a film, between two of its times."""

from dataclasses import dataclass
from fractions import Fraction

from photochrom.errors import ImageError
from photochrom.video.timecode import LATE, format_time


@dataclass(frozen=True)
class Excerpt:
    """From when to when a film is wanted, in seconds after its beginning; None for its ends.

    Raises `ImageError` where no time lies between.
    """

    start: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        first = self.start or 0.0
        if first < 0:
            raise ImageError(f"the start, {first:g} s, is before the film; pass start=0")
        if self.end is not None and self.end <= first:
            raise ImageError(
                f"the start, {format_time(first)}, is not before the end, "
                f"{format_time(max(0.0, self.end))}; give a later end"
            )

    def __bool__(self) -> bool:
        return bool(self.start) or self.end is not None

    def __str__(self) -> str:
        """Say it, such as "00:00:10 to 00:00:20"; nothing of a whole film."""
        if not self:
            return ""
        return f"{format_time(self.start or 0)} to {format_time(self.end) if self.end else 'end'}"

    def check(self, name: object, seconds: float) -> None:
        """Raise `ImageError` where it goes beyond a film, called `name`, of so many seconds.

        Of a film that does not say how long it is, 0 seconds, nothing is refused.
        """
        for what, time in (("start", self.start), ("end", self.end)):
            if time and seconds and time > seconds + LATE:
                raise ImageError(
                    f"{name}: the {what}, {format_time(time)}, is beyond its last moment, "
                    f"{format_time(seconds)}; give an earlier one"
                )

    def holds(self, time: Fraction | float) -> bool:
        """Tell whether a frame that is shown from `time` on, in seconds, is wanted."""
        if self.start and time < self.start - LATE:
            return False
        return self.end is None or time < self.end - LATE


WHOLE = Excerpt()
"""All of a film."""
