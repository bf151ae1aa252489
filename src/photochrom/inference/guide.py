"""What a model says of a picture besides its colours: what may be where, and where it is unsure."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

import numpy as np

from photochrom.color.spaces import Floats, Samples, samples_to_lightness, srgb_to_lab
from photochrom.color.toning import has_color
from photochrom.color.upsampling import guided_coefficients
from photochrom.errors import ImageError, ModelError, PhotochromWarning
from photochrom.guidance import matching, suggestions
from photochrom.guidance.hints import (
    EVERYTHING,
    AnyHint,
    Hint,
    check_point,
    check_reach,
    from_ab,
    hint_at,
    plain,
    to_planes,
)
from photochrom.guidance.matching import Exemplar
from photochrom.guidance.palette import Palette
from photochrom.guidance.prediction import ColorPoint, Prediction
from photochrom.guidance.reach import Terrain
from photochrom.guidance.uncertainty import expected_error, uncertain_points
from photochrom.image import Picture
from photochrom.image.colorized import Colorized
from photochrom.inference.model import Model
from photochrom.inference.options import ColorizeOptions

LITTLE = 0.3
"""The share of a picture that looks like a reference: pairs with less had little in common."""
SUGGESTED = 6
"""How many colours are suggested for a point."""
_POINTS = 5  # uncertain ones that are given,
_COLORS = 4  # and colours of each
_RED = np.array([62, 48], np.float32)  # ab of what is in doubt,
_FAINT, _FULL = 10.0, 32.0  # Lab units: up to where it is not red, and from where on no redder


class Viewable(Protocol):
    """A picture that a model can see: a `Picture`, or a frame of a film."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""

    def thumbnail(self, width: int, height: int) -> Samples:
        """Shrink it: (height, width) samples when grey, else (height, width, 3)."""


@dataclass(frozen=True)
class Reference:
    """A picture whose colours may be taken."""

    exemplar: Exemplar
    ab: Floats
    """Its true colours, (2, H, W) in Lab units."""

    def fingerprint(self, strength: float) -> str:
        """Name the colours, and how strongly they are taken, for an output's settings key."""
        weaker = f" {strength:g}" if strength < 1 else ""
        return blake2b(self.ab.tobytes()).hexdigest() + weaker


@dataclass(frozen=True)
class Match:
    """What a picture takes of the colours of another one."""

    hints: list[AnyHint]
    own: list[str]
    """The colours, "#rrggbb", that the points of the hints would have by themselves."""
    share: float
    """How much of the picture looks like something in the other one, 0..1."""
    palette: Palette
    """The colours of the other one as a whole."""


@dataclass(frozen=True)
class TrackedHints:
    """Hints of a picture, for others that show the same things."""

    directions: Floats
    """What is seen at each of them, (n, C)."""
    hints: list[AnyHint]
    points: list[tuple[float, float]]
    """Where they are, in shares of width and height."""

    @property
    def fingerprint(self) -> str:
        """Name what is seen at the hints, for an output's settings key."""
        return blake2b(self.directions.tobytes()).hexdigest()

    def found(self, prediction: Prediction, size: tuple[int, int]) -> list[AnyHint]:
        """Give the hints where a picture of `size`, (width, height), shows what they are on."""
        return [
            hint_at(self.hints[number], x * size[0], y * size[1])
            for number, x, y in matching.found_again(prediction, self.directions, self.points)
        ]


@dataclass(frozen=True)
class UncertainPoint:
    """A point of a picture whose colour is uncertain."""

    x: float
    """In pixels of the upright original, as `y`."""
    y: float
    uncertainty: float
    """In Lab units; see `Uncertainty.values`."""
    colors: list[str]
    """What may well be there, "#rrggbb", likeliest first."""

    @property
    def colours(self) -> list[str]:
        """An older name of `colors`."""
        return self.colors


@dataclass(frozen=True)
class Uncertainty:
    """Where the colours of a picture are in doubt."""

    values: Floats = field(repr=False)
    """How far likely colours lie from the predicted ones: root mean square,
    in Lab units, (h, w). It is the error that the model expects."""
    shown: Colorized
    """The picture, the redder the more in doubt."""
    points: list[UncertainPoint]
    """In doubt, one of each kind of thing, that of the most doubt in all first."""


