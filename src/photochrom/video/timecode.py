"""Times of a film, in seconds after its beginning, as users write them."""

import re

from photochrom.errors import ImageError

_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)s?")
LATE = 1e-3
"""Seconds that a time may be off: films and users round them."""


def parse_time(text: str) -> float:
    """Give the seconds of a time such as 00:12:31.5, 12:31.5, 751.5 or 751.5s.

    Raises `ImageError` for anything else.
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise ImageError(f"the time {text!r} is not valid; write one such as 00:12:31.5, or 751.5")
    hours, minutes, seconds = (float(one or 0) for one in found.groups())
    return 3600 * hours + 60 * minutes + seconds


def format_time(seconds: float) -> str:
    """Write seconds as a time that `parse_time` reads, to the millisecond: 00:12:31.500."""
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest / 1000:06.3f}"
