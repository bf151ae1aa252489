"""Films: reading, optical flow, smoothing, writing. The only place that knows FFmpeg and OpenCV."""

from os.path import splitext
from pathlib import Path
from typing import TYPE_CHECKING

from photochrom.errors import ImageError, extra
from photochrom.video.excerpt import WHOLE, Excerpt
from photochrom.video.sequence import WRITTEN as PICTURES
from photochrom.video.sequence import is_sequence

if TYPE_CHECKING:
    from photochrom.video.reader import Film

EXTENSIONS = {".mp4", ".m4v", ".mov", ".mkv", ".avi", ".mpg", ".mpeg", ".mts", ".m2ts", ".ts"}
EXTENSIONS |= {".webm", ".wmv", ".flv", ".3gp", ".ogv", ".dv", ".vob"}
"""File name endings that are read as films."""
WRITTEN = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
"""File name endings of films that are written, and FFmpeg's name of each format."""


def is_film(source: object) -> bool:
    """Whether it is the path of a film, by its ending, or of frames, such as frames/%05d.png."""
    if not isinstance(source, Path):
        return False
    return splitext(source.name)[1].lower() in EXTENSIONS or is_sequence(source)


def check_target(target: Path) -> None:
    """Raise `ImageError` when a file extension is not one of a film that can be written."""
    if is_sequence(target):
        if target.suffix.lower() not in PICTURES:
            raise ImageError(f"{target}: frames are written as .png, .jpg or .tif; name them so")
    elif target.suffix.lower() not in WRITTEN:
        raise ImageError(f"{target}: a film is written as {', '.join(WRITTEN)}; name it so")


def open_film(
    path: Path,
    max_pixels: int | None = None,
    excerpt: Excerpt = WHOLE,
    fps: float | None = None,
) -> "Film":
    """Open a film as `Film` does; raises `MissingExtra` where what reads films is not installed."""
    with extra("colouring films", "film"):
        import cv2  # noqa: F401 - without it a film is read, and cannot be coloured

        from photochrom.video.reader import Film
    return Film(path, max_pixels, excerpt, fps)
