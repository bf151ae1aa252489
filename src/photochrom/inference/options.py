"""The options of colorizing a picture, with their bounds, and how often a model sees it."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypedDict

from photochrom.errors import ImageError, ModelError, did_you_mean
from photochrom.guidance.hints import AnyHint, check_reach
from photochrom.guidance.palette import ColorPrior, Palette
from photochrom.guidance.palette import parse as parse_palette
from photochrom.video.excerpt import Excerpt
from photochrom.video.project import FilmProject

VIVIDNESS = (0.0, 1.0)
"""From natural to vivid."""
WARMTH = (-1.0, 1.0)
"""From cooler to warmer than the model's own."""
STRENGTH = (0.0, 1.0)
"""From grey to the model's colours."""
SIZES = (32, 2048)
"""Short side, in pixels, of what a model sees."""


@dataclass(frozen=True)
class View:
    """One view of a picture; the colours of several are averaged (test-time augmentation)."""

    scale: float = 1.0
    """Size of what is seen, as a share of the size that is asked for."""
    mirrored: bool = False


CPU, AUTO = "cpu", "auto"
DEVICES = ("tensorrt", "cuda", "rocm", "directml", "coreml", "openvino", CPU)
"""Where a model may run; "auto" tries them in this order (see `devices.py`)."""
QUALITIES = {
    "fast": (View(),),
    "good": (View(), View(mirrored=True)),
    "best": (View(), View(mirrored=True), View(0.7), View(0.7, mirrored=True)),
}
"""The views of each quality; the first of them is the largest. Each takes as long as any."""
QUALITY = "good"
"""The quality when none is asked for."""


class ColorizeKeywords(TypedDict, total=False):
    """The fields of `ColorizeOptions`, as keywords of `colorize`."""

    vividness: float | None
    size: int | None
    quality: str
    hints: Iterable[AnyHint]
    reference: Any
    reference_strength: float
    strength: float
    palette: Any
    warmth: float
    tone: bool
    allow_damaged: bool
    still: Any
    start: float | None
    end: float | None
    fps: float | None
    project: FilmProject | None
    old_film: bool
    every_frame: bool
    memory: bool


@dataclass(frozen=True)
class ColorizeOptions:
    """How a picture is coloured. Raises `ModelError` for what is out of bounds."""

    vividness: float | None = None
    """From 0, natural, to 1, vivid; the model's own if it is not given."""
    size: int | None = None
    """Short side, in pixels, of what the model sees; no picture is enlarged beyond the model's."""
    quality: str = QUALITY
    """"fast", one view of the picture; "good", one more of its mirror image; or "best", both at two
    sizes. Of a film these views are taken in turn."""
    hints: tuple[AnyHint, ...] = ()
    """Colours of points, (x, y, "#rrggbb"), in pixels of the upright original; of a film, of its
    `still`, and they hold for what looks the same in any frame. A fourth entry may say how far
    one reaches: "spot", "thing", as it does without, or "everything" like it."""
    reference: Any = None
    """Another picture, whose colours are taken where it looks alike; hints lie over them."""
    reference_strength: float = 1.0
    """Below 1 its colours are taken less: at 0 the model's own stay."""
    palette: Any = None
    """Colours that the picture as a whole is to have, where they fit: "#a03020 20%, navy" or a list
    of such, the name of a preset (`guidance.palette.presets`), or a picture that has them."""
    warmth: float = 0.0
    """From -1, cooler, to 1, warmer, where that is likely, too."""
    strength: float = 1.0
    """Below 1 it blends towards grey."""
    tone: bool = False
    """Keep the tint of sepia or yellowed paper."""
    allow_damaged: bool = False
    """Colour what is there of a JPEG that is cut off; the rest stays grey."""
    still: Any = None
    """Of a film, the frame that its hints are set on, of its size; `Film.still` without."""
    start: float | None = None
    """Of a film, in seconds after its beginning, from when on it is wanted,"""
    end: float | None = None
    """and until when."""
    fps: float | None = None
    """How many frames a second a sequence of pictures has, such as frames/%05d.png."""
    project: FilmProject | None = None
    """Of a film, the hints, references and palettes of its shots."""
    old_film: bool = True
    """Let the model see a film that has grain without it, and without dust, scratches and flicker;
    the film itself keeps them, and one without grain is seen as it is."""
    every_frame: bool = False
    """Ask the model about each frame of a film, not only about those that the others follow."""
    memory: bool = True
    """Of a film, give things the colours that they had in earlier shots of the same scene."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "hints", tuple(self.hints))
        for hint in self.hints:
            if len(hint) == 4:
                check_reach(hint[3])
        object.__setattr__(self, "palette", _palette(self.palette))
        if self.palette is not None and self.reference is not None:
            raise ModelError("a palette and a reference exclude each other; give one of them")
        _check("fps", self.fps, (1, 120))
        _check("warmth", self.warmth, WARMTH)
        _check("vividness", self.vividness, VIVIDNESS)
        _check("size", self.size, SIZES, " pixels")
        _check("strength", self.strength, STRENGTH)
        _check("reference_strength", self.reference_strength, STRENGTH)
        self.excerpt  # noqa: B018 - which checks its times
        if self.quality not in QUALITIES:
            near = did_you_mean(self.quality, QUALITIES)
            raise ModelError(
                f"there is no quality {self.quality!r}{near}; choose {', '.join(QUALITIES)}"
            )

    @property
    def excerpt(self) -> Excerpt:
        """What is wanted of a film."""
        return Excerpt(self.start, self.end)

    def check_no_excerpt(self, picture: Any) -> None:
        """Raise `ImageError` where times are given of what is not a film."""
        if self.excerpt or self.fps is not None:
            name = picture if isinstance(picture, Path) else "the picture"
            raise ImageError(f"{name}: start, end and fps are for films; leave them out")

    @property
    def views(self) -> tuple[View, ...]:
        """The views of the quality."""
        return QUALITIES[self.quality]

    @property
    def prior(self) -> ColorPrior | None:
        """What is wanted of all colours; None where nothing is, or a picture has yet to be read."""
        palette = self.palette if isinstance(self.palette, Palette) else None
        return ColorPrior(palette, self.warmth) if palette or self.warmth else None

    def settings(self) -> dict[str, Any]:
        """Give the options by their names, for the key under which an output is known.

        What is taken of damaged files makes no difference to the others.
        """
        unsaid = {
            "allow_damaged": True,
            "still": True,
            "project": self.project is None,
            "memory": self.memory,
            "reference_strength": self.reference_strength == 1,
            "palette": self.palette is None,
            "warmth": self.warmth == 0,
            "start": not self.start,
            "end": self.end is None,
            "fps": self.fps is None,
            "old_film": self.old_film,
            "every_frame": not self.every_frame,
        }  # what makes no difference to others; and as before there was the option
        names = [one.name for one in fields(self) if not unsaid.get(one.name)]
        return {name: getattr(self, name) for name in names}


def _palette(given: Any) -> Any:
    """Read a palette that is given in words; a picture stays, one of a path as a `Path`."""
    if isinstance(given, str) and os.path.isfile(given):
        return Path(given)
    if isinstance(given, (str, list, tuple)):
        return parse_palette(given)
    return given


def _check(name: str, value: float | None, bounds: tuple[float, float], unit: str = "") -> None:
    low, high = bounds
    if value is not None and not low <= value <= high:
        raise ModelError(f"{name} goes from {low:g} to {high:g}{unit}, not {value:g}")
