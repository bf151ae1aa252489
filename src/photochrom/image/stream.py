"""A file that libvips reads from top to bottom, and what is put right on the way."""

import os
import re
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyvips

from photochrom.errors import ImageError, undecoded, unread
from photochrom.image import color_tags, tiff_samples
from photochrom.image.decoded import SourceFile, is_tiff, warn_of_gain_map
from photochrom.image.limits import Limits
from photochrom.image.tiff_tags import Directory, changes_to_one
from photochrom.storage import check_is_file

LOADERS = ("jpeg", "png", "tiff", "webp", "heif", "gif", "uhdr")
"""How the names of libvips' loaders begin whose pictures are coloured."""
READ = "JPEG, PNG, TIFF, WebP, AVIF, HEIC, GIF or PDF"
_GAIN_MAP = re.compile(rb"""\s+hdrgm:Version\s*=\s*("[^"]*"|'[^']*')""")
"""By which XMP says that a JPEG has one."""


class Stream:
    """A file that is opened each time that its pixels are wanted."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self._tags: Directory = {}
        self._changes: dict[int, bytes] = {}
        if is_tiff(file):
            self._tags = file.tags(tiff_samples.REPAIRED)
            wrong = tiff_samples.wrong_values(self._tags)
            if file.offset is not None and (wrong or not file.is_alone):
                with file.opened() as opened:
                    self._changes = changes_to_one(opened, file.offset, wrong)
        self.is_repaired = False
        """Whether what libvips reads has been put right, and a shrunk picture is made of that."""

    def open(self, access: str) -> Any:
        """Open the page; `access` is "sequential" or "random"."""
        try:
            image = pyvips.Image.new_from_source(
                self._source(), "", access=access, fail_on="error", **self._page
            )
        except pyvips.Error as error:
            # The detail is libvips' error buffer, which other threads may have emptied.
            if "unable to load" in error.message:
                raise ImageError(
                    f"{self.file.name}: the file is not a picture; give {READ}"
                ) from error
            raise
        if image.get("vips-loader").startswith("uhdr"):
            return self._without_gain_map(access)
        if self._tags and image.get("vips-loader").startswith("tiff"):
            repaired = tiff_samples.repaired(image, self._tags)
        else:
            repaired = color_tags.repaired(image, self.file)
        self.is_repaired = repaired is not image or bool(self._page)
        return repaired

    def _without_gain_map(self, access: str) -> Any:
        """Open the standard picture of one that has a gain map for bright displays."""
        if not self.is_repaired:
            warn_of_gain_map(self.file.name)
        self.is_repaired = True
        image = pyvips.Image.jpegload_source(self._source(), access=access, fail_on="error").copy()
        if image.get_typeof("xmp-data"):
            plain = _GAIN_MAP.sub(b"", image.get("xmp-data"))
            image.set_type(pyvips.GValue.blob_type, "xmp-data", plain)
        return image

    def thumbnail(self, width: int, height: int) -> Any:
        """Shrink the picture to a size while it is decoded, which takes less time."""
        source = self._source()  # which pyvips does not hold for this operation as for others
        small = pyvips.Image.thumbnail_source(
            source, width, height=height, size="force", fail_on="error"
        )
        return small.copy_memory()

    @property
    def _page(self) -> dict[str, int]:
        """The page, for libvips; one that is opened as if it were alone is the first."""
        return {"page": self.file.page} if self.file.page and not self._changes else {}

    def _source(self) -> Any:
        if self._changes:
            return _patched(self.file.opened(), self._changes)
        source = self.file.source
        if isinstance(source, bytes):
            return pyvips.Source.new_from_memory(source)
        return pyvips.Source.new_from_file(os.fsencode(str(source)))


def _patched(file: BinaryIO, changes: dict[int, bytes]) -> Any:
    """Make libvips' source of a file that reads otherwise in some places.

    A page of a long document is opened as if it were alone: libvips looks at all others each time.
    """

    def read(size: int) -> bytes:
        start = file.tell()
        data = bytearray(file.read(size))
        for place, value in changes.items():
            first, last = max(place, start), min(place + len(value), start + len(data))
            if first < last:
                data[first - start : last - start] = value[first - place : last - place]
        return bytes(data)

    source = pyvips.SourceCustom()
    source.on_read(read)
    source.on_seek(file.seek)
    weakref.finalize(source, file.close)
    return source


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn libvips' errors into one line about the picture `name`."""
    try:
        yield
    except pyvips.Error as error:
        said = (error.detail or str(error)).strip() or "unknown error"
        raise undecoded(name, Exception(said)) from error
    except UnicodeDecodeError as error:  # libvips' message quotes bytes of the file
        raise ImageError(f"{name}: the file is damaged or cut off; take another copy") from error


def check_bytes(source: Path | bytes, name: str, limits: Limits) -> None:
    """Raise `ImageError` for a file that is missing, empty, too large, or none."""
    if isinstance(source, bytes):
        size = len(source)
    else:
        try:
            size = source.stat().st_size
            if source.is_dir():
                raise ImageError(f"{name}: this is a folder, not a picture; name a picture in it")
            check_is_file(source)
            with source.open("rb"):
                pass
        except FileNotFoundError as error:
            raise ImageError(f"{name}: there is no such file; check the path") from error
        except OSError as error:
            raise unread(name, error) from error
    if not size:
        raise ImageError(f"{name}: the file is empty; take another copy")
    if size > limits.bytes:
        raise ImageError(
            f"{name}: the file has {size:,} bytes, the limit is {limits.bytes:,}; make it smaller"
        )
