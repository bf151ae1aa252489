"""Colouring pictures with a trained model."""

import os
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from photochrom.color.spaces import Floats, Samples, samples_to_lightness
from photochrom.color.toning import has_color, tint
from photochrom.color.upsampling import guided_coefficients, resize_bilinear
from photochrom.errors import HintError, ImageError, ModelError, did_you_mean
from photochrom.guidance.hints import Hint, to_planes
from photochrom.image import Limits, Picture, pil
from photochrom.image.colorized import Colorized, ColorizedPages
from photochrom.inference import zoo
from photochrom.inference.fingerprint import file_digest, settings_key
from photochrom.inference.guide import Palette, Suggester, Uncertainty
from photochrom.inference.model import Model
from photochrom.inference.options import QUALITIES, QUALITY, View
from photochrom.video import is_film, open_film

if TYPE_CHECKING:
    from photochrom.video.colorized import ColorizedFilm


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
        self._suggester = Suggester(self.model)

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

        An array (H, W) or (H, W, 3 or 4) of uint8, uint16 or floats in 0..1 gives an array (H, W, 3
        or 4) of the same type; a PIL image gives a PIL image. A path, bytes or an opened `Picture`
        give a `Colorized`, whose pixels are made when it is saved, or `ColorizedPages` when the
        file, TIFF or PDF, has several pages; the path of a film gives a `ColorizedFilm`.

        `vividness` goes from 0, natural, to 1, vivid. `size` is the short side, in pixels, of
        what the model sees; no picture is enlarged beyond the model's own. `quality` is "fast", one
        look at the picture, "good", one more at its mirror image, or "best", both at two sizes; of
        a film these looks are taken in turn. `hints` are colours at places, (x, y, "#rrggbb"), x
        and y in pixels of the upright original; of a film, of its `Film.still`, and they hold for
        what looks the same in any frame. `reference` is another picture, whose colours are
        taken where it looks alike; `hints` lie over them. `strength` below 1 blends towards grey;
        with `tone` the tint of the paper stays. Colour that the picture has already is dropped.
        Raises `ImageError` for what is no picture or is beyond the limits, `HintError` for a hint
        that cannot be used, `MissingExtra` for a film
        where what reads films is not installed, and `Stopped` once the limits say that the work is
        to stop, as does what makes the pixels later.
        """
        other = None if reference is None else self._suggester.palette(_open(reference, limits))
        given = list(hints)
        path = Path(picture) if isinstance(picture, str) else picture
        if is_film(path):
            if tone:
                raise HintError(f"{path}: a film; --tone is for pictures")
            bounds = limits or Limits()
            return self._film(path, vividness, size, quality, given, other, strength, bounds)

        def colorize_page(page: Picture) -> Colorized:
            taken = self._suggester.match(page, other) if other else []
            return self._colorize_page(
                page, vividness, size, quality, [*taken, *given], strength, tone
            )

        opened = _open(picture, limits, page=0)
        if opened.pages == 1 or opened is picture:
            return _as_given(colorize_page(opened), picture)
        if given:
            raise HintError(f"hints are for one picture, not for {opened.pages} pages")
        return ColorizedPages(
            opened.pages, lambda page: colorize_page(_open(picture, limits, page))
        )

    def suggest(self, picture: Any, x: float, y: float, count: int = 6) -> list[str]:
        """Give at most `count` colours, "#rrggbb", that a place may well have, likeliest first.

        `picture` is what `colorize` takes, or its path; `x` and `y` are in pixels of the upright
        original. Raises `HintError` for a place outside, `ModelError` where the model has no
        guides.
        """
        return self._suggester.suggest(_open(picture, None), x, y, count)

    def propose(
        self, picture: Any, count: int = 4, *, vividness: float | None = None
    ) -> list[list[Hint]]:
        """Give the hints of `count` different versions of a picture, the same each time.

        The first has none: it is the automatic one. Each of the others gives one thing in the
        picture another colour, which the model holds for likely too. Raises `ModelError` where
        the model has no guides.
        """
        return self._suggester.propose(_open(picture, None), count, vividness)

    def match(self, picture: Any, reference: Any) -> list[Hint]:
        """Give hints that colour a picture as another one, `reference`, has it.

        Raises `ImageError` when the reference is grey, `ModelError` where the model has no guides.
        """
        palette = self._suggester.palette(_open(reference, None))
        return self._suggester.match(_open(picture, None), palette)

    def uncertainty(
        self,
        picture: Any,
        *,
        vividness: float | None = None,
        size: int | None = None,
        hints: Iterable[Hint] = (),
        limits: Limits | None = None,
    ) -> Uncertainty:
        """Tell where the colours that `colorize` would give a picture are in doubt.

        Raises `ModelError` where the model has no guides, `ImageError` and `HintError` as
        `colorize` does.
        """
        opened, size = _open(picture, limits), self._checked(size)
        return self._suggester.uncertainty(opened, vividness, hints, size, self.threads)

    def _colorize_page(
        self,
        picture: Picture,
        vividness: float | None,
        size: int | None,
        quality: str,
        hints: list[Hint],
        strength: float,
        tone: bool,
    ) -> Colorized:
        size = self._checked(size, strength)
        vividness = self.model.vividness(vividness)
        small, ab = self._predict(picture, size, quality, vividness, hints)
        scale = np.iinfo(small.dtype).max
        had_color = small.ndim == 3 and has_color(small / np.float32(scale))
        coefficients = np.float32(strength) * guided_coefficients(samples_to_lightness(small), ab)
        if tone and small.ndim == 3 and not had_color:
            coefficients += tint(small / np.float32(scale))[:, None, None]
        note = self._facts(vividness, (small.shape[1], small.shape[0]), quality, strength) | {
            "Tone": "kept" if tone else "",
            "Hints": _in_words(hints),
        }
        return Colorized(picture, coefficients, self.threads, had_color, note)

    def _film(
        self,
        path: Path,
        vividness: float | None,
        size: int | None,
        quality: str,
        given: list[Hint],
        palette: Palette | None,
        strength: float,
        limits: Limits,
    ) -> "ColorizedFilm":
        film = open_film(path, limits.pixels)
        from photochrom.video.colorized import ColorizedFilm  # what that needs is installed

        size = self._checked(size, strength)
        vividness = self.model.vividness(vividness)
        views, whole = _views(quality), (film.width, film.height)
        tracked = self._suggester.tracked(Picture(film.still(min(whole))), given) if given else None

        def view(frame: Picture, turn: int) -> Floats:
            limits.check_wanted()
            one = views[turn % len(views)]
            small = frame.thumbnail(*self.model.sees(whole, round(size * one.scale)))
            hints = self._suggester.match(frame, palette) if palette else []
            hints += self._suggester.follow(frame, tracked) if tracked else []
            return self._answer(frame, small, one, vividness, hints)

        seen = self.model.sees(whole, size)
        facts = self._facts(vividness, seen, quality, strength) | {"Hints": _in_words(given)}
        colors = blake2b(palette.ab.tobytes()).hexdigest() if palette else ""
        made_by = settings_key(file_digest(self.model.path), {**facts, "reference": colors})
        return ColorizedFilm(
            film, view, seen, strength=strength, threads=self.threads, note=facts, made_by=made_by
        )

    def _checked(self, size: int | None, strength: float = 1.0) -> int:
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
            "Model": self.model.title,
            "Vividness": f"{vividness:g}",
            "Size": f"{seen[0]}x{seen[1]}",
            "Quality": quality,
            "Strength": f"{strength:g}",
        }

    def _predict(
        self, picture: Picture, size: int, quality: str, vividness: float, hints: list[Hint]
    ) -> tuple[Samples, Floats]:
        """Look at a picture as often as the quality says.

        Gives what was seen first, (H, W) or (H, W, 3), and the mean of all answers, (2, h, w).
        """
        smalls, answers = dict[tuple[int, int], Samples](), list[Floats]()
        for view in _views(quality):
            picture.limits.check_wanted()
            seen = self.model.sees((picture.width, picture.height), round(size * view.scale))
            if seen not in smalls:
                smalls[seen] = picture.thumbnail(*seen)
            ab = self._answer(picture, smalls[seen], view, vividness, hints)
            shape = answers[0].shape[1:] if answers else ab.shape[1:]
            answers.append(resize_bilinear(ab, *shape))
        return next(iter(smalls.values())), np.mean(answers, axis=0)

    def _answer(
        self, picture: Picture, small: Samples, view: View, vividness: float, hints: list[Hint]
    ) -> Floats:
        """Show the model a picture shrunk to `small`; give ab, (2, h, w) in Lab units."""
        seen = small.shape[1], small.shape[0]
        planes = to_planes(hints, (picture.width, picture.height), seen) if hints else None
        way = np.s_[..., :: -1 if view.mirrored else 1]
        turned = None if planes is None else planes[way]
        lightness = samples_to_lightness(small)[way]
        (ab,) = self.model.answer(["ab"], lightness, vividness, turned)
        return np.asarray(ab[way])


def _in_words(hints: list[Hint]) -> str:
    return " ".join(f"{x:g},{y:g},{color}" for x, y, color in hints)


def _views(quality: str) -> tuple[View, ...]:
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
        return Picture(pil.samples(picture), limits)
    raise ImageError(
        f"cannot colour a {type(picture).__name__}; give a path, bytes, array or PIL image"
    )


def _as_given(colorized: Colorized, picture: Any) -> Any:
    """Give an array for an array, a PIL image for a PIL image, and of a file what can be saved."""
    if isinstance(picture, np.ndarray):
        return colorized.array(picture.dtype)
    if isinstance(picture, (str, Path, bytes, Picture)):
        return colorized
    return pil.image(colorized.array(), picture)
