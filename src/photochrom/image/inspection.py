"""What a picture's file says of itself, and whether Photochrom coloured it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyvips

from photochrom.errors import MissingExtra
from photochrom.image.credentials import read_credentials
from photochrom.image.formats import FORMATS
from photochrom.image.limits import Limits
from photochrom.image.metadata import describing_tags
from photochrom.image.profiles import profile_name
from photochrom.image.provenance import read_note
from photochrom.image.reader import Picture
from photochrom.image.tiff_tags import EXIF, Directory, data_of

_MAKE, _MODEL, _SAVED = 271, 272, 306  # tags of TIFF
_TAKEN = (36867, 36868)  # tags of EXIF: when it was taken, when it was made digital
_DATE = len("1910:05:03 12:00:00")
_COLORS = {"b-w": "grey", "grey16": "grey", "cmyk": "CMYK", "lab": "Lab", "labs": "Lab"}
"""By what libvips calls a picture's colours; the others are RGB."""
_BITS = {"uchar": 8, "ushort": 16, "float": 32, "double": 64}
_NAMES = {"jpeg": "JPEG", "png": "PNG", "tiff": "TIFF", "webp": "WebP", "uhdr": "JPEG"}
_COMPRESSIONS = {"av1": "AVIF", "hevc": "HEIC"}  # of what libvips calls heif


def libvips_version() -> str:
    """Give the version of libvips, such as "8.18.0"."""
    return ".".join(str(pyvips.version(number)) for number in range(3))


@dataclass(frozen=True)
class Inspection:
    """What a picture's file says of itself."""

    format: str
    """Such as "JPEG"."""
    bytes: int
    width: int
    height: int
    """In pixels, upright."""
    bits: int
    """Of a sample, in the file."""
    color: str
    """"grey", "RGB", "CMYK" or "Lab"."""
    alpha: bool
    """Whether parts may be transparent."""
    profile: str
    """Name of the colour profile in it; "" where there is none."""
    dpi: tuple[float, float] | None
    """Pixels an inch, across and down, where the file tells."""
    pages: int
    """Or frames, where it is animated."""
    animated: bool
    camera: str
    """Who made it, and its name; "" where the file does not tell."""
    date: str
    """When it was taken, such as "1910-05-03 12:00:00"; "" where the file does not tell."""
    colorized: dict[str, str]
    """How Photochrom coloured it; empty if it did not."""
    credentials: str
    """Whether its Content Credentials fit it, and who signed them; "" where it has none."""


def inspect(path: Path, limits: Limits | None = None) -> Inspection:
    """Say what a picture's file, or the first page of it, holds.

    Raises `ImageError` as `Picture` does, and `MissingExtra` for formats that need one.
    """
    picture = Picture(path, limits, page=0)
    header, tags = picture.header, describing_tags(picture)
    deep = _field(header, "bits-per-sample") or _BITS.get(header.format, picture.bits)
    across_down = picture.resolution
    return Inspection(
        format=_format(path, picture),
        bytes=path.stat().st_size,
        width=picture.width,
        height=picture.height,
        bits=deep,
        color=_COLORS.get(header.interpretation, "RGB"),
        alpha=picture.has_alpha,
        profile=profile_name(_field(header, "icc-profile-data") or b""),
        dpi=(25.4 * across_down[0], 25.4 * across_down[1]) if across_down else None,
        pages=picture.pages,
        animated=picture.timing is not None,
        camera=_camera(tags),
        date=_date(tags),
        colorized=read_facts(path),
        credentials=_credentials(path),
    )


def _credentials(path: Path) -> str:
    try:
        return read_credentials(path)
    except MissingExtra as error:
        return str(error)


def read_facts(path: Path) -> dict[str, str]:
    """Give the facts of the note in a picture's XMP: how Photochrom coloured it.

    There are none where it did not, or where the file cannot be read or its format holds no XMP.
    """
    if path.suffix.lower() not in FORMATS:
        return {}
    try:
        header = pyvips.Image.new_from_file(os.fsencode(path), access="sequential")
        return read_note(_field(header, "xmp-data"))
    except (pyvips.Error, ValueError):
        return {}


def _field(header: Any, name: str) -> Any:
    return header.get(name) if header.get_typeof(name) else None


def _format(path: Path, picture: Picture) -> str:
    """Name the format that the file is in; that of a PDF or a raw file is told by its name."""
    header = picture.header
    if picture.format == "animation":
        return "AVIF" if path.suffix.lower() == ".avif" else "PNG"
    if picture.format:
        return picture.format
    loader = _field(header, "vips-loader")
    if not loader:
        return path.suffix[1:].upper()
    name = str(loader).partition("load")[0]
    if name == "heif":
        compression = _field(header, "heif-compression")
        return _COMPRESSIONS.get(compression, "HEIF")
    return _NAMES.get(name, name.upper())


def _text(tags: Directory, code: int) -> str:
    data = data_of(tags, code) or b""
    return " ".join(data.partition(b"\0")[0].decode("utf-8", "replace").split())


def _camera(tags: Directory) -> str:
    make, model = _text(tags, _MAKE), _text(tags, _MODEL)
    return model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()


def _date(tags: Directory) -> str:
    inner = tags.get(EXIF)
    found = [_text(inner, code) for code in _TAKEN] if isinstance(inner, dict) else []
    given = next((text for text in (*found, _text(tags, _SAVED)) if text.strip(" :0")), "")
    return given[:10].replace(":", "-") + given[10:_DATE]
