"""Decoding: a file whose header has been read and checked, and its pixels, taken twice.

Once they are shrunk, for the model, and once they come in bands from top to bottom, so that a
picture far larger than memory can be coloured.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.color.spaces import Samples
from photochrom.errors import ImageError
from photochrom.image import pdf, raw
from photochrom.image.formats import FORMATS
from photochrom.image.limits import Limits
from photochrom.image.profiles import (
    FLOATS,
    checked_array,
    from_array,
    standard,
    to_rgb8,
    whole_numbers,
    without_alpha,
)
from photochrom.image.tiff_pages import with_singles
from photochrom.image.tiff_tags import (
    Directory,
    count_directories,
    integer,
    read_directory,
    resolution,
)
from photochrom.storage import local_copy, reaching

_NO_RESOLUTION = 1.0  # pixels a millimetre: what libvips gives where a file tells none
_WIDTH, _HEIGHT, _BITS, _SAMPLE_FORMAT = 256, 257, 258, 339  # tags of TIFF
_FLOATS = 3  # of _SAMPLE_FORMAT
_SUBFILE, _OLD_SUBFILE = 254, 255  # what a page is to the others
_BAND_PIXELS = 1 << 18  # of a band
_READABLE = "JPEG, PNG, TIFF, WebP, AVIF, HEIC or PDF"


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn libvips' errors into one line about the picture `name`."""
    try:
        yield
    except pyvips.Error as error:
        lines = (error.detail or str(error)).strip().splitlines() or ["unknown error"]
        reason = lines[0].split(": ", 1)[-1]
        raise ImageError(f"{name}: damaged or cut off ({reason})") from error
    except UnicodeDecodeError as error:  # libvips' message quotes bytes of the file
        raise ImageError(f"{name}: damaged or cut off") from error


