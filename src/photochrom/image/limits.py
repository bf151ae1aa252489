"""Bounds of what is read, and a token by which work is told to stop."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from photochrom.errors import ImageError, Stopped


class CancelToken:
    """Tells work on other threads that nobody waits for it any longer: `Limits(stop=token)`."""

    def __init__(self) -> None:
        self._event = Event()

    def cancel(self) -> None:
        """Let the work end at the next moment when it can."""
        self._event.set()

    def __repr__(self) -> str:
        return "<CancelToken, cancelled>" if self() else "<CancelToken>"

    def __call__(self) -> bool:
        """Tell whether the work is to end."""
        return self._event.is_set()


@dataclass(frozen=True)
class Limits:
    """What is refused before a pixel is decoded, and when the work on a picture is to stop."""

    bytes: int = 4 << 30
    """The largest file."""
    pixels: int = 500_000_000
    """The largest picture."""
    stop: Callable[[], bool] | None = None
    """Asked before each look of a model and each band of pixels; once true, the work ends there."""
    allow_damaged: bool = False
    """Take what is there of a JPEG that is cut off; what is missing stays grey."""

    def check_wanted(self) -> None:
        """Raise `Stopped` once the work is to stop."""
        if self.stop and self.stop():
            raise Stopped("the work was stopped, as nobody waits for the picture any longer")

    def check_size(self, name: str, width: int, height: int) -> None:
        """Raise `ImageError` when a picture, called `name`, has too many pixels."""
        if width * height > self.pixels:
            raise ImageError(
                f"{name}: the picture has {width} x {height} pixels, "
                f"the limit is {self.pixels:,} in all; shrink it"
            )