@dataclass(frozen=True)
class Suggester:
    """A model that is asked for guides; raises `ModelError` where it has none."""

    model: Model

    def prediction(
        self,
        picture: Viewable,
        vividness: float | None = None,
        hints: Iterable[AnyHint] = (),
        size: int | None = None,
    ) -> tuple[Prediction, Floats]:
        """Show the model a picture; give its lightness too, (H, W), as it was seen."""
        if not self.model.gives_suggestions:
            name = self.model.info["name"]
            raise ModelError(
                f"the model {name} has no variants, suggestions or uncertainty; choose vivid"
            )
        if isinstance(picture, Picture):
            picture.limits.check_wanted()
        whole, given = picture.size, plain(hints)
        seen = self.model.sees(whole, size or self.model.size)
        lightness = samples_to_lightness(picture.thumbnail(*seen))
        planes = to_planes(given, whole, seen) if given else None
        wanted = ["ab", "likelihood", "features", "centres"]
        ab, logits, features, centers = self.model.answer(wanted, lightness, vividness, planes)
        return Prediction(ab, _softmax(logits[0]), features[0], centers), lightness

    def suggest(self, picture: Viewable, x: float, y: float, count: int) -> list[str]:
        """Give likely colours of a point; raises `HintError` for a point outside."""
        check_point(x, y, picture.size)
        prediction, lightness = self.prediction(picture)
        return _likely(prediction, lightness, x / picture.size[0], y / picture.size[1], count)

    def variants(self, picture: Viewable, count: int, vividness: float | None) -> list[list[Hint]]:
        """Give the hints of `count` variants, the automatic one first."""
        prediction, _ = self.prediction(picture, vividness)
        known, points, found = [prediction.ab], list[ColorPoint](), [list[Hint]()]
        while len(found) < count:
            chosen = suggestions.variant(prediction, known, points)
            points += chosen
            found.append(_to_hints(chosen, picture.size))
            known.append(self.prediction(picture, vividness, found[-1])[0].ab)
        return found

    def reference(self, picture: Picture) -> Reference:
        """Look at a picture whose colours are to be taken; raises `ImageError` when it is grey."""
        prediction, lightness = self.prediction(picture)
        rgb: Samples = picture.thumbnail(*reversed(lightness.shape))
        scale = np.iinfo(rgb.dtype).max
        if rgb.ndim < 3 or not has_color(rgb / np.float32(scale)):
            raise ImageError("the reference has no colours to take; give a picture in colour")
        lab = np.moveaxis(srgb_to_lab(rgb / np.float32(scale)), -1, 0)
        return Reference(Exemplar.of(prediction, lab), lab[1:])

    def match(self, picture: Viewable, reference: Reference, strength: float = 1.0) -> Match:
        """Give hints that colour a picture as another one has it, or less so."""
        prediction = self.prediction(picture)[0]
        own = matching.toward(matching.match(prediction, reference.exemplar), prediction, 0)
        return Match(
            taken_hints(prediction, reference.exemplar, strength, picture.size),
            [from_ab(point.ab) for point in own],
            matching.share_alike(prediction, reference.exemplar),
            Palette.of_picture(reference.ab),
        )

    def taken(self, picture: Picture, reference: Reference, strength: float) -> list[AnyHint]:
        """Take the colours of a reference; warns where little of the picture looks like it."""
        match = self.match(picture, reference, strength)
        if match.share < LITTLE and strength > 0:
            text = f"only {match.share:.0%} of the picture looks like something in the reference"
            advice = "its colours may not fit; pass reference_strength=0.5, or take another picture"
            warnings.warn(f"{text}: {advice}", PhotochromWarning, stacklevel=2)
        return match.hints

    def reach(self, picture: Viewable, x: float, y: float, far: str) -> Floats:
        """Tell how much each part of a picture a hint at a point colours, (h, w), 0..1.

        Raises `HintError` for a point outside, or another reach.
        """
        check_point(x, y, picture.size)
        prediction, lightness = self.prediction(picture)
        rows, columns = prediction.ab.shape[1:]
        terrain = Terrain.of(prediction.features, lightness, (rows, columns))
        return terrain.reach((x / picture.size[0], y / picture.size[1]), check_reach(far))

    def tracked(self, picture: Viewable, hints: list[AnyHint]) -> TrackedHints:
        """Look at what hints are on; raises `HintError` for one outside."""
        for x, y, _ in plain(hints):
            check_point(x, y, picture.size)
        points = [(x / picture.size[0], y / picture.size[1]) for x, y, _ in plain(hints)]
        seen = matching.directions_at(self.prediction(picture)[0], points)
        return TrackedHints(seen, hints, points)

    def uncertainty(
        self,
        picture: Picture,
        options: ColorizeOptions,
        threads: int,
    ) -> Uncertainty:
        """Tell how sure the colours of a picture are; `threads` will draw the map."""
        prediction, lightness = self.prediction(
            picture, options.vividness, options.hints, options.size
        )
        values = expected_error(prediction)
        red = _RED[:, None, None] * np.clip((values - _FAINT) / (_FULL - _FAINT), 0, 1)
        lines = guided_coefficients(lightness, red)
        note = {"Model": self.model.title, "Shows": "uncertainty"}
        shown = Colorized(picture, lines, threads, had_color=False, note=note)
        rows, columns = values.shape
        points = [
            UncertainPoint(
                round(x * picture.width, 1),
                round(y * picture.height, 1),
                float(values[int(y * rows), int(x * columns)]),
                _likely(prediction, lightness, x, y, _COLORS),
            )
            for x, y in uncertain_points(prediction, _POINTS)
        ]
        return Uncertainty(values, shown, points)


def taken_hints(
    prediction: Prediction, exemplar: Exemplar, strength: float, size: tuple[int, int]
) -> list[AnyHint]:
    """Give hints that colour a picture of `size`, (width, height), as others have it, or less."""
    points = matching.match(prediction, exemplar)
    if strength < 1:
        points = matching.toward(points, prediction, strength)
    return [(*hint, EVERYTHING) for hint in _to_hints(points, size)]


def _likely(prediction: Prediction, lightness: Floats, x: float, y: float, count: int) -> list[str]:
    rows, columns = lightness.shape
    here = float(lightness[int(y * rows), int(x * columns)])
    return [from_ab(ab, here) for ab in suggestions.likely(prediction, x, y, count)]


def _to_hints(points: list[ColorPoint], size: tuple[int, int]) -> list[Hint]:
    width, height = size
    return [
        (round(point.x * width, 1), round(point.y * height, 1), from_ab(point.ab))
        for point in points
    ]


def _softmax(logits: Floats) -> Floats:
    powers: Floats = logits - logits.max(axis=0)  # the only copy: of a large view it is 300 MB
    np.exp(powers, out=powers)
    powers /= powers.sum(axis=0)
    return powers
