"""A file that is read, and what a decoder makes of one that libvips does not read."""

import re
import struct
import warnings
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.color.spaces import Samples
from photochrom.errors import ImageError, PhotochromWarning
from photochrom.image.limits import Limits
from photochrom.image.png_chunks import Chunks, read_chunks
from photochrom.image.tiff_tags import (
    Directory,
    Pages,
    page_directories,
    read_directory,
    read_directory_at,
    resolution,
    resolution_of,
)

_LARGEST_SEGMENT = 65_000  # bytes of EXIF in a JPEG
_EXIF = b"Exif\0\0"
_START = 64  # bytes that tell what a file is
TIFF = rb"II[*+]\0|MM\0[*+]"
"""How a TIFF begins, as a regular expression."""
APPLE_GAIN_MAP = b"urn:com:apple:photo:2020:aux:hdrgainmap"
"""What an iPhone calls the gain map in a HEIC or behind a JPEG."""
_RESOLUTION = {282, 283, 296}  # tags of a TIFF
_STANDARD = 1.0  # pixels a millimetre: what libvips gives, and writes, where none is told
_MIN_RESOLUTION = 1 / 25.4  # pixels a millimetre: one an inch stands for none, too


@dataclass(frozen=True)
class SourceFile:
    """A file, on the disk or in memory, of which page `page`, from 0, is wanted."""

    source: Path | bytes
    name: str
    page: int
    limits: Limits
    offset: int | None = None
    """Where the page's directory is, if it is a TIFF's and known."""
    is_alone: bool = True
    """Whether a TIFF is whole and has this page alone, if the page is found."""

    @cached_property
    def start(self) -> bytes:
        """Its first bytes."""
        return self.head(_START)

    def head(self, size: int) -> bytes:
        """Read the first so many bytes."""
        with self.opened() as file:
            return file.read(size)

    def opened(self) -> BinaryIO:
        """Open it for reading."""
        return BytesIO(self.source) if isinstance(self.source, bytes) else self.path.open("rb")

    @property
    def extension(self) -> str:
        """Of its name, in small letters; "" in memory."""
        return "" if isinstance(self.source, bytes) else self.source.suffix.lower()

    @property
    def path(self) -> Path:
        """Where it is on the disk; only for formats that are told by names."""
        assert isinstance(self.source, Path)
        return self.source

    @property
    def data(self) -> bytes:
        """All its bytes."""
        return self.source if isinstance(self.source, bytes) else self.source.read_bytes()

    @cached_property
    def png_chunks(self) -> Chunks:
        """What is read of its chunks, if it is a PNG."""
        with self.opened() as file:
            return read_chunks(file)

    def tags(self, wanted: set[int]) -> Directory:
        """Read tags of the page, if the file is a TIFF or made like one."""
        with self.opened() as file:
            if self.offset is not None:
                return read_directory_at(file, self.offset, wanted)
            return read_directory(file, self.page, wanted)

    def at_page(self, number: int) -> tuple["SourceFile", int]:
        """Find a page of a TIFF among its directories, of which thumbnails are others.

        Gives the file with that page, and how many pages it has. Raises `ImageError` when there
        are fewer.
        """
        if isinstance(self.source, bytes):
            pages = page_directories(BytesIO(self.source))
        else:
            file = self.source.stat()
            pages = _pages(self.source, file.st_size, file.st_mtime_ns)
        directories = pages.directories or [(0, 0)]
        if number >= len(directories):
            raise ImageError(
                f"{self.name}: there is no page {number + 1}; choose 1 to {len(directories)}"
            )
        directory, offset = directories[number]
        is_alone = pages.is_whole and len(directories) == 1 and directory == 0
        found = replace(self, page=directory, offset=offset or None, is_alone=is_alone)
        return found, len(directories)


@lru_cache(maxsize=4)
def _pages(path: Path, size: int, written: int) -> Pages:
    """Find the pages of a file that is as large and as old as is said: it is asked page by page."""
    with path.open("rb") as file:
        return page_directories(file)


def is_tiff(file: SourceFile) -> bool:
    """Whether it begins as a TIFF does."""
    return re.match(TIFF, file.start) is not None


