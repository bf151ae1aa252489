"""Colouring pictures with a trained model."""

import math
import os
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from photochrom import guides, zoo
from photochrom.color import Floats, Samples, has_colour, samples_to_lightness, srgb_to_lab, tint
from photochrom.coloured import Coloured, ColouredPages
from photochrom.errors import HintError, ImageError, ModelError, did_you_mean
from photochrom.film import is_film, open_film
from photochrom.hints import Hint, check_place, from_ab, to_planes
from photochrom.image import Limits, Picture
from photochrom.journal import digest, recipe
from photochrom.looks import QUALITIES, QUALITY, Look
from photochrom.model import Model
from photochrom.upsampling import guided_coefficients, resize_bilinear

if TYPE_CHECKING:
    from photochrom.film.colouring import ColouredFilm

_LONGEST = 4  # the model sees no picture longer than so many times its short side,
_MOST = 2048**2  # and no more pixels: its attention takes memory by their square


class Colorizer:
    """A model, ready to colour any number of pictures; may be shared between threads.

    `model` is the name of a shipped model or the path of an .onnx file. `threads` is how many
    threads one picture may use; all cores by default. `memory` is how many bytes of the model's
    answers are kept, for pictures that are asked for again. Raises `ModelError` when the model is
    unknown, damaged, or no colorizer.
    """

    def __init__(
        self, model: str | Path = zoo.DEFAULT, *, threads: int | None = None, memory: int = 0
    ) -> None:
        self.threads = threads or os.cpu_count() or 1
        self.model = Model(model, self.threads, memory)
        self.info = self.model.info

    def colorize(
        self,
        picture: Any,
        *,
        vividness: float | None = None,
        size: int | None = None,
        quality: str = QUALITY,
        hints: Iterable[Hint] = (),
        reference: Any = None,
        strength: float = 1.0,
        tone: bool = False,
        limits: Limits | None = None,
    ) -> Any:
        """Colour a picture: a path, a file's bytes, a NumPy array or a PIL image.

        An array (H, W) or (H, W, 3 or 4) of uint8, uint16 or floats in 0..1 gives an array
        (H, W, 3 or 4) of the same type; a PIL image gives a PIL image. A path, bytes or an opened
        `Picture` give a `Coloured`, whose pixels are made when it is saved, or `ColouredPages` when
        the file, TIFF or PDF, has several pages; the path of a film gives a `ColouredFilm`.

        `vividness` goes from 0, natural, to 1, vivid. `size` is the short side, in pixels, of
        what the model sees; no picture is enlarged beyond the model's own. `quality` is "fast", one
        look at the picture, "good", one more at its mirror image, or "best", both at two sizes; of
        a film these looks are taken in turn. `hints` are colours at places, (x, y, "#rrggbb"), x
        and y in pixels of the upright original. `reference` is another picture, whose colours are
        taken where it looks alike; `hints` lie over them. `strength` below 1 blends towards grey;
        with `tone` the tint of the paper stays. Colour that the picture has already is dropped.
        Raises `ImageError` for what is no picture or is beyond the limits, `HintError` for a hint
        that cannot be used, `MissingExtra` for a film
        where what reads films is not installed, and `Stopped` once the limits say that the work is
        to stop, as does what makes the pixels later.
        """
        other = None if reference is None else self._palette(_open(reference, limits))
        given = list(hints)
        path = Path(picture) if isinstance(picture, str) else picture
        if is_film(path):
            if given or tone:
                raise HintError(f"{path}: a film; hints and --tone are for pictures")
            return self._film(path, vividness, size, quality, other, strength, limits or Limits())

        def paint(page: Picture) -> Coloured:
            taken = self._match(page, other) if other else []
            return self._paint(page, vividness, size, quality, [*taken, *given], strength, tone)

        opened = _open(picture, limits, page=0)
        if opened.pages == 1 or opened is picture:
            return _as_given(paint(opened), picture)
        if given:
            raise HintError(f"hints are for one picture, not for {opened.pages} pages")
        return ColouredPages(opened.pages, lambda page: paint(_open(picture, limits, page)))

    def suggest(self, picture: Any, x: float, y: float, count: int = 6) -> list[str]:
        """Give at most `count` colours, "#rrggbb", that a place may well have, likeliest first.

        `picture` is what `colorize` takes, or its path; `x` and `y` are in pixels of the upright
        original. Raises `HintError` for a place outside, `ModelError` where the model has no
        guides.
        """
        opened = _open(picture, None)
        check_place(x, y, (opened.width, opened.height))
        place = x / opened.width, y / opened.height
        view, lightness = self._view(opened)
        rows, columns = lightness.shape
        here = float(lightness[int(place[1] * rows), int(place[0] * columns)])
        return [from_ab(ab, here) for ab in guides.likely(view, *place, count)]

    def propose(
        self, picture: Any, count: int = 4, *, vividness: float | None = None
    ) -> list[list[Hint]]:
        """Give the hints of `count` different versions of a picture, the same each time.

        The first has none: it is the automatic one. Each of the others gives one thing in the
        picture another colour, which the model holds for likely too. Raises `ModelError` where
        the model has no guides.
        """
        opened = _open(picture, None)
        view, _ = self._view(opened, vividness)
        known, spots, found = [view.ab], list[guides.Spot](), [list[Hint]()]
        while len(found) < count:
            chosen = guides.alternative(view, known, spots)
            spots += chosen
            found.append(_to_hints(chosen, opened))
            known.append(self._view(opened, vividness, found[-1])[0].ab)
        return found

    def match(self, picture: Any, reference: Any) -> list[Hint]:
        """Give hints that colour a picture as another one, `reference`, has it.

        Raises `ImageError` when the reference is grey, `ModelError` where the model has no guides.
        """
        return self._match(_open(picture, None), self._palette(_open(reference, None)))

    def _seen(self, picture: "_Sized", size: int) -> tuple[int, int]:
        """Width and height of what the model sees: the short side near `size`, within bounds."""
        short, long = sorted((picture.width, picture.height))
        useful = min(size, max(short, self.model.size))  # more would show nothing new
        scale = min(useful / short, _LONGEST * useful / long, math.sqrt(_MOST / (short * long)))
        step = self.model.multiple
        width, height = (
            max(step, step * round(side * scale / step)) for side in (picture.width, picture.height)
        )
        return width, height

    def _view(
        self, picture: Picture, vividness: float | None = None, hints: list[Hint] | None = None
    ) -> tuple[guides.View, Floats]:
        """Look at a picture for the guides; give the lightness too, (H, W), as it was seen."""
        if not self.model.gives_guides:
            raise ModelError(f"the model {self.info['name']} has no proposals or suggestions")
        picture.limits.check_wanted()
        seen = self._seen(picture, self.model.size)
        lightness = samples_to_lightness(picture.thumbnail(*seen))
        planes = to_planes(hints, (picture.width, picture.height), seen) if hints else None
        wanted = ["ab", "likelihood", "features", "centres"]
        ab, logits, features, centres = self.model.answer(wanted, lightness, vividness, planes)
        return guides.View(ab, _softmax(logits[0]), features[0], centres), lightness

    def _palette(self, reference: Picture) -> "_Palette":
        """Look at a picture whose colours are to be taken."""
        view, lightness = self._view(reference)
        rgb = reference.thumbnail(*reversed(lightness.shape))
        scale = np.iinfo(rgb.dtype).max
        if rgb.ndim < 3 or not has_colour(rgb / np.float32(scale)):
            raise ImageError("the reference has no colours to take")
        return view, np.moveaxis(srgb_to_lab(rgb / np.float32(scale)), -1, 0)[1:]

    def _match(self, picture: Picture, palette: "_Palette") -> list[Hint]:
        return _to_hints(guides.match(self._view(picture)[0], *palette), picture)

    def _paint(
        self,
        picture: Picture,
        vividness: float | None,
        size: int | None,
        quality: str,
        hints: list[Hint],
        strength: float,
        tone: bool,
    ) -> Coloured:
        size = self._checked(size, strength)
        vividness = self.model.vividness(vividness)
        small, ab = self._look(picture, size, quality, vividness, hints)
        scale = np.iinfo(small.dtype).max
        coloured_before = small.ndim == 3 and has_colour(small / np.float32(scale))
        coefficients = np.float32(strength) * guided_coefficients(samples_to_lightness(small), ab)
        if tone and small.ndim == 3 and not coloured_before:
            coefficients += tint(small / np.float32(scale))[:, None, None]
        note = self._facts(vividness, (small.shape[1], small.shape[0]), quality, strength) | {
            "Tone": "kept" if tone else "",
            "Hints": " ".join(f"{x:g},{y:g},{colour}" for x, y, colour in hints),
        }
        return Coloured(picture, coefficients, self.threads, coloured_before, note)

    def _film(
        self,
        path: Path,
        vividness: float | None,
        size: int | None,
        quality: str,
        palette: "_Palette | None",
        strength: float,
        limits: Limits,
    ) -> "ColouredFilm":
        film = open_film(path, limits.pixels)
        from photochrom.film.colouring import ColouredFilm  # what that needs is installed

        size = self._checked(size, strength)
        vividness = self.model.vividness(vividness)
        looks = _looks(quality)

        def look(frame: Picture, turn: int) -> Floats:
            limits.check_wanted()
            one = looks[turn % len(looks)]
            small = frame.thumbnail(*self._seen(frame, round(size * one.scale)))
            hints = self._match(frame, palette) if palette else []
            return self._answer(frame, small, one, vividness, hints)

        seen = self._seen(film, size)
        facts = self._facts(vividness, seen, quality, strength)
        colours = blake2b(palette[1].tobytes()).hexdigest() if palette else ""
        made_by = recipe(digest(self.model.path), {**facts, "reference": colours})
        return ColouredFilm(
            film, look, seen, strength=strength, threads=self.threads, note=facts, made_by=made_by
        )

    def _checked(self, size: int | None, strength: float) -> int:
        """Give the wanted size, or the model's own; raise `ModelError` for what is out of range."""
        size = self.model.size if size is None else size
        if not 32 <= size <= 2048:
            raise ModelError(f"size goes from 32 to 2048 pixels, not {size}")
        if not 0 <= strength <= 1:
            raise ModelError(f"strength goes from 0 to 1, not {strength:g}")
        return size

    def _facts(
        self, vividness: float, seen: tuple[int, int], quality: str, strength: float
    ) -> dict[str, str]:
        """Say, for the note, how it is done."""
        return {
            "Model": f"{self.info['name']} {self.info.get('version', '')}".strip(),
            "Vividness": f"{vividness:g}",
            "Size": f"{seen[0]}x{seen[1]}",
            "Quality": quality,
            "Strength": f"{strength:g}",
        }

    def _look(
        self, picture: Picture, size: int, quality: str, vividness: float, hints: list[Hint]
    ) -> tuple[Samples, Floats]:
        """Look at a picture as often as the quality says.

        Gives what was seen first, (H, W) or (H, W, 3), and the mean of all answers, (2, h, w).
        """
        smalls, answers = dict[tuple[int, int], Samples](), list[Floats]()
        for look in _looks(quality):
            picture.limits.check_wanted()
            seen = self._seen(picture, round(size * look.scale))
            if seen not in smalls:
                smalls[seen] = picture.thumbnail(*seen)
            ab = self._answer(picture, smalls[seen], look, vividness, hints)
            shape = answers[0].shape[1:] if answers else ab.shape[1:]
            answers.append(resize_bilinear(ab, *shape))
        return next(iter(smalls.values())), np.mean(answers, axis=0)

    def _answer(
        self, picture: Picture, small: Samples, look: Look, vividness: float, hints: list[Hint]
    ) -> Floats:
        """Show the model a picture shrunk to `small`; give ab, (2, h, w) in Lab units."""
        seen = small.shape[1], small.shape[0]
        planes = to_planes(hints, (picture.width, picture.height), seen) if hints else None
        way = np.s_[..., :: -1 if look.mirrored else 1]
        turned = None if planes is None else planes[way]
        lightness = samples_to_lightness(small)[way]
        (ab,) = self.model.answer(["ab"], lightness, vividness, turned)
        return np.asarray(ab[way])


