"""Decoding: a file whose header has been read and checked, and its pixels, taken twice.

Once they are shrunk, for the model, and once they come in bands from top to bottom, so that a
picture far larger than memory can be coloured.
"""

import warnings
from collections.abc import Iterator
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.color.spaces import Samples
from photochrom.errors import ImageError, PhotochromWarning
from photochrom.image import decoders, jpeg, luma, pdf, tiff_samples
from photochrom.image.animation import Timing, timing_of
from photochrom.image.decoded import Decoded, SourceFile, from_array, is_tiff, source_resolution
from photochrom.image.formats import FORMATS
from photochrom.image.limits import Limits
from photochrom.image.profiles import (
    FLOATS,
    check_floats,
    checked_array,
    is_usable,
    standard,
    to_rgb8,
    whole_numbers,
    without_alpha,
)
from photochrom.image.stream import LOADERS, READ, Stream, check_bytes, explained
from photochrom.image.tiff_tags import Directory, page_directories
from photochrom.storage import check_is_file, local_copy, reaching

_BAND_PIXELS = 1 << 18  # of a band


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
        self.name = str(source) if isinstance(source, Path) else "the picture"
        self.format = ""
        """Of the file, where another library than libvips has read it."""
        self.pages = 1
        """Of the file."""
        self.resolution: tuple[float, float] | None = None
        """Pixels a millimetre, across and down, where the file tells."""
        self._page = page or 0
        self._file, self._decoded = self._opened(source)
        self._stream = None if self._decoded or not self._file else Stream(self._file)
        with explained(self.name):
            self.header = self._opened_first()
            self._check_header(limits)
            self._check_floats()
            self._check_profile()
            upright = self.header.autorot()
            channels = standard(self.header).bands
        if self.pages > 1 and page is None and not self.timing:
            raise ImageError(
                f"{self.name}: the file has {self.pages} pages; save each as a file of its own"
            )
        self.width: int = upright.width
        self.height: int = upright.height
        self.bits: int = 8 if self.header.format == "uchar" else 16
        self.has_alpha: bool = channels not in (1, 3)
        self.missing: npt.NDArray[np.bool_] | None = self._missing()
        """Which pixels, (height, width), a damaged file lacks; None when it has all."""
        self._luma: luma.Luma | None = None
        loader = self.header.get("vips-loader") if self._stream else ""
        self._may_have_luma = loader.startswith("jpeg")

    def shrunk(self, width: int, height: int) -> "Picture":
        """Give the picture, smaller; what a damaged file lacks is missing there, too."""
        small = Picture(self.thumbnail(width, height), self.limits)
        small.missing = shrunk_missing(self.missing, width, height)
        return small

    def __repr__(self) -> str:
        pages = f", page {self._page + 1} of {self.pages}" if self.pages > 1 else ""
        return f"<Picture {self.name}: {self.width} x {self.height}, {self.bits} bits{pages}>"

    @property
    def page(self) -> int:
        """Which page or frame of its file it is, from 0."""
        return self._page

    @property
    def timing(self) -> Timing | None:
        """How the frames of its file follow one another, if it is an animation."""
        return timing_of(self.header, self.pages)

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
    def path(self) -> Path | None:
        """The file that it was read from, if it was one."""
        source = self._file.source if self._file else None
        return source if isinstance(source, Path) else None

    @property
    def pdf_page(self) -> tuple[Path | bytes, int] | None:
        """The PDF that it is a page of, and the page's number from 0."""
        if not self._file or not pdf.is_pdf(self._file.source):
            return None
        return self._file.source, self._page

    def tags(self, wanted: set[int]) -> Directory:
        """Read tags of the page, if the file is a TIFF."""
        return self._file.tags(wanted) if self._file and is_tiff(self._file) else {}

    @property
    def luma(self) -> luma.Luma | None:
        """Its samples, (height, width), if it is a large grey JPEG; None of any other picture."""
        if self._luma is not None or not self._may_have_luma:
            return self._luma
        assert self._file
        found = luma.decode(self._file, self.header)
        self._may_have_luma = found is not None
        self._luma = found if found is not None and luma.keeps(found) else None
        return found

    def thumbnail(self, width: int, height: int) -> Samples:
        """Shrink the picture: (height, width) samples when grey, else (height, width, 3)."""
        with explained(self.name):
            pixels = self._shrunk(width, height)
        return without_alpha(np.atleast_3d(pixels))

    def _shrunk(self, width: int, height: int) -> npt.NDArray[Any]:
        if (grey := self.luma) is not None:
            return shrink(grey, width, height)
        if self._stream and not (self._has_floats or self._stream.is_repaired):
            try:
                return np.asarray(standard(self._stream.thumbnail(width, height)).numpy())
            except pyvips.Error:
                if not is_tiff(self._stream.file):
                    raise  # the smaller versions in a TIFF may be of a kind that is not read
        whole = whole_numbers(self._open("sequential"))
        small = whole.thumbnail_image(width, height=height, size="force")
        return np.asarray(standard(small).numpy())

    def bands(self) -> Iterator[tuple[Samples, Samples | None]]:
        """Decode from top to bottom: bands of samples as in `thumbnail`, and of alpha, or None.

        Alpha is (rows, width). Every band is `band_rows` high but the last.
        """
        if (grey := self.luma) is not None:
            for top in range(0, self.height, self.band_rows):
                self.limits.check_wanted()
                yield grey[top : top + self.band_rows], None
            return
        # Sideways pictures are decoded whole: beyond 100 MB libvips puts them on disk.
        turned = _orientation(self.header) > 1
        with explained(self.name):
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

    def _opened(
        self, source: Path | bytes | npt.NDArray[Any]
    ) -> tuple[SourceFile | None, Decoded | None]:
        """Check a source, and decode what libvips does not read."""
        if isinstance(source, np.ndarray):
            return None, Decoded(from_array(checked_array(source)))
        check_bytes(source, self.name, self.limits)
        file = SourceFile(source, self.name, self._page, self.limits)
        if is_tiff(file):
            file, self.pages = file.at_page(self._page)
        decoder = decoders.find(file)
        if not decoder:
            jpeg.warn_of_others(file)
            return file, None
        with explained(self.name):
            decoded = decoder.decode(file)
        self.format = decoder.format
        self.resolution = decoded.resolution
        if not is_tiff(file):
            self.pages = decoded.pages
        return file, decoded

    def _opened_first(self) -> Any:
        """Open it; a TIFF whose tags are too unusual for libvips is decoded with tifffile."""
        try:
            return self._open("sequential")
        except pyvips.Error:
            if not self._file or not is_tiff(self._file):
                raise
            with suppress(ImageError):  # of which libvips has said what it is
                self._decoded = tiff_samples.decode(self._file)
            if not self._decoded:
                raise
            self.format, self.resolution = "TIFF", self._decoded.resolution
            return self._decoded.image

    def _open(self, access: str) -> Any:
        if self._decoded:
            return self._decoded.image
        assert self._stream
        return self._stream.open(access)

    def _missing(self) -> npt.NDArray[np.bool_] | None:
        missing = self._decoded.missing if self._decoded else None
        if missing is None:
            return None
        shown = from_array(missing.astype(np.uint8))
        shown.set_type(pyvips.GValue.gint_type, "orientation", _orientation(self.header))
        return np.asarray(shown.autorot().numpy() > 0)

    def _check_header(self, limits: Limits) -> None:
        image = self.header
        limits.check_size(self.name, image.width, image.height)
        if self._decoded:
            return
        loader = image.get("vips-loader")
        if not loader.startswith(LOADERS):
            raise ImageError(f"{self.name}: this kind of picture is not read; give {READ}")
        if image.format not in ("uchar", "ushort") and not self._has_floats:
            raise ImageError(
                f"{self.name}: its samples are of type {image.format}; save it with 8 or 16 bits"
            )
        self.resolution = source_resolution(image, self._file) if self._file else None
        if image.get_typeof("n-pages") and not loader.startswith(("heif", "tiff")):
            self.pages = image.get("n-pages")

    def _check_profile(self) -> None:
        profile = self.header.get_typeof("icc-profile-data") and self.header.get("icc-profile-data")
        if profile and not is_usable(profile, self.header.interpretation == "cmyk"):
            warnings.warn(
                f"{self.name}: its colour profile is damaged or of another kind, and left out",
                PhotochromWarning,
                stacklevel=3,
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
            check_floats(low, high, isfinite(total), f"{self.name}: ")


def rows_of_band(width: int, height: int) -> int:
    """Give the height of the bands in which a picture is worked on."""
    return max(1, min(height, _BAND_PIXELS // width))


def shrink(samples: Samples, width: int, height: int) -> Samples:
    """Shrink samples, (H, W) or (H, W, C), as `Picture.thumbnail` does; alpha is dropped."""
    small = from_array(samples).thumbnail_image(width, height=height, size="force")
    return without_alpha(np.atleast_3d(standard(small).numpy()))


def _orientation(header: Any) -> int:
    return int(header.get("orientation")) if header.get_typeof("orientation") else 1


def count_pages(path: Path) -> int:
    """Count the pages of a TIFF or a PDF, told by its name, without decoding any; else give 1.

    Raises `ImageError` when it cannot be read, `MissingExtra` when it is a PDF and PDFium is not
    installed.
    """
    if path.suffix.lower() == pdf.EXTENSION:
        with reaching(path), local_copy(path, Limits.bytes) as copy:
            check_is_file(copy)
            return pdf.count_pages(copy, str(path))
    if FORMATS.get(path.suffix.lower()) != "tiff":
        return 1
    with reaching(path):
        check_is_file(path)
    with reaching(path), path.open("rb") as file:
        return max(1, len(page_directories(file).directories))


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


def shrunk_missing(
    missing: npt.NDArray[np.bool_] | None, width: int, height: int
) -> npt.NDArray[np.bool_] | None:
    """Give which pixels a smaller picture lacks, (height, width)."""
    if missing is None:
        return None
    rows = (np.arange(height) * missing.shape[0]) // height
    columns = (np.arange(width) * missing.shape[1]) // width
    return missing[np.ix_(rows, columns)]
