"""Formats: which endings of file names are read and written, and the pictures below a folder."""

from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from photochrom.errors import ImageError, NoPictures
from photochrom.image import archive, heic, pdf, raw
from photochrom.storage import files_below, is_remote, reaching

FORMATS = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".png": "png",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
    ".avif": "heif",
}
"""File name endings that are read and written through libvips, and its name of each format."""
_MAX_EXTENSIONS = 6  # of files that are counted each by itself
READABLE = {*FORMATS, ".jpe", ".jfif", ".mpo", ".gif", ".apng", pdf.EXTENSION}
READABLE |= {*raw.EXTENSIONS, *heic.EXTENSIONS, *archive.EXTENSIONS}
"""File name endings that are read."""


def format_of(path: Path) -> str:
    """Name the format of a file by its ending; "" when it is not one that is written."""
    extension = path.suffix.lower()
    return "pdf" if extension == pdf.EXTENSION else FORMATS.get(extension, "")


def find_pictures(
    path: Path,
    besides: Path | None = None,
    unread: dict[Path, str] | None = None,
    extensions: Collection[str] = READABLE,
    others: list[Path] | None = None,
) -> list[Path]:
    """List the pictures below a folder, sorted by their paths; or the one file that `path` is.

    Pictures are told by the `extensions` of their names; files such as ._x.jpg, which macOS puts
    beside pictures, are none. The folder `besides` is left out. Folders that cannot be read go
    into `unread`, with a sentence each, or raise `ImageError`; so do a missing folder and, as
    `NoPictures`, one without pictures. Files of other kinds go into `others`, if it is given, but
    hidden ones.
    """
    with reaching(path):
        if path.is_file():
            return [path]
        if not path.is_dir():
            raise ImageError(f"{path}: there is no such file or folder; check the path")
        found, rest = list[Path](), list[Path]()
        for file in files_below(path, besides, unread):
            is_wanted = file.suffix.lower() in extensions and not file.name.startswith("._")
            (found if is_wanted else rest).append(file)
    rest = [file for file in rest if not file.name.startswith(".")]
    if is_remote(path):  # where some of them are folders
        rest = [file for file in rest if file.suffix]
    if not found and not unread:
        raise NoPictures(
            f"{path}: there are no pictures in this folder{_in_brackets(rest)}; choose another"
        )
    if others is not None:
        others += sorted(rest)
    return sorted(found, key=lambda path: path.parts)  # as paths are, and faster


def count_extensions(files: Iterable[Path]) -> str:
    """Count files by their extensions, the commonest first, such as "12 .xcf, 3 .txt"."""
    found = Counter(file.suffix.lower() for file in files)
    counts = sorted(found.items(), key=lambda one: (-one[1], not one[0], one[0]))
    parts = [
        f"{count} {extension or 'without extension'}"
        for extension, count in counts[:_MAX_EXTENSIONS]
    ]
    if rest := sum(count for _, count in counts[_MAX_EXTENSIONS:]):
        parts.append(f"{rest} others")
    return ", ".join(parts)


def _in_brackets(files: list[Path]) -> str:
    return f" (not read: {count_extensions(files)})" if files else ""
