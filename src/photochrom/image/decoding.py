"""Decoding: a file whose header has been read and checked, and its pixels, taken twice.

Once they are shrunk, for the model, and once they come in bands from top to bottom, so that a
picture far larger than memory can be coloured.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.color import Samples
from photochrom.errors import ImageError, NoPictures
from photochrom.image import pdf, raw
from photochrom.places import files_below, reaching

FORMATS = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
    ".avif": "heif",
    ".heic": "heif",
    ".heif": "heif",
}
"""File name endings that are read and written through libvips, and its name of each format."""
READABLE = {*FORMATS, pdf.ENDING, *raw.ENDINGS}
"""File name endings that are read."""

_NO_RESOLUTION = 1.0  # pixels a millimetre: what libvips gives where a file tells none
_BAND_PIXELS = 1 << 17  # of a band: its planes stay in the processor's cache
_READABLE = "JPEG, PNG, TIFF, WebP, AVIF, HEIC or PDF"


@dataclass(frozen=True)
class Limits:
    """What is refused before a pixel is decoded."""

    bytes: int = 4 << 30
    """The largest file."""
    pixels: int = 500_000_000
    """The largest picture."""


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
        limits = limits or Limits()
        self._source = _checked_array(source) if isinstance(source, np.ndarray) else source
        self._page = page or 0
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
        if self.pages > 1 and page is None:
            raise ImageError(f"{self.name}: {self.pages} pages; save each as a file of its own")
        self.width: int = upright.width
        self.height: int = upright.height
        self.bits: int = 8 if self.header.format == "uchar" else 16
        self.has_alpha: bool = bool(self.header.hasalpha())

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        """The samples' type."""
        return np.uint16 if self.bits == 16 else np.uint8

    @property
    def band_rows(self) -> int:
        """Height of the bands that `bands` gives."""
        return max(1, min(self.height, _BAND_PIXELS // self.width))

    def thumbnail(self, width: int, height: int) -> Samples:
        """Shrink the picture: (height, width) samples when grey, else (height, width, 3)."""
        options = {"height": height, "size": "force", "fail_on": "error"}
        with _explained(self.name):
            if isinstance(self._source, np.ndarray) or self._has_floats or self._page:
                whole = _whole_numbers(self._open("sequential"))
                small = whole.thumbnail_image(width, height=height, size="force")
            else:
                small = pyvips.Image.thumbnail_source(self._vips_source(), width, **options)
            pixels = _standard(small).numpy()
        return _without_alpha(np.atleast_3d(pixels))

    def bands(self) -> Iterator[tuple[Samples, Samples | None]]:
        """Decode from top to bottom: bands of samples as in `thumbnail`, and of alpha, or None.

        Alpha is (rows, width). Every band is `band_rows` high but the last.
        """
        # Sideways pictures are decoded whole: beyond 100 MB libvips puts them on disk.
        turned = _orientation(self.header) > 1
        with _explained(self.name):
            image = _standard(self._open("random" if turned else "sequential").autorot())
            region = pyvips.Region.new(image)
            for top in range(0, self.height, self.band_rows):
                rows = min(self.band_rows, self.height - top)
                data = region.fetch(0, top, self.width, rows)
                pixels: npt.NDArray[Any] = np.frombuffer(data, self.dtype).reshape(
                    rows, self.width, -1
                )
                alpha = pixels[..., -1] if pixels.shape[2] in (2, 4) else None
                yield _without_alpha(pixels), alpha

    def _convert(self, limits: Limits) -> None:
        """Make an array of what libvips does not read."""
        if isinstance(self._source, np.ndarray):
            return
        if pdf.is_pdf(self._source):
            self.pages = pdf.count_pages(self._source, self.name)
            self._source, scale = pdf.render(self._source, self.name, self._page, limits.pixels)
            self.resolution = scale, scale
        elif isinstance(self._source, Path) and raw.is_raw(self._source):
            self._source = raw.develop(self._source)

    def _open(self, access: str) -> Any:
        if isinstance(self._source, np.ndarray):
            return _from_array(self._source)
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
        return pyvips.Source.new_from_file(str(self._source))

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
        if image.width * image.height > limits.pixels:
            raise ImageError(
                f"{self.name}: {image.width} x {image.height} pixels, "
                f"the limit is {limits.pixels:,} in all"
            )
        if isinstance(self._source, np.ndarray):
            return
        loader = image.get("vips-loader")
        if not loader.startswith(tuple(set(FORMATS.values()))):
            raise ImageError(f"{self.name}: not a kind of picture that is read; give {_READABLE}")
        if image.format not in ("uchar", "ushort") and not self._has_floats:
            raise ImageError(f"{self.name}: {image.format} samples; save it with 8 or 16 bits")
        if image.xres > _NO_RESOLUTION:
            self.resolution = image.xres, image.yres
        pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
        if pages > 1 and not loader.startswith("heif") and not self._is_pyramid(pages):
            self.pages = pages

    def _is_pyramid(self, pages: int) -> bool:
        """Whether every page is the one before it at half of its size."""
        if self._page or not self.header.get("vips-loader").startswith("tiff"):
            return False
        above = self.header
        for page in range(1, pages):
            below = pyvips.Image.new_from_source(self._vips_source(), "", page=page)
            sides = ((above.width, below.width), (above.height, below.height))
            if any(abs(large / 2 - small) > 1 for large, small in sides):
                return False
            above = below
        return True

    @property
    def _has_floats(self) -> bool:
        return bool(self.header.format == "float")

    def _check_floats(self) -> None:
        """Floats are sRGB in 0..1, as in arrays."""
        if self._has_floats:
            low, high = (self.header.stats()(place, 0)[0] for place in (0, 1))
            self.header = self._open("sequential")  # what is read in order can be read once
            if not (low >= 0 and high <= 1):
                raise ImageError(f"{self.name}: floats from {low:g} to {high:g}; give them in 0..1")


def _standard(image: Any) -> Any:
    """Bring a decoded picture to grey or sRGB samples, 8 or 16 bits, alpha kept last."""
    image = _whole_numbers(image)
    deep = image.format == "ushort"
    grey = image.bands < 3
    profile = image.get("icc-profile-data") if image.get_typeof("icc-profile-data") else None
    if profile and not is_srgb(profile):
        image = image.icc_transform("srgb", embedded=True, depth=16 if deep else 8)
    elif image.interpretation == "cmyk":
        image = image.icc_transform("srgb", input_profile="cmyk", depth=16 if deep else 8)
    elif grey:
        image = image.colourspace("grey16" if deep else "b-w")
    else:
        image = image.colourspace("rgb16" if deep else "srgb")
    return image.cast("ushort" if deep else "uchar")


def _whole_numbers(image: Any) -> Any:
    """Make 16 bits of floats in 0..1."""
    if image.format != "float":
        return image
    space = "grey16" if image.bands < 3 else "rgb16"
    return (image * 65535 + 0.5).cast("ushort").copy(interpretation=space)


def is_srgb(profile: bytes) -> bool:
    """Whether an ICC profile is sRGB, by its description."""
    return b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile


def _orientation(header: Any) -> int:
    return int(header.get("orientation")) if header.get_typeof("orientation") else 1


def _without_alpha(pixels: Samples) -> Samples:
    """Grey (H, W) or RGB (H, W, 3) of (H, W, C) samples with C from 1 to 4."""
    return pixels[..., 0] if pixels.shape[2] < 3 else pixels[..., :3]


def _checked_array(array: npt.NDArray[Any]) -> Samples:
    """Check an array from outside and bring it to uint8 or uint16 samples."""
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise ImageError(f"an array of shape {array.shape}; give (H, W), (H, W, 3) or (H, W, 4)")
    if not array.size:
        raise ImageError(f"an empty array of shape {array.shape}")
    if array.dtype in (np.uint8, np.uint16):
        return np.ascontiguousarray(array)
    if not np.issubdtype(array.dtype, np.floating):
        raise ImageError(f"an array of {array.dtype}; give uint8, uint16, or floats in 0..1")
    if not np.isfinite(array).all():
        raise ImageError("the array holds NaN or infinite values")
    if array.min() < 0 or array.max() > 1:
        raise ImageError(f"floats from {array.min():g} to {array.max():g}; give them in 0..1")
    samples: Samples = np.rint(array * 65535).astype(np.uint16)
    return samples


def _from_array(array: Samples) -> Any:
    image = pyvips.Image.new_from_array(array)
    deep, grey = array.dtype == np.uint16, image.bands < 3
    space = ("grey16" if grey else "rgb16") if deep else ("b-w" if grey else "srgb")
    return image.copy(interpretation=space)


def find_pictures(
    place: Path, besides: Path | None = None, unread: dict[Path, str] | None = None
) -> list[Path]:
    """List the pictures below a folder, sorted by their paths; or the one file that `place` is.

    Pictures are told by the endings of their names; files such as ._x.jpg, which macOS puts beside
    pictures, are none. The folder `besides` is left out. Folders that cannot be read go into
    `unread`, with a sentence each, or raise `ImageError`; so do a missing folder and, as
    `NoPictures`, one without pictures.
    """
    with reaching(place):
        if place.is_file():
            return [place]
        if not place.is_dir():
            raise ImageError(f"{place}: no such file or folder")
        found = sorted(
            path
            for path in files_below(place, besides, unread)
            if path.suffix.lower() in READABLE and not path.name.startswith("._")
        )
    if not found and not unread:
        raise NoPictures(f"{place}: no pictures in this folder")
    return found


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


def to_rgb8(samples: Samples) -> npt.NDArray[np.uint8]:
    """Bring samples, grey (H, W) or colour (H, W, 3), to uint8 (H, W, 3)."""
    shallow = (samples >> 8 if samples.dtype == np.uint16 else samples).astype(np.uint8)
    return shallow if shallow.ndim == 3 else np.repeat(shallow[..., None], 3, axis=2)
