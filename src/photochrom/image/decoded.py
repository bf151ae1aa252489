"""A file that is read, and what a decoder makes of one that libvips does not read."""

from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.color.spaces import Samples
from photochrom.image.limits import Limits
from photochrom.image.tiff_tags import Directory, read_directory

_START = 64  # bytes that tell what a file is


@dataclass(frozen=True)
class SourceFile:
    """A file, on the disk or in memory, of which page `page`, from 0, is wanted."""

    source: Path | bytes
    name: str
    page: int
    limits: Limits

    @cached_property
    def start(self) -> bytes:
        """Its first bytes."""
        if isinstance(self.source, bytes):
            return self.source[:_START]
        with self.source.open("rb") as file:
            return file.read(_START)

    @property
    def path(self) -> Path:
        """Where it is on the disk; only for formats that are told by names."""
        assert isinstance(self.source, Path)
        return self.source

    @property
    def data(self) -> bytes:
        """All its bytes."""
        return self.source if isinstance(self.source, bytes) else self.source.read_bytes()

    def tags(self, wanted: set[int], page: int | None = None) -> Directory:
        """Read tags of the page, or of another, if the file is a TIFF or made like one."""
        opened = BytesIO(self.source) if isinstance(self.source, bytes) else self.path.open("rb")
        with opened as file:
            return read_directory(file, self.page if page is None else page, wanted)


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