def source_resolution(header: Any, file: SourceFile) -> tuple[float, float] | None:
    """Give the resolution that the file of libvips' picture tells, in pixels a millimetre.

    libvips makes one up of some files without any, and takes notice of none in WebP and AVIF.
    """
    loader, found = header.get("vips-loader"), (header.xres, header.yres)
    if is_tiff(file):  # of which one may tell the shape of pixels only
        return _likely(resolution_of(file.tags(_RESOLUTION)))
    is_real = not loader.startswith("jpeg") or bool(header.get_typeof("resolution-unit"))
    if loader.startswith("png"):
        is_real = b"pHYs" in file.png_chunks.colors
    if is_real and _likely(found):
        return found
    has_exif = bool(header.get_typeof("exif-data"))
    return _likely(resolution(header.get("exif-data"))) if has_exif else None


def _likely(found: tuple[float, float] | None) -> tuple[float, float] | None:
    """Give a resolution, but for those that stand for none."""
    is_none = not found or found == (_STANDARD, _STANDARD) or min(found) <= _MIN_RESOLUTION
    return None if is_none else found


def warn_of_gain_map(name: str) -> None:
    """Issue a `PhotochromWarning` for a picture that has one, for bright displays."""
    warnings.warn(
        f"{name}: its gain map (HDR) is dropped, its picture is coloured",
        PhotochromWarning,
        stacklevel=3,
    )


@dataclass(frozen=True)
class Decoded:
    """A picture in memory."""

    image: Any
    """libvips' picture, its metadata among its fields."""
    pages: int = 1
    """Of the file."""
    resolution: tuple[float, float] | None = None
    """Pixels a millimetre, across and down, where the file tells."""
    missing: npt.NDArray[np.bool_] | None = field(default=None, repr=False)
    """Which pixels of the stored picture, (H, W), the file lacks; None when it has all."""


def from_array(array: Samples) -> Any:
    """Make libvips' picture of samples, (H, W) or (H, W, C)."""
    image = pyvips.Image.new_from_array(array)
    deep, grey = array.dtype == np.uint16, image.bands < 3
    space = ("grey16" if grey else "rgb16") if deep else ("b-w" if grey else "srgb")
    return image.copy(interpretation=space)


def set_blob(image: Any, name: str, data: bytes | None) -> None:
    """Give a picture metadata, if there is any: "exif-data", "xmp-data" or "icc-profile-data"."""
    if data:
        image.set_type(pyvips.GValue.blob_type, name, data)


def set_exif(image: Any, block: bytes) -> None:
    """Give a picture what libvips wants of EXIF, which it reads from a small JPEG around it."""
    if not block or len(block) > _LARGEST_SEGMENT:
        return
    segment = _EXIF + block.removeprefix(_EXIF)
    jpeg = pyvips.Image.black(1, 1).jpegsave_buffer(keep="none")
    jpeg = jpeg[:2] + struct.pack(">HH", 0xFFE1, len(segment) + 2) + segment + jpeg[2:]
    copy_fields(pyvips.Image.new_from_buffer(jpeg, ""), image, ("exif-", "orientation"))


def field_names(image: Any) -> list[str]:
    """Name a picture's fields, but those called by text of a PNG that is not UTF-8."""
    names, array, index = list[str](), pyvips.vips_lib.vips_image_get_fields(image.pointer), 0
    while array[index] != pyvips.ffi.NULL:
        with suppress(UnicodeDecodeError):
            names.append(pyvips.ffi.string(array[index]).decode())
        pyvips.glib_lib.g_free(array[index])
        index += 1
    pyvips.glib_lib.g_free(array)
    return names


def copy_fields(source: Any, target: Any, starts: tuple[str, ...]) -> None:
    """Give a picture those of another's fields that it lacks and whose names begin so."""
    for name in field_names(source):
        if name.startswith(starts) and not target.get_typeof(name):
            target.set_type(source.get_typeof(name), name, source.get(name))


def text_profile(image: Any, name: str) -> bytes | None:
    """Read a profile in a PNG's text: a line with a name, one with a size, and hexadecimal digits.

    That is ImageMagick's way, which others have taken over.
    """
    for field_name in field_names(image):
        if field_name.endswith(f"Raw profile type {name}"):
            try:
                return bytes.fromhex(image.get(field_name).split(maxsplit=2)[2])
            except (IndexError, ValueError):
                return None
    return None