class Picture:
    """A picture whose header has been read: upright, sRGB, 8 or 16 bits a sample.

    `source` is a path, a file's bytes, or an array: (H, W), (H, W, 3) or (H, W, 4), uint8,
    uint16, or floats in 0..1. Of a file with several pages, TIFF or PDF, `page` is one, from 0.
    Raises `ImageError` when it is no picture or beyond the limits, or when it has several pages
    and none is chosen.
    """

    def __init__(
        self,
        source: Path | bytes | npt.NDArray[Any],
        limits: Limits | None = None,
        page: int | None = None,
    ) -> None:
        self.limits = limits = limits or Limits()
        self._source = checked_array(source) if isinstance(source, np.ndarray) else source
        self._file = self._source
        self._page = self._number = page or 0
        self.name = str(source) if isinstance(source, Path) else "the picture"
        self.pages = 1
        """Of the file."""
        self.resolution: tuple[float, float] | None = None
        """Pixels a millimetre, across and down, where the file tells."""
        self._check_bytes(limits)
        self._convert(limits)
        with _explained(self.name):
            self.header = self._open("sequential")
            self._check_header(limits)
            self._check_floats()
            upright = self.header.autorot()
            channels = standard(self.header).bands
        if self.pages > 1 and page is None:
            raise ImageError(f"{self.name}: {self.pages} pages; save each as a file of its own")
        self.width: int = upright.width
        self.height: int = upright.height
        self.bits: int = 8 if self.header.format == "uchar" else 16
        self.has_alpha: bool = channels not in (1, 3)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        """The samples' type."""
        return np.uint16 if self.bits == 16 else np.uint8

    @property
    def band_rows(self) -> int:
        """Height of the bands that `bands` gives."""
        return rows_of_band(self.width, self.height)

    @property
    def pdf_page(self) -> tuple[Path | bytes, int] | None:
        """The PDF that it is a page of, and the page's number from 0."""
        if isinstance(self._file, np.ndarray) or not pdf.is_pdf(self._file):
            return None
        return self._file, self._number

    def tags(self, wanted: set[int], page: int | None = None) -> Directory:
        """Read tags of the page, or of another, if the file is a TIFF or made like one."""
        if isinstance(self._file, np.ndarray):
            return {}
        number = self._number if page is None else page
        opened = BytesIO(self._file) if isinstance(self._file, bytes) else self._file.open("rb")
        with opened as file:
            return read_directory(file, number, wanted)

    def thumbnail(self, width: int, height: int) -> Samples:
        """Shrink the picture: (height, width) samples when grey, else (height, width, 3)."""
        options = {"height": height, "size": "force", "fail_on": "error"}
        with _explained(self.name):
            if isinstance(self._source, np.ndarray):
                return shrink(self._source, width, height)
            if self._has_floats or self._page:
                whole = whole_numbers(self._open("sequential"))
                small = whole.thumbnail_image(width, height=height, size="force")
            else:
                small = pyvips.Image.thumbnail_source(self._vips_source(), width, **options)
            pixels = standard(small).numpy()
        return without_alpha(np.atleast_3d(pixels))

    def bands(self) -> Iterator[tuple[Samples, Samples | None]]:
        """Decode from top to bottom: bands of samples as in `thumbnail`, and of alpha, or None.

        Alpha is (rows, width). Every band is `band_rows` high but the last.
        """
        # Sideways pictures are decoded whole: beyond 100 MB libvips puts them on disk.
        turned = _orientation(self.header) > 1
        with _explained(self.name):
            image = standard(self._open("random" if turned else "sequential").autorot())
            region = pyvips.Region.new(image)
            for top in range(0, self.height, self.band_rows):
                self.limits.check_wanted()
                rows = min(self.band_rows, self.height - top)
                data = region.fetch(0, top, self.width, rows)
                pixels: npt.NDArray[Any] = np.frombuffer(data, self.dtype).reshape(
                    rows, self.width, -1
                )
                # Behind alpha, a TIFF may have channels of any meaning; they are dropped.
                alpha = pixels[..., 1 if pixels.shape[2] == 2 else 3] if self.has_alpha else None
                yield without_alpha(pixels), alpha

    def _convert(self, limits: Limits) -> None:
        """Make an array of what libvips does not read."""
        if isinstance(self._source, np.ndarray):
            return
        page = self.tags({_WIDTH, _HEIGHT, _BITS, _SAMPLE_FORMAT})
        if pdf.is_pdf(self._source):
            self.pages = pdf.count_pages(self._source, self.name)
            self._source, scale = pdf.render(self._source, self.name, self._page, limits.pixels)
            self.resolution = scale, scale
        elif isinstance(self._source, Path) and raw.is_raw(self._source):
            self._check_size(*raw.size(self._source), limits)
            self._source = raw.develop(self._source)
        elif integer(page, _BITS) == 64 and integer(page, _SAMPLE_FORMAT) == _FLOATS:
            self._check_size(integer(page, _WIDTH), integer(page, _HEIGHT), limits)
            self._source, self.pages = with_singles(self._source, self._page, self.name)
            self._page = 0

    def _open(self, access: str) -> Any:
        if isinstance(self._source, np.ndarray):
            return from_array(self._source)
        source, options = self._vips_source(), {"page": self._page} if self._page else {}
        try:
            return pyvips.Image.new_from_source(
                source, "", access=access, fail_on="error", **options
            )
        except pyvips.Error as error:
            # The detail is libvips' error buffer, which other threads may have emptied.
            if "unable to load" in error.message:
                raise ImageError(f"{self.name}: not a picture; give {_READABLE}") from error
            raise

    def _vips_source(self) -> Any:
        if isinstance(self._source, bytes):
            return pyvips.Source.new_from_memory(self._source)
        return pyvips.Source.new_from_file(os.fsencode(str(self._source)))

    def _check_bytes(self, limits: Limits) -> None:
        if isinstance(self._source, np.ndarray):
            return
        if isinstance(self._source, bytes):
            size = len(self._source)
        else:
            try:
                size = self._source.stat().st_size
                if self._source.is_dir():
                    raise ImageError(f"{self.name}: a folder, not a picture")
                with self._source.open("rb"):
                    pass
            except FileNotFoundError as error:
                raise ImageError(f"{self.name}: no such file") from error
            except OSError as error:
                raise ImageError(f"{self.name}: {error.strerror}") from error
        if not size:
            raise ImageError(f"{self.name}: the file is empty")
        if size > limits.bytes:
            raise ImageError(f"{self.name}: {size:,} bytes, the limit is {limits.bytes:,}")

    def _check_header(self, limits: Limits) -> None:
        image = self.header
        self._check_size(image.width, image.height, limits)
        if isinstance(self._source, np.ndarray):
            return
        loader = image.get("vips-loader")
        if not loader.startswith(tuple(set(FORMATS.values()))):
            raise ImageError(f"{self.name}: not a kind of picture that is read; give {_READABLE}")
        if image.format not in ("uchar", "ushort") and not self._has_floats:
            raise ImageError(f"{self.name}: {image.format} samples; save it with 8 or 16 bits")
        if image.xres > _NO_RESOLUTION:
            self.resolution = image.xres, image.yres
        elif image.get_typeof("exif-data"):  # libvips takes no notice of it in WebP and AVIF
            self.resolution = resolution(image.get("exif-data"))
        pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
        whole = self._page or not _is_pyramid(pages, self.tags)
        if whole and not loader.startswith("heif"):
            self.pages = pages

    def _check_size(self, width: int, height: int, limits: Limits) -> None:
        if width * height > limits.pixels:
            raise ImageError(
                f"{self.name}: {width} x {height} pixels, the limit is {limits.pixels:,} in all"
            )

    @property
    def _has_floats(self) -> bool:
        return self.header.format in FLOATS

    def _check_floats(self) -> None:
        """Floats are sRGB in 0..1, as in arrays."""
        if self._has_floats:
            stats = self.header.stats()
            low, high, total = (stats(index, 0)[0] for index in range(3))
            self.header = self._open("sequential")  # what is read in order can be read once
            if not isfinite(total):
                raise ImageError(f"{self.name}: NaN or infinite values; give floats in 0..1")
            if not (low >= 0 and high <= 1):
                raise ImageError(f"{self.name}: floats from {low:g} to {high:g}; give them in 0..1")


