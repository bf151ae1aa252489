"""The wipe: a clip of four seconds in which colour sweeps over a picture, and back."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photochrom.errors import extra
from photochrom.image.animation import encode_gif

Pixels = npt.NDArray[np.uint8]
SECONDS = 4.0


@dataclass(frozen=True)
class _Clip:
    media_type: str
    rate: int
    """Frames a second."""
    side: int
    """The long side in pixels, at most."""


WIPES = {"mp4": _Clip("video/mp4", 25, 1080), "gif": _Clip("image/gif", 12, 480)}
"""Formats of a wipe, by their names."""


def wipe_size(name: str, width: int, height: int) -> tuple[int, int]:
    """Give the even width and height of the wipe of a picture, in the format `name`."""
    scale = min(1.0, WIPES[name].side / max(width, height))
    across, down = (max(2, 2 * round(side * scale / 2)) for side in (width, height))
    return across, down


def encode_wipe(name: str, before: Pixels, after: Pixels) -> bytes:
    """Give the bytes of a wipe between two pictures, (H, W, 3) each, in the format `name`.

    Raises `MissingExtra` where what writes films is wanted and not installed.
    """
    rate = WIPES[name].rate
    frames = _frames(before, after, round(SECONDS * rate))
    if name == "gif":
        return encode_gif([*frames], 1 / rate)
    with extra("writing a wipe as a film", "film"):
        from photochrom.video.clip import encode_mp4
    return encode_mp4(frames, rate)


def _frames(before: Pixels, after: Pixels, count: int) -> Iterator[Pixels]:
    width = before.shape[1]
    for number in range(count):
        edge = round(_share(number / count) * width)
        frame = before.copy()
        frame[:, :edge] = after[:, :edge]
        if 0 < edge < width:
            frame[:, max(0, edge - 1) : edge + 1] = 255
        yield frame


def _share(time: float) -> float:
    """Give how much is in colour at a time, both 0..1: it waits, sweeps, waits, and sweeps back."""
    if time < 0.5:
        return _smooth((time - 0.1) / 0.35)
    return 1 - _smooth((time - 0.75) / 0.25)


def _smooth(share: float) -> float:
    return (1 - math.cos(math.pi * min(1.0, max(0.0, share)))) / 2
