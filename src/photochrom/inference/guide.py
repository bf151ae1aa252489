"""What a model says of a picture besides its colours: what may be where, and where it is unsure."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from photochrom.color.spaces import Floats, Samples, samples_to_lightness, srgb_to_lab
from photochrom.color.toning import has_colour
from photochrom.color.upsampling import guided_coefficients
from photochrom.errors import ImageError, ModelError
from photochrom.guidance import suggestions
from photochrom.guidance.hints import Hint, check_place, from_ab, to_planes
from photochrom.image import Picture
from photochrom.image.colorized import Coloured
from photochrom.inference.model import Model

_PLACES = 5  # in doubt that are told,
_COLOURS = 4  # and colours of each
_RED = np.array([62, 48], np.float32)  # ab of what is in doubt,
_FAINT, _FULL = 10.0, 32.0  # Lab units: up to where it is not red, and from where on no redder


@dataclass(frozen=True)
class Palette:
    """A picture whose colours may be taken."""

    view: suggestions.View
    """What a model makes of it when it is grey."""
    ab: Floats
    """Its true colours, (2, H, W) in Lab units."""


@dataclass(frozen=True)
class Marks:
    """Hints of a picture, for others that show the same things."""

    directions: Floats
    """What is seen at each of them, (n, C)."""
    colours: list[str]


@dataclass(frozen=True)
class Doubt:
    """A place of a picture whose colour is in doubt."""

    x: float
    """In pixels of the upright original, as `y`."""
    y: float
    uncertainty: float
    """In Lab units; see `Uncertainty.values`."""
    colours: list[str]
    """What may well be there, "#rrggbb", likeliest first."""


@dataclass(frozen=True)
class Uncertainty:
    """Where the colours of a picture are in doubt."""

    values: Floats
    """How far from the painted colours those that the model holds for likely lie: root mean square,
    in Lab units, (h, w). It is the error that the model expects."""
    shown: Coloured
    """The picture, the redder the more in doubt."""
    places: list[Doubt]
    """In doubt, one of each kind of thing, that of the most doubt in all first."""


@dataclass(frozen=True)
class Guide:
    """A model that is asked for guides; raises `ModelError` where it has none."""

    model: Model

    def view(
        self,
        picture: Picture,
        vividness: float | None = None,
        hints: Iterable[Hint] = (),
        size: int | None = None,
    ) -> tuple[suggestions.View, Floats]:
        """Look at a picture; give its lightness too, (H, W), as it was seen."""
        if not self.model.gives_guides:
            name = self.model.info["name"]
            raise ModelError(f"the model {name} has no proposals, suggestions or uncertainty")
        picture.limits.check_wanted()
        whole, given = (picture.width, picture.height), list(hints)
        seen = self.model.sees(whole, size or self.model.size)
        lightness = samples_to_lightness(picture.thumbnail(*seen))
        planes = to_planes(given, whole, seen) if given else None
        wanted = ["ab", "likelihood", "features", "centres"]
        ab, logits, features, centres = self.model.answer(wanted, lightness, vividness, planes)
        return suggestions.View(ab, _softmax(logits[0]), features[0], centres), lightness

    def suggest(self, picture: Picture, x: float, y: float, count: int) -> list[str]:
        """Give likely colours of a place; raises `HintError` for a place outside."""
        check_place(x, y, (picture.width, picture.height))
        view, lightness = self.view(picture)
        return _likely(view, lightness, x / picture.width, y / picture.height, count)

    def propose(self, picture: Picture, count: int, vividness: float | None) -> list[list[Hint]]:
        """Give the hints of `count` versions, the automatic one first."""
        view, _ = self.view(picture, vividness)
        known, spots, found = [view.ab], list[suggestions.Spot](), [list[Hint]()]
        while len(found) < count:
            chosen = suggestions.alternative(view, known, spots)
            spots += chosen
            found.append(_to_hints(chosen, picture))
            known.append(self.view(picture, vividness, found[-1])[0].ab)
        return found

    def palette(self, reference: Picture) -> Palette:
        """Look at a picture whose colours are to be taken; raises `ImageError` when it is grey."""
        view, lightness = self.view(reference)
        rgb: Samples = reference.thumbnail(*reversed(lightness.shape))
        scale = np.iinfo(rgb.dtype).max
        if rgb.ndim < 3 or not has_colour(rgb / np.float32(scale)):
            raise ImageError("the reference has no colours to take")
        return Palette(view, np.moveaxis(srgb_to_lab(rgb / np.float32(scale)), -1, 0)[1:])

    def match(self, picture: Picture, palette: Palette) -> list[Hint]:
        """Give hints that colour a picture as another one has it."""
        return _to_hints(
            suggestions.match(self.view(picture)[0], palette.view, palette.ab), picture
        )

    def marks(self, picture: Picture, hints: list[Hint]) -> Marks:
        """Look at what hints are on; raises `HintError` for one outside."""
        for x, y, _ in hints:
            check_place(x, y, (picture.width, picture.height))
        places = [(x / picture.width, y / picture.height) for x, y, _ in hints]
        seen = suggestions.directions_at(self.view(picture)[0], places)
        return Marks(seen, [colour for _, _, colour in hints])

    def follow(self, picture: Picture, marks: Marks) -> list[Hint]:
        """Give hints where a picture shows what was marked in another."""
        return [
            (round(x * picture.width, 1), round(y * picture.height, 1), marks.colours[number])
            for number, x, y in suggestions.found_again(self.view(picture)[0], marks.directions)
        ]

    def uncertainty(
        self,
        picture: Picture,
        vividness: float | None,
        hints: Iterable[Hint],
        size: int,
        threads: int,
    ) -> Uncertainty:
        """Tell where the colours of a picture are in doubt; `threads` will draw the map."""
        view, lightness = self.view(picture, vividness, hints, size)
        values = suggestions.uncertainty(view)
        red = _RED[:, None, None] * np.clip((values - _FAINT) / (_FULL - _FAINT), 0, 1)
        lines = guided_coefficients(lightness, red)
        note = {"Model": self.model.title, "Shows": "uncertainty"}
        shown = Coloured(picture, lines, threads, had_colour=False, note=note)
        rows, columns = values.shape
        places = [
            Doubt(
                round(x * picture.width, 1),
                round(y * picture.height, 1),
                float(values[int(y * rows), int(x * columns)]),
                _likely(view, lightness, x, y, _COLOURS),
            )
            for x, y in suggestions.doubtful(view, _PLACES)
        ]
        return Uncertainty(values, shown, places)


def _likely(view: suggestions.View, lightness: Floats, x: float, y: float, count: int) -> list[str]:
    rows, columns = lightness.shape
    here = float(lightness[int(y * rows), int(x * columns)])
    return [from_ab(ab, here) for ab in suggestions.likely(view, x, y, count)]


def _to_hints(spots: list[suggestions.Spot], picture: Picture) -> list[Hint]:
    return [
        (round(spot.x * picture.width, 1), round(spot.y * picture.height, 1), from_ab(spot.ab))
        for spot in spots
    ]


def _softmax(logits: Floats) -> Floats:
    powers: Floats = logits - logits.max(axis=0)  # the only copy: of a large view it is 300 MB
    np.exp(powers, out=powers)
    powers /= powers.sum(axis=0)
    return powers
