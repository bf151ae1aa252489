"""Formats: which endings of file names are read and written, and the pictures below a folder."""

from collections.abc import Collection
from pathlib import Path

from photochrom.errors import ImageError, NoPictures
from photochrom.image import pdf, raw
from photochrom.storage import files_below, reaching

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
READABLE = {*FORMATS, ".jpe", ".jfif", pdf.EXTENSION, *raw.EXTENSIONS}
"""File name endings that are read."""


def find_pictures(
    path: Path,
    besides: Path | None = None,
    unread: dict[Path, str] | None = None,
    extensions: Collection[str] = READABLE,
) -> list[Path]:
    """List the pictures below a folder, sorted by their paths; or the one file that `path` is.

    Pictures are told by the `extensions` of their names; files such as ._x.jpg, which macOS puts
    beside pictures, are none. The folder `besides` is left out. Folders that cannot be read go
    into `unread`, with a sentence each, or raise `ImageError`; so do a missing folder and, as
    `NoPictures`, one without pictures.
    """
    with reaching(path):
        if path.is_file():
            return [path]
        if not path.is_dir():
            raise ImageError(f"{path}: no such file or folder")
        found = [
            path
            for path in files_below(path, besides, unread)
            if path.suffix.lower() in extensions and not path.name.startswith("._")
        ]
    if not found and not unread:
        raise NoPictures(f"{path}: no pictures in this folder")
    return sorted(found, key=lambda path: path.parts)  # as paths are, and faster
