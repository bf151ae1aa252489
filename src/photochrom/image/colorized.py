"""A coloured picture, whose full-size pixels are made when they are asked for."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color.recombine import Recombiner
from photochrom.color.spaces import Floats, Samples
from photochrom.image import (
    JPEG_QUALITY,
    Finish,
    Page,
    Picture,
    encode,
    encode_pages,
    save,
    save_pages,
)
from photochrom.image.band_stream import Band


class Colorized:
    """A coloured picture; its full-size pixels are made, band by band, when they are asked for."""

    def __init__(
        self,
        picture: Picture,
        coefficients: Floats,
        threads: int,
        had_color: bool,
        note: dict[str, str],
    ) -> None:
        self.picture, self.note, self._threads = picture, note, threads
        self._small = coefficients
        self._recombiner = Recombiner(coefficients, picture.height, picture.width)
        self.had_color = had_color
        """Whether the picture had colours of its own, which were dropped."""

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
        *,
        overwrite: bool = False,
        note: bool = True,
        profile: str = "srgb",
        pyramid: bool = False,
        jpeg_quality: int = JPEG_QUALITY,
    ) -> None:
        """Write the picture, with its metadata, in the format that the name's ending tells.

        Its XMP is given a note of the model and the options, unless `note` is false. `profile` is
        "srgb" or "p3" (Display P3). With `pyramid` a TIFF is tiled, and holds smaller versions of
        itself. `jpeg_quality`, from 1 to 100, is that of a JPEG, and of those in a PDF. Raises
        `ImageError` when the file exists (unless `overwrite`) or cannot be written.
        """
        finish = Finish(self.note if note else None, profile, pyramid, jpeg_quality)
        save(self.picture, self.bands(), Path(path), finish, replace=overwrite)

    def encode(self, ending: str = ".png", *, note: bool = True) -> bytes:
        """Give the bytes of the picture as a file, as `save` would write it to such an ending."""
        return encode(self.picture, self.bands(), ending, Finish(self.note if note else None))

    def array(self, dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
        """Give sRGB samples, (H, W, 3) or with alpha (H, W, 4).

        They are uint8 or uint16 as the picture's, or floats in 0..1 when `dtype` says so.
        """
        pixels = np.concatenate(list(self.bands()))
        if dtype is None or pixels.dtype == dtype:
            return pixels
        return (pixels / np.iinfo(pixels.dtype).max).astype(dtype)

    def over(self, picture: Picture) -> "Colorized":
        """Lay the same colours over another size of the same picture."""
        return Colorized(picture, self._small, self._threads, self.had_color, self.note)

    def region(self, left: int, top: int, samples: Samples) -> Samples:
        """Colour samples of the picture, (h, w) or (h, w, 3), whose first is at `left`, `top`."""
        return self._recombiner.recombine(samples, top, left)

    def bands(self) -> Iterator[Band]:
        """Colour the bands in order, several at a time, few of them in memory."""
        waiting: deque[Future[Band]] = deque()
        top = 0
        with ThreadPoolExecutor(self._threads) as pool:
            for samples, alpha in self.picture.bands():
                waiting.append(pool.submit(self._band, top, samples, alpha))
                top += len(samples)
                if len(waiting) > 2 * self._threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _band(self, top: int, samples: Samples, alpha: Samples | None) -> Band:
        rgb = self._recombiner.recombine(samples, top)
        return rgb if alpha is None else np.concatenate([rgb, alpha[..., None]], axis=2)


class ColorizedPages:
    """The coloured pages of one file; each is painted when it is asked for.

    `colorize` gives page `number`, from 0, of `count`.
    """

    def __init__(self, count: int, colorize: Callable[[int], Colorized]) -> None:
        self.count, self._colorize = count, colorize
        self._had_color: bool | None = None

    @property
    def had_color(self) -> bool:
        """Whether a page had colours of its own, which were dropped."""
        if self._had_color is None:
            self._had_color = any(page.had_color for page in self)
        return self._had_color

    def __iter__(self) -> Iterator[Colorized]:
        """Paint the pages, one after the other."""
        return map(self._colorize, range(self.count))

    def save(
        self,
        path: str | Path,
        *,
        overwrite: bool = False,
        note: bool = True,
        profile: str = "srgb",
        pyramid: bool = False,
        jpeg_quality: int = JPEG_QUALITY,
    ) -> None:
        """Write the pages as one TIFF or PDF; options and errors are those of `Colorized.save`."""
        finish = Finish(None, profile, pyramid, jpeg_quality)
        save_pages(self._pages(note), Path(path), finish, replace=overwrite)

    def encode(self, ending: str = ".tif", *, note: bool = True) -> bytes:
        """Give the bytes of the file, as `save` would write it to such an ending."""
        return encode_pages(self._pages(note), ending)

    def _pages(self, note: bool) -> Iterator[Page]:
        """Paint the pages; note, at the end, whether any had colours."""
        had_color = False
        for page in self:
            had_color |= page.had_color
            yield page.picture, page.bands(), page.note if note else None
        self._had_color = had_color
