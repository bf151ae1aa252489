"""Formats: which endings of file names are read and written, and the pictures below a folder."""

from pathlib import Path

from photochrom.errors import ImageError
from photochrom.image import pdf, raw

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


def find_pictures(place: Path) -> list[Path]:
    """List the pictures below a folder, sorted by their paths; or the one file that `place` is.

    Pictures are told by the endings of their names. Raises `ImageError` when there are none.
    """
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise ImageError(f"{place}: no such file or folder")
    found = sorted(path for path in place.rglob("*") if path.suffix.lower() in READABLE)
    if not found:
        raise ImageError(f"{place}: no pictures in this folder")
    return found
