"""A coloured picture, whose full-size pixels are made when they are asked for."""

import dataclasses
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, Unpack

import numpy as np
import numpy.typing as npt

from photochrom import html
from photochrom.color.spaces import Floats, Samples
from photochrom.color.subsampling import HalfRecombiner
from photochrom.color.upsampling import Recombiner
from photochrom.errors import ImageError, PhotochromWarning
from photochrom.image import jpeg_strips
from photochrom.image.band_stream import Band
from photochrom.image.encoding import Page, SaveKeywords, SaveOptions, encode_rgb
from photochrom.image.reader import Picture
from photochrom.image.writer import (
    OnProgress,
    check_target,
    encode,
    encode_pages,
    holds_frames,
    holds_pages,
    save,
    save_pages,
)

_T = TypeVar("_T")
_SHOWN_PIXELS = 512  # of the long side, in a notebook,
_SHOWN_PAGES = 4


class Colorized:
    """A coloured picture; its full-size pixels are made, band by band, when they are asked for.

    `coefficients` are those of `guided_coefficients`, (4, h, w); `note` says how the picture was
    coloured, for its XMP.
    """

    def __init__(
        self,
        picture: Picture,
        coefficients: Floats,
        threads: int,
        had_color: bool,
        note: dict[str, str],
    ) -> None:
        self.picture, self.note, self._threads = picture, note, threads
        self._coefficients = coefficients
        self._recombiner = Recombiner(coefficients, picture.height, picture.width)
        self.had_color = had_color
        """Whether the picture had colours of its own, which were dropped."""

    def __repr__(self) -> str:
        width, height = self.size
        bits, made_by = self.picture.bits, self.note.get("Model")
        made = f", by {made_by}" if made_by else ""
        return f"<Colorized {self.picture.name}: {width} x {height}, {bits} bits{made}>"

    def _repr_html_(self) -> str:
        """Show itself in a notebook, before and after; raises `ImageError` as `save` does."""
        return html.fragment(_shown(self))

    @property
    def had_colour(self) -> bool:
        """An older name of `had_color`."""
        return self.had_color

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.picture.width, self.picture.height

    def save(
        self,
        path: str | Path,
        options: SaveOptions = SaveOptions(),
        *,
        on_progress: OnProgress | None = None,
        **keywords: Unpack[SaveKeywords],
    ) -> None:
        """Write the picture, with its metadata, in the format that the file extension tells.

        `keywords` are fields of `SaveOptions`: `note`, `profile`, `pyramid`, `jpeg_quality`,
        `overwrite` and `sign`; `on_progress` is told how many rows are done. Raises `ImageError`
        when the file exists (unless `overwrite`), or cannot be written or signed.
        """
        save(self._page(on_progress), Path(path), dataclasses.replace(options, **keywords))

    def encode(self, ending: str = ".png", **keywords: Unpack[SaveKeywords]) -> bytes:
        """Give the bytes of the file that `save` would write with such a file extension."""
        return encode(self._page(), ending, SaveOptions(**keywords))

    def _page(self, on_progress: OnProgress | None = None) -> Page:
        picture = self.picture
        bands = _counted(self.bands(), picture.height, picture.band_rows, on_progress)
        return Page(picture, bands, self.note, partial(self._strips, on_progress))

    def array(self, dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
        """Give sRGB samples, (H, W, 3) or with alpha (H, W, 4).

        They are uint8 or uint16 as the picture's, or what `dtype` says: uint8, uint16, or floats in
        0..1. Raises `ImageError` for another.
        """
        wanted = None if dtype is None else np.dtype(dtype)
        if wanted and wanted.kind != "f" and wanted.newbyteorder("=") not in (np.uint8, np.uint16):
            raise ImageError(f"an array of {wanted}; ask for uint8, uint16 or floats")
        pixels: npt.NDArray[Any] = np.concatenate(list(self.bands()))
        if wanted is None:
            return pixels
        if wanted.kind == "f":
            return (pixels / np.iinfo(pixels.dtype).max).astype(wanted)
        if wanted.itemsize < pixels.itemsize:
            pixels = pixels >> 8
        elif wanted.itemsize > pixels.itemsize:
            pixels = pixels * np.uint16(257)
        return pixels.astype(wanted, copy=False)

    def over(self, picture: Picture) -> "Colorized":
        """Lay the same colours over another size of the same picture."""
        return Colorized(picture, self._coefficients, self._threads, self.had_color, self.note)

    def region(self, left: int, top: int, samples: Samples) -> Samples:
        """Colour samples of the picture, (h, w) or (h, w, 3), whose first is at `left`, `top`."""
        return self._without_missing(
            self._recombiner.recombine(samples, top, left), left, top, samples
        )

    def bands(self) -> Iterator[Band]:
        """Colour the bands in order, several at a time, few of them in memory."""

        def works() -> Iterator[Callable[[], Band]]:
            top = 0
            for samples, alpha in self.picture.bands():
                yield partial(self._band, top, samples, alpha)
                top += len(samples)

        return _done_in_order(works(), self._threads)

    def _strips(self, on_progress: OnProgress | None, quality: int) -> Iterator[bytes] | None:
        """Encode the strips of a large grey JPEG as `bands` colours bands; None of another one."""
        luma = self.picture.luma
        if luma is None:
            return None
        height, rows = len(luma), jpeg_strips.strip_rows(luma.shape[1])
        recombiner = HalfRecombiner(self._coefficients, luma)

        def encoded(top: int) -> bytes:
            planes = recombiner.planes(top, min(top + rows, height))
            return jpeg_strips.encode(planes, quality)

        def works() -> Iterator[Callable[[], bytes]]:
            for top in range(0, height, rows):
                self.picture.limits.check_wanted()
                yield partial(encoded, top)

        strips = _done_in_order(works(), self._threads)
        return _counted(strips, height, rows, on_progress)

    def _band(self, top: int, samples: Samples, alpha: Samples | None) -> Band:
        rgb = self._without_missing(self._recombiner.recombine(samples, top), 0, top, samples)
        return rgb if alpha is None else np.concatenate([rgb, alpha[..., None]], axis=2)

    def _without_missing(self, rgb: Samples, left: int, top: int, samples: Samples) -> Samples:
        """Leave what a damaged file lacks as it is decoded."""
        if self.picture.missing is None:
            return rgb
        height, width = samples.shape[:2]
        missing = self.picture.missing[top : top + height, left : left + width]
        grey = samples if samples.ndim == 3 else samples[..., None]
        return np.where(missing[..., None], grey, rgb)


class ColorizedPages:
    """The coloured pages of one file; each is coloured when it is asked for.

    `colorize` gives page `number`, from 0, of `count`.
    """

    def __init__(
        self, count: int, colorize: Callable[[int], Colorized], *, animated: bool = False
    ) -> None:
        self.count, self._colorize = count, colorize
        self.animated = animated
        """Whether they are the frames of an animation."""
        self._had_color: bool | None = None

    def __repr__(self) -> str:
        return f"<ColorizedPages, {self.count} {'frames' if self.animated else 'pages'}>"

    def _repr_html_(self) -> str:
        """Show the first pages in a notebook, side by side."""
        first = map(self._colorize, range(min(self.count, _SHOWN_PAGES)))
        return html.fragment(html.row(map(_shown, first)))

    @property
    def had_color(self) -> bool:
        """Whether a page had colours of its own, which were dropped."""
        if self._had_color is None:
            self._had_color = any(page.had_color for page in self)
        return self._had_color

    @property
    def had_colour(self) -> bool:
        """An older name of `had_color`."""
        return self.had_color

    def __iter__(self) -> Iterator[Colorized]:
        """Colour the pages, one after the other."""
        return map(self._colorize, range(self.count))

    def save(
        self,
        path: str | Path,
        options: SaveOptions = SaveOptions(),
        *,
        on_progress: OnProgress | None = None,
        **keywords: Unpack[SaveKeywords],
    ) -> None:
        """Write the pages as one TIFF or PDF; options and errors are those of `Colorized.save`.

        An animation becomes an animated WebP; of other formats the first frame is written, and
        `PhotochromWarning` issued. `on_progress` is told how many pages are done.
        """
        if self._is_still(Path(path)):
            self._first(Path(path)).save(path, options, on_progress=on_progress, **keywords)
            return
        save_pages(self._pages(on_progress), Path(path), dataclasses.replace(options, **keywords))

    def encode(self, ending: str = ".tif", **keywords: Unpack[SaveKeywords]) -> bytes:
        """Give the bytes of the file that `save` would write with such a file extension."""
        if self._is_still(Path(f"picture{ending}")):
            return self._first(Path(f"picture{ending}")).encode(ending, **keywords)
        return encode_pages(self._pages(), ending, SaveOptions(**keywords))

    def _is_still(self, target: Path) -> bool:
        return self.animated and not holds_pages(target) and not holds_frames(target)

    def _first(self, target: Path) -> Colorized:
        check_target(target)
        first = self._colorize(0)
        warnings.warn(
            f"{first.picture.name}: an animation of {self.count} frames, of which "
            f"{target.suffix} holds the first; name it .webp for all",
            PhotochromWarning,
            stacklevel=3,
        )
        return first

    def _pages(self, on_progress: OnProgress | None = None) -> Iterator[Page]:
        """Colour the pages; remember, at the end, whether any had colours."""
        had_color = False
        for number, page in enumerate(self, 1):
            had_color |= page.had_color
            yield Page(page.picture, page.bands(), page.note)
            if on_progress:
                on_progress(number, self.count)
        self._had_color = had_color


def _shown(colorized: Colorized) -> str:
    """Give a picture as HTML: small, before and after with a slider between them."""
    scale = min(1.0, _SHOWN_PIXELS / max(colorized.size))
    width, height = (max(1, round(side * scale)) for side in colorized.size)
    small = colorized.picture.thumbnail(width, height)
    before = (small >> 8).astype(np.uint8) if small.dtype == np.uint16 else small
    after = colorized.over(Picture(before)).array(np.uint8)
    pictures = [encode_rgb(np.atleast_3d(one)[..., :3], ".jpg") for one in (before, after)]
    made_by = colorized.note.get("Model", "")
    caption = f"{Path(colorized.picture.name).name}, {made_by}".strip(", ")
    return html.compare(pictures[0], pictures[1], caption, width=width)


def _done_in_order(works: Iterator[Callable[[], _T]], threads: int) -> Iterator[_T]:
    """Do works, several at a time; give what comes of them in order, few ahead of who takes it."""
    waiting: deque[Future[_T]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for work in works:
            waiting.append(pool.submit(work))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _counted(
    pieces: Iterator[_T], total: int, rows: int, on_progress: OnProgress | None
) -> Iterator[_T]:
    """Give pieces of so many rows each, and tell how many of all rows have been taken."""
    for number, piece in enumerate(pieces, 1):
        yield piece
        if on_progress:
            on_progress(min(number * rows, total), total)
