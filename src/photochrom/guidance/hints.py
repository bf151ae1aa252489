"""Colour hints: places of a picture, and the colours that they are to have."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from photochrom.color.gamut import lab_to_samples
from photochrom.color.names import NAMES, to_hex
from photochrom.color.spaces import Floats, srgb_to_lab
from photochrom.errors import HintError, did_you_mean

Hint = tuple[float, float, str]
"""x and y in pixels of the original, from its top left, and a colour as "#rrggbb"."""

MAX_HINTS = 1000
"""How many hints a picture may have."""
_REACH = 1  # pixels of what the model sees, around the hint's own


def parse(text: str) -> Hint:
    """Read "x,y,#rrggbb", or with another colour of `to_hex`; raises `HintError` else."""
    try:
        x, y, color = text.split(",", 2)
        point = float(x), float(y)
    except ValueError as error:
        raise HintError(f"a hint is x,y,#rrggbb such as 120,80,#a03020; not {text!r}") from error
    return *point, to_color(color)


def read(path: Path) -> list[Hint]:
    """Read a JSON file: a list of [x, y, "#rrggbb"].

    Raises `HintError` when the file is missing or of another form.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return [(float(x), float(y), to_color(str(color))) for x, y, color in entries]
    except FileNotFoundError as error:
        raise HintError(f"no file of hints {path}") from error
    except (OSError, ValueError, TypeError) as error:
        raise HintError(f'{path} is not a JSON list of hints [x, y, "#rrggbb"]') from error


def to_color(text: str) -> str:
    """Give a colour that people write as "#rrggbb"; raises `HintError` for what is not one."""
    color = to_hex(text)
    if color is None:
        near = did_you_mean(text.strip().lower(), NAMES)
        raise HintError(
            f"{text.strip()!r} is not a valid colour{near}; write #a03020, #f00, rgb(160,48,32) "
            "or a name such as navy"
        )
    return color


def to_ab(color: str) -> Floats:
    """Give a and b, (2,) in Lab units, of a colour; raises `HintError` for what is not one."""
    rgb = np.frombuffer(bytes.fromhex(to_color(color)[1:]), np.uint8) / np.float32(255)
    return srgb_to_lab(rgb)[1:]


def from_ab(ab: Floats, lightness: float = 60.0) -> str:
    """Give a and b, (2,) in Lab units, as "#rrggbb"; chroma that sRGB does not reach is reduced.

    `lightness` is kept within 25..85: nearer to black and white there is hardly a colour.
    """
    bright = np.full((1, 1), min(max(lightness, 25.0), 85.0), np.float32)
    a, b = np.asarray(ab, np.float32).reshape(2, 1, 1)
    return f"#{lab_to_samples(bright, a, b, np.uint8).tobytes().hex()}"


def check_point(x: float, y: float, size: tuple[int, int]) -> None:
    """Raise `HintError` when x, y is outside a picture of `size` (width, height)."""
    if not (0 <= x < size[0] and 0 <= y < size[1]):
        raise HintError(
            f"the hint at {x:g},{y:g} is outside the picture of {size[0]} x {size[1]} pixels"
        )


def to_planes(hints: Iterable[Hint], size: tuple[int, int], model_size: tuple[int, int]) -> Floats:
    """Draw hints as planes a, b and mask, (3, h, w), at the size that the model sees.

    Both sizes are (width, height). A later hint lies over an earlier one. Raises `HintError` for
    a hint outside the picture, a wrong colour, or too many.
    """
    planes = np.zeros((3, model_size[1], model_size[0]), np.float32)
    given = list(hints)
    if len(given) > MAX_HINTS:
        raise HintError(f"{len(given)} hints; at most {MAX_HINTS} can be given")
    for x, y, color in given:
        check_point(x, y, size)
        column = int(x * model_size[0] / size[0])
        row = int(y * model_size[1] / size[1])
        rows = slice(max(0, row - _REACH), row + _REACH + 1)
        columns = slice(max(0, column - _REACH), column + _REACH + 1)
        planes[:2, rows, columns] = to_ab(color)[:, None, None]
        planes[2, rows, columns] = 1
    return planes
