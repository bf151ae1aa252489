"""Options of requests, checked."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from photochrom.errors import did_you_mean
from photochrom.guidance.hints import MAX_HINTS, Hint
from photochrom.inference.options import QUALITIES, QUALITY
from photochrom.web.problems import Problem

EXTENSIONS = {
    "jpeg": (".jpg", "image/jpeg"),
    "png": (".png", "image/png"),
    "tiff": (".tif", "image/tiff"),
    "webp": (".webp", "image/webp"),
    "avif": (".avif", "image/avif"),
}
"""Formats that can be asked for: file ending and media type."""
FILMS = {"mp4": "video/mp4", "mov": "video/quicktime", "mkv": "video/x-matroska"}
"""Formats of films: file ending, without its dot, and media type."""
BOOLEANS = ("true", "false")
SHOWN = ("colours", "uncertainty")
"""What a preview can be asked to show."""
MAX_VARIANTS = 12


@dataclass(frozen=True)
class Options:
    """What a client may choose."""

    model: str
    vividness: float | None = None
    size: int | None = None
    quality: str = QUALITY
    strength: float = 1.0
    tone: bool = False
    format: str = "jpeg"
    hints: tuple[Hint, ...] = ()

    def for_colorize(self) -> dict[str, Any]:
        """Give the options of `Colorizer.colorize`."""
        chosen = asdict(self)
        del chosen["model"], chosen["format"]
        return chosen


def parse(
    given: Mapping[str, str], model: str, *further: str, formats: Mapping[str, Any] = EXTENSIONS
) -> Options:
    """Read options from query or form fields; raises `Problem` 422 for what cannot be.

    The names `further` may stand among them; `number` reads them. The format is the first of
    `formats` unless another is given.
    """
    known = (*(field.name for field in fields(Options)), *further)
    for name in given:
        if name not in known:
            raise Problem(422, f"no option {name!r}{did_you_mean(name, known)}")
    strength = number(given, "strength", 0, 1)
    return Options(
        model=given.get("model", model),
        vividness=number(given, "vividness", 0, 1),
        size=whole_number(given, "size", 32, 2048),
        quality=one_of(given.get("quality", QUALITY), "quality", QUALITIES),
        strength=1.0 if strength is None else strength,
        tone=one_of(given.get("tone", "false"), "tone", BOOLEANS) == "true",
        format=one_of(given.get("format", next(iter(formats))), "format", formats),
        hints=_hints(given.get("hints", "[]")),
    )


def one_of(value: str, name: str, known: Iterable[str]) -> str:
    """Give a value that is known; raises `Problem` 422 for another."""
    if value not in known:
        raise Problem(422, f"no {name} {value!r}; one of {', '.join(known)}")
    return value


def number(fields: Mapping[str, str], name: str, low: float, high: float) -> float | None:
    """Read a number from `low` to `high`, if it is there; raises `Problem` 422 for another."""
    if name not in fields:
        return None
    try:
        value = float(fields[name])
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise Problem(422, f"{name} is a number from {low:g} to {high:g}, not {fields[name]!r}")
    return value


def whole_number(fields: Mapping[str, str], name: str, low: int, high: int) -> int | None:
    """Read a number as `number` does, and round it."""
    value = number(fields, name, low, high)
    return None if value is None else round(value)


def _hints(text: str) -> tuple[Hint, ...]:
    try:
        hints = tuple((float(x), float(y), str(color)) for x, y, color in json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise Problem(422, 'hints are a JSON list of [x, y, "#rrggbb"]') from error
    if len(hints) > MAX_HINTS:
        raise Problem(422, f"{len(hints)} hints; at most {MAX_HINTS} can be given")
    return hints