def rows_of_band(width: int, height: int) -> int:
    """Give the height of the bands in which a picture is worked on."""
    return max(1, min(height, _BAND_PIXELS // width))


def shrink(samples: Samples, width: int, height: int) -> Samples:
    """Shrink samples, (H, W) or (H, W, C), as `Picture.thumbnail` does; alpha is dropped."""
    small = from_array(samples).thumbnail_image(width, height=height, size="force")
    return without_alpha(np.atleast_3d(standard(small).numpy()))


def _orientation(header: Any) -> int:
    return int(header.get("orientation")) if header.get_typeof("orientation") else 1


def _is_pyramid(pages: int, tags: Callable[[set[int], int], Directory]) -> bool:
    """Whether every page but the first says that it is a smaller version of another."""
    found = (tags({_SUBFILE, _OLD_SUBFILE}, number) for number in range(1, pages))
    return all(integer(page, _SUBFILE) & 1 or integer(page, _OLD_SUBFILE) == 2 for page in found)


def count_pages(path: Path) -> int:
    """Count the pages of a TIFF or a PDF, told by its name, without decoding any; else give 1.

    Raises `ImageError` when it cannot be read, `MissingExtra` when it is a PDF and PDFium is not
    installed.
    """
    if pdf.is_pdf(path):
        with local_copy(path, Limits.bytes) as copy:
            return pdf.count_pages(copy, str(path))
    if FORMATS.get(path.suffix.lower()) != "tiff":
        return 1
    with reaching(path), path.open("rb") as file:
        pages = count_directories(file)
        smaller = _is_pyramid(pages, lambda wanted, page: read_directory(file, page, wanted))
    return 1 if smaller else pages


def load_rgb(
    source: Path | bytes, short_side: int, *, enlarge: bool = True, page: int | None = None
) -> npt.NDArray[np.uint8]:
    """Read a picture upright as sRGB, uint8 (H, W, 3), with its short side brought to a size.

    `source` is a path or a file's bytes. Without `enlarge`, a picture that is smaller keeps its
    size. Raises `ImageError` when the file is missing, damaged or no picture, or has several pages
    and `page` does not choose one.
    """
    picture = Picture(source, page=page)
    scale = short_side / min(picture.width, picture.height)
    scale = scale if enlarge else min(1.0, scale)
    pixels = picture.thumbnail(
        max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    )
    return to_rgb8(pixels)
