"""Colouring pictures with a trained model."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Union, Unpack, overload

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Floats, samples_to_lightness
from photochrom.color.toning import has_color, tint
from photochrom.color.upsampling import guided_coefficients
from photochrom.errors import ModelError
from photochrom.guidance.hints import AnyHint, Hint, in_words
from photochrom.image import Limits, OnProgress, Picture
from photochrom.image.colorized import Colorized, ColorizedPages
from photochrom.inference import views, zoo
from photochrom.inference.film import colorize_film
from photochrom.inference.film_things import find_things
from photochrom.inference.fingerprint import facts_of
from photochrom.inference.guide import SUGGESTED, Match, Reference, Suggester, Uncertainty
from photochrom.inference.inputs import (
    as_given,
    as_reference,
    loaded,
    not_alone,
    open_picture,
    read_palette,
)
from photochrom.inference.model import Model
from photochrom.inference.options import CPU, ColorizeKeywords, ColorizeOptions
from photochrom.inference.steadied import Steadied
from photochrom.video import is_film
from photochrom.video.project import FilmThing

if TYPE_CHECKING:
    from PIL.Image import Image

    from photochrom.video.colorized import ColorizedFilm

AnyColorized = Union[Colorized, ColorizedPages, "ColorizedFilm"]
"""What a file becomes, to be saved."""


class Colorizer:
    """A model, ready to colour any number of pictures; may be shared between threads.

    `model` is the name of a shipped model or the path of an .onnx file. `threads` is how many
    threads one picture may use; all cores by default. `memory` is how many bytes of the model's
    answers are kept, for pictures that are asked for again. `device` is "cpu", "cuda", "tensorrt",
    "rocm", "directml", "coreml" or "openvino", as far as the installed ONNX Runtime has it, or
    "auto" for the first that works; the same picture gives the same bytes on "cpu" alone. Raises
    `ModelError` when the model is unknown, damaged, or not a colorizer, and when the device is not
    there.
    """

    def __init__(
        self,
        model: str | Path = zoo.DEFAULT,
        *,
        threads: int | None = None,
        memory: int = 0,
        device: str = CPU,
    ) -> None:
        self.threads = threads or os.cpu_count() or 1
        self.model = Model(model, self.threads, memory, device)
        self.info = self.model.info
        self._suggester = Suggester(self.model)

    def __repr__(self) -> str:
        return f"<Colorizer {self.model.title}, {self.threads} threads>"

    @overload
    def colorize(
        self,
        picture: npt.NDArray[Any],
        options: ColorizeOptions = ...,
        *,
        limits: Limits | None = ...,
        **keywords: Unpack[ColorizeKeywords],
    ) -> npt.NDArray[Any]: ...

    @overload
    def colorize(
        self,
        picture: "Image",
        options: ColorizeOptions = ...,
        *,
        limits: Limits | None = ...,
        **keywords: Unpack[ColorizeKeywords],
    ) -> "Image": ...

    @overload
    def colorize(
        self,
        picture: Picture,
        options: ColorizeOptions = ...,
        *,
        limits: Limits | None = ...,
        **keywords: Unpack[ColorizeKeywords],
    ) -> Colorized: ...

    @overload
    def colorize(
        self,
        picture: bytes | bytearray | memoryview | BinaryIO,
        options: ColorizeOptions = ...,
        *,
        limits: Limits | None = ...,
        **keywords: Unpack[ColorizeKeywords],
    ) -> Colorized | ColorizedPages: ...

    @overload
    def colorize(
        self,
        picture: str | Path,
        options: ColorizeOptions = ...,
        *,
        limits: Limits | None = ...,
        **keywords: Unpack[ColorizeKeywords],
    ) -> AnyColorized: ...

    def colorize(
        self,
        picture: Any,
        options: ColorizeOptions = ColorizeOptions(),
        *,
        limits: Limits | None = None,
        **keywords: Unpack[ColorizeKeywords],
    ) -> Any:
        """Colour a picture: a path, a file's bytes, an open file, a NumPy array or a PIL image.

        An array (H, W) or (H, W, 1 to 4) of uint8, uint16 or floats in 0..1 gives an array
        (H, W, 3 or 4) of the same type, one of bool uint8; a PIL image gives a PIL image. A path,
        bytes, an open file or an opened `Picture` give a `Colorized`, whose pixels are made when it
        is saved, or `ColorizedPages` when the file, TIFF or PDF, has several pages; the path of a
        film gives a `ColorizedFilm`.

        `keywords` are fields of `ColorizeOptions`. Colour that the picture has already is dropped.
        Raises `ImageError` for what is not a picture or is beyond the limits, `ModelError` for an
        option that is out of bounds, `HintError` for a hint that cannot be used, `MissingExtra` for
        a film where what reads films is not installed, and `Stopped` once the limits say that the
        work is to stop, as does what makes the pixels later.
        """
        options = replace(options, **keywords)  # type: ignore[arg-type]  # a tuple then
        limits = limits or Limits()
        if options.allow_damaged:
            limits = replace(limits, allow_damaged=True)
        options = read_palette(options, limits)
        lent = None if options.reference is None else self._reference(options.reference, limits)
        picture = loaded(picture, limits)
        if is_film(picture):
            return colorize_film(picture, self._suggester, options, lent, limits, self.threads)
        options.check_no_excerpt(picture)
        opened = open_picture(picture, limits, page=0)
        if opened.pages == 1 or opened is picture:
            return as_given(self._page(opened, options, lent), picture)
        if options.hints:
            raise not_alone(opened, "hints are")
        steadied = Steadied() if opened.timing else None

        def colorize(page: int) -> Colorized:
            return self._page(open_picture(picture, limits, page), options, lent, steadied)

        return ColorizedPages(opened.pages, colorize, animated=steadied is not None)

    def check(self, options: ColorizeOptions, limits: Limits | None = None) -> None:
        """Raise what `colorize` would raise for any picture, as for a reference that is grey."""
        if options.hints and not self.model.takes_hints:
            raise ModelError(f"the model {self.info['name']} takes no hints; choose vivid")
        self.model.check_prior(read_palette(options, limits).prior)
        if options.reference is not None:
            self._reference(options.reference, limits)

    def _reference(self, reference: Any, limits: Limits | None) -> Reference:
        with as_reference():
            opened = open_picture(reference, limits)
        return self._suggester.reference(opened)

    def suggest(
        self,
        picture: Any,
        x: float,
        y: float,
        count: int = SUGGESTED,
        *,
        limits: Limits | None = None,
    ) -> list[str]:
        """Give at most `count` colours, "#rrggbb", that a point may well have, likeliest first.

        `picture` is what `colorize` takes, but not a film; `x` and `y` are in pixels of the upright
        original. Raises `HintError` for a point outside, `ModelError` where the model has no
        suggestions.
        """
        return self._suggester.suggest(open_picture(picture, limits), x, y, count)

    def variants(
        self,
        picture: Any,
        count: int = 4,
        *,
        vividness: float | None = None,
        limits: Limits | None = None,
    ) -> list[list[Hint]]:
        """Give the hints of `count` different variants of a picture, the same each time.

        The first has none: it is the automatic one. Each of the others gives one thing in the
        picture another colour, which the model holds for likely too. Raises `ModelError` where
        the model has no suggestions, `HintError` for an animation.
        """
        opened = open_picture(picture, limits)
        if opened.timing and opened is not picture:
            raise not_alone(opened, "variants are")
        return self._suggester.variants(opened, count, vividness)

    propose = variants
    """An older name of `variants`."""

    def match(self, picture: Any, reference: Any, *, limits: Limits | None = None) -> list[AnyHint]:
        """Give hints that colour a picture as another one, `reference`, has it.

        Raises `ImageError` when the reference is grey, `ModelError` where the model has no
        suggestions.
        """
        return self.compare(picture, reference, limits=limits).hints

    def compare(self, picture: Any, reference: Any, *, limits: Limits | None = None) -> Match:
        """Give the hints of `match`, the colours without them, and how alike the pictures are."""
        lent = self._reference(reference, limits)
        return self._suggester.match(open_picture(picture, limits), lent)

    def uncertainty(
        self,
        picture: Any,
        *,
        vividness: float | None = None,
        size: int | None = None,
        hints: Iterable[AnyHint] = (),
        limits: Limits | None = None,
    ) -> Uncertainty:
        """Tell how sure the colours are that `colorize` would give a picture.

        Raises `ModelError` where the model has no suggestions, `ImageError` and `HintError` as
        `colorize` does.
        """
        options = ColorizeOptions(vividness=vividness, size=size, hints=tuple(hints))
        return self._suggester.uncertainty(open_picture(picture, limits), options, self.threads)

    def reach(
        self, picture: Any, x: float, y: float, far: str = "thing", *, limits: Limits | None = None
    ) -> Floats:
        """Tell which part of a picture a hint at a point colours that reaches so `far`, (h, w).

        It is coarse, in 0..1. Raises `HintError` for a point outside or another reach.
        """
        return self._suggester.reach(open_picture(picture, limits), x, y, far)

    def things(
        self,
        film: str | Path,
        options: ColorizeOptions = ColorizeOptions(),
        *,
        limits: Limits | None = None,
        on_progress: OnProgress | None = None,
        **keywords: Unpack[ColorizeKeywords],
    ) -> list[FilmThing]:
        """List what is remembered of a film's things, as they are coloured with `options`.

        A frame in the middle of each shot of the `project` is looked at. Raises `ModelError` where
        the model has no features, and what `colorize` raises for the film and the project.
        """
        options = replace(options, **keywords)  # type: ignore[arg-type]  # as there
        limits = limits or Limits()
        return find_things(Path(film), self._suggester, options, limits, on_progress)

    def _page(
        self,
        picture: Picture,
        options: ColorizeOptions,
        reference: Reference | None,
        steadied: Steadied | None = None,
    ) -> Colorized:
        """Colour a picture, or one page of a file; `steadied` is given for all frames of one."""
        share = options.reference_strength
        taken = self._suggester.taken(picture, reference, share) if reference else []
        hints = [*taken, *options.hints]
        small, ab = views.mean_answer(self.model, picture, options, hints)
        if steadied:
            ab = steadied.frame(picture.page, samples_to_lightness(small), ab)
        scale = np.iinfo(small.dtype).max
        had_color = small.ndim == 3 and has_color(small / np.float32(scale))
        guided = guided_coefficients(samples_to_lightness(small), ab)
        coefficients = np.float32(options.strength) * guided
        if options.tone and small.ndim == 3 and not had_color:
            coefficients += tint(small / np.float32(scale))[:, None, None]
        note = facts_of(self.model, options, small.shape[1::-1])
        note |= {"Tone": "kept" if options.tone else "", "Hints": in_words(hints)}
        return Colorized(picture, coefficients, self.threads, had_color, note)