_Palette = tuple[guides.View, Floats]
"""What a model makes of a picture, and its true colours, (2, H, W) in Lab units."""


class _Sized(Protocol):
    """What has a width and a height, in pixels: a picture, or a film."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


def _looks(quality: str) -> tuple[Look, ...]:
    if quality not in QUALITIES:
        one_of = ", ".join(QUALITIES)
        raise ModelError(f"no quality {quality!r}{did_you_mean(quality, QUALITIES)}: {one_of}")
    return QUALITIES[quality]


def _open(picture: Any, limits: Limits | None, page: int | None = None) -> Picture:
    """Open what `colorize` takes; without `page`, nothing of several pages."""
    if isinstance(picture, Picture):
        return picture
    if isinstance(picture, (str, Path)):
        return Picture(Path(picture), limits, page)
    if isinstance(picture, (bytes, np.ndarray)):
        return Picture(picture, limits, page)
    if hasattr(picture, "mode") and hasattr(picture, "convert"):
        return Picture(_pil_samples(picture), limits)
    raise ImageError(
        f"cannot colour a {type(picture).__name__}; give a path, bytes, array or PIL image"
    )


def _as_given(coloured: Coloured, picture: Any) -> Any:
    """Give an array for an array, a PIL image for a PIL image, and of a file what can be saved."""
    if isinstance(picture, np.ndarray):
        return coloured.array(picture.dtype)
    if isinstance(picture, (str, Path, bytes, Picture)):
        return coloured
    return _to_pil(coloured.array(), picture)


def _to_hints(spots: list[guides.Spot], picture: Picture) -> list[Hint]:
    return [
        (round(spot.x * picture.width, 1), round(spot.y * picture.height, 1), from_ab(spot.ab))
        for spot in spots
    ]


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=0))
    return np.asarray(powers / powers.sum(axis=0))


def _pil_samples(image: Any) -> Samples:
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if image.mode in ("I", "F"):
        raise ImageError(f"a PIL image of mode {image.mode}; convert it to L or RGB")
    if image.mode not in ("L", "RGB", "RGBA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return np.asarray(image)


def _to_pil(array: npt.NDArray[Any], like: Any) -> Any:
    from PIL import Image

    if array.dtype == np.uint16:
        array = (array >> 8).astype(np.uint8)
    image = Image.fromarray(array)
    image.info = dict(like.info)
    return image
