"""Options of requests, and how they are read and checked."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from photochrom.errors import HintError, did_you_mean
from photochrom.guidance import strokes as brush
from photochrom.guidance.hints import MAX_HINTS, AnyHint, from_json
from photochrom.guidance.palette import Palette
from photochrom.guidance.palette import parse as parse_palette
from photochrom.image import JPEG_QUALITY
from photochrom.inference.options import QUALITIES, QUALITY, ColorizeOptions
from photochrom.web.problems import Problem

EXTENSIONS = {
    "jpeg": (".jpg", "image/jpeg"),
    "png": (".png", "image/png"),
    "tiff": (".tif", "image/tiff"),
    "webp": (".webp", "image/webp"),
    "avif": (".avif", "image/avif"),
}
"""Formats of pictures: file extension and media type."""
FILMS = {"mp4": "video/mp4", "mov": "video/quicktime", "mkv": "video/x-matroska"}
"""Formats of films: file extension, without its dot, and media type."""
_ALIASES = {"jpg": "jpeg", "tif": "tiff"}
FORMATS = (*EXTENSIONS, *_ALIASES)
"""Names of formats of pictures that can be asked for."""
BOOLEANS = ("true", "false")
SHOWN = ("colours", "uncertainty")
"""What a preview can show."""
MAX_VARIANTS = 12


@dataclass(frozen=True)
class Options:
    """What a client may choose."""

    model: str
    vividness: float | None = None
    size: int | None = None
    quality: str = QUALITY
    strength: float = 1.0
    palette: Palette | None = None
    warmth: float = 0.0
    tone: bool = False
    allow_damaged: bool = False
    format: str = "jpeg"
    jpeg_quality: int = JPEG_QUALITY
    hints: tuple[AnyHint, ...] = ()
    strokes: tuple[brush.Stroke, ...] = ()

    def all_hints(self, size: tuple[int, int]) -> tuple[AnyHint, ...]:
        """Give the hints of a picture of `size` (width, height), over those of the strokes."""
        if not self.strokes:
            return self.hints
        below = brush.stroke_hints(self.strokes, size, MAX_HINTS - len(self.hints))
        return (*below, *self.hints)

    def for_colorize(self) -> ColorizeOptions:
        """Give the options of `Colorizer.colorize`."""
        return ColorizeOptions(
            vividness=self.vividness,
            size=self.size,
            quality=self.quality,
            hints=self.hints,
            strength=self.strength,
            palette=self.palette,
            warmth=self.warmth,
            tone=self.tone,
            allow_damaged=self.allow_damaged,
        )


def parse(
    given: Mapping[str, str], model: str, *further: str, formats: Mapping[str, Any] = EXTENSIONS
) -> Options:
    """Read options from query or form fields; raises `Problem` 422 for what cannot be.

    Options named in `further` may be there too; they are read by `number`, `one_of` and the
    like. The format is the first of `formats` unless another is given.
    """
    known = (*(field.name for field in fields(Options)), *further)
    for name in given:
        if name not in known:
            raise Problem(422, f"there is no option {name!r} here{did_you_mean(name, known)}")
    strength = number(given, "strength", 0, 1)
    return Options(
        model=given.get("model", model),
        vividness=number(given, "vividness", 0, 1),
        size=whole_number(given, "size", 32, 2048),
        quality=one_of(given.get("quality", QUALITY), "quality", QUALITIES),
        strength=1.0 if strength is None else strength,
        palette=_palette(given.get("palette")),
        warmth=number(given, "warmth", -1, 1) or 0.0,
        tone=_yes(given, "tone"),
        allow_damaged=_yes(given, "allow_damaged"),
        format=_format(given.get("format", next(iter(formats))), formats),
        jpeg_quality=whole_number(given, "jpeg_quality", 1, 100) or JPEG_QUALITY,
        hints=_hints(given.get("hints", "[]")),
        strokes=_strokes(given.get("strokes", "[]")),
    )


def _yes(given: Mapping[str, str], name: str) -> bool:
    return one_of(given.get(name, "false"), name, BOOLEANS) == "true"


def one_of(value: str, name: str, known: Iterable[str]) -> str:
    """Return `value` if it is among `known`; raises `Problem` 422 otherwise."""
    if value not in known:
        raise Problem(422, f"{name} is one of {', '.join(known)}, not {value!r}")
    return value


def _format(value: str, formats: Mapping[str, Any]) -> str:
    """Return the format that `value` names."""
    name = _ALIASES.get(value, value)
    return name if name in formats else one_of(value, "format", formats)


def number(fields: Mapping[str, str], name: str, low: float, high: float) -> float | None:
    """Read a number from `low` to `high`, or None; raises `Problem` 422 for anything else."""
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


def variant_count(fields: Mapping[str, str]) -> int | None:
    """Read the number of variants, also under its older name; raises `Problem` 422."""
    if "variants" in fields and "proposals" in fields:
        raise Problem(422, "variants and proposals are the same option; give one of them")
    name = "proposals" if "proposals" in fields else "variants"
    return whole_number(fields, name, 2, MAX_VARIANTS)


def _palette(text: str | None) -> Palette | None:
    """Read a palette in words; it never names a file of the server."""
    try:
        return None if text is None else parse_palette(text)
    except HintError as error:
        raise Problem(422, str(error)) from error


def _hints(text: str) -> tuple[AnyHint, ...]:
    try:
        hints = tuple(from_json(entry) for entry in json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise Problem(422, 'hints are a JSON list of [x, y, "#rrggbb"]') from error
    if len(hints) > MAX_HINTS:
        raise Problem(422, f"a picture takes at most {MAX_HINTS} hints, not {len(hints)}")
    return hints


def _strokes(text: str) -> tuple[brush.Stroke, ...]:
    try:
        strokes = tuple(brush.from_json(entry) for entry in json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise Problem(
            422, 'strokes are a JSON list of ["#rrggbb", width, [[x, y], ...]]'
        ) from error
    brush.check_count(strokes)
    return strokes
