"""Colour hints: places of a picture, and the colours that they are to have."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color.gamut import lab_to_samples
from photochrom.color.names import NAMES, to_hex
from photochrom.color.spaces import Floats, srgb_to_lab
from photochrom.errors import HintError, did_you_mean

Hint = tuple[float, float, str]
"""x and y in pixels of the original, from its top left, and a colour as "#rrggbb"."""

ReachHint = tuple[float, float, str, str]
"""A hint, and how far it reaches, one of `REACHES`."""
AnyHint = Hint | ReachHint

EVERYTHING, THING = "everything", "thing"
REACHES = ("spot", "thing", EVERYTHING)
"""How far a hint reaches: the point alone, the thing that it is on, which is what hints do that say
nothing, or as far as the model takes it."""
MAX_HINTS = 1000
"""How many hints a picture may have."""
_REACH = 1  # pixels of what the model sees, around the hint's own


def parse(text: str) -> AnyHint:
    """Read "x,y,#rrggbb", or with another colour of `to_hex`; raises `HintError` else.

    How far it reaches may follow, as in "120,80,navy,thing".
    """
    before, _, far = text.rpartition(",")
    if far.strip() in REACHES:
        x, y, color = _three(before)
        return x, y, color, far.strip()
    return _three(text)


def _three(text: str) -> Hint:
    try:
        x, y, color = text.split(",", 2)
        point = float(x), float(y)
    except ValueError as error:
        raise HintError(f"a hint is x,y,#rrggbb such as 120,80,#a03020; not {text!r}") from error
    return *point, to_color(color)


def read(path: Path) -> list[AnyHint]:
    """Read a JSON file: a list of [x, y, "#rrggbb"] or [x, y, "#rrggbb", reach].

    Raises `HintError` when the file is missing or of another form.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return [from_json(entry) for entry in entries]
    except FileNotFoundError as error:
        raise HintError(f"there is no file of hints {path}; check the path") from error
    except (OSError, ValueError, TypeError) as error:
        raise HintError(
            f'{path} is not a JSON list of hints; write [[x, y, "#rrggbb"], ...]'
        ) from error


def from_json(entry: Any) -> AnyHint:
    """Make a hint of [x, y, color] or [x, y, color, reach].

    Raises `ValueError` or `TypeError` for what is of another form, `HintError` for what it says.
    """
    x, y, color, *further = entry
    hint = float(x), float(y), to_color(str(color))
    if not further:
        return hint
    (far,) = further
    return *hint, check_reach(far)


def check_reach(far: Any) -> str:
    """Return how far a hint reaches; raises `HintError` for what is not among `REACHES`."""
    if far not in REACHES:
        raise HintError(f"a hint reaches {', '.join(REACHES[:-1])} or {EVERYTHING}, not {far!r}")
    return str(far)


def plain(hints: Iterable[AnyHint]) -> list[Hint]:
    """Give hints without how far they reach."""
    return [(hint[0], hint[1], hint[2]) for hint in hints]


def reach_of(hint: AnyHint) -> str:
    """Tell how far a hint reaches, one of `REACHES`."""
    return hint[3] if len(hint) == 4 else THING


def hint_at(hint: AnyHint, x: float, y: float) -> AnyHint:
    """Give a hint at another point, to a tenth of a pixel."""
    if len(hint) == 4:
        return round(x, 1), round(y, 1), hint[2], hint[3]
    return round(x, 1), round(y, 1), hint[2]


def unbounded(hints: Iterable[AnyHint]) -> list[Hint]:
    """Give the hints that reach as far as the model takes them, without saying so."""
    return plain(hint for hint in hints if reach_of(hint) == EVERYTHING)


def in_words(hints: Iterable[AnyHint]) -> str:
    """Write hints in one line, as `parse` reads each."""
    return " ".join(",".join([f"{hint[0]:g}", f"{hint[1]:g}", *hint[2:]]) for hint in hints)


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
            f"the hint at {x:g},{y:g} is outside the picture of {size[0]} x {size[1]} pixels; "
            "choose a point in it"
        )


def check_count(hints: Sequence[AnyHint]) -> None:
    """Raise `HintError` for more hints than a picture may have."""
    if len(hints) > MAX_HINTS:
        raise HintError(f"{len(hints)} hints are too many; give at most {MAX_HINTS}")


def to_planes(hints: Iterable[Hint], size: tuple[int, int], model_size: tuple[int, int]) -> Floats:
    """Draw hints as planes a, b and mask, (3, h, w), at the size that the model sees.

    Both sizes are (width, height). A later hint lies over an earlier one. Raises `HintError` for
    a hint outside the picture, a wrong colour, or too many.
    """
    planes = np.zeros((3, model_size[1], model_size[0]), np.float32)
    given = list(hints)
    check_count(given)
    for x, y, color in given:
        check_point(x, y, size)
        column = int(x * model_size[0] / size[0])
        row = int(y * model_size[1] / size[1])
        rows = slice(max(0, row - _REACH), row + _REACH + 1)
        columns = slice(max(0, column - _REACH), column + _REACH + 1)
        planes[:2, rows, columns] = to_ab(color)[:, None, None]
        planes[2, rows, columns] = 1
    return planes
