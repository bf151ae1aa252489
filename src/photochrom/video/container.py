"""Opening films through FFmpeg (PyAV)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
from av.video.reformatter import Interpolation

from photochrom.errors import ImageError
from photochrom.storage import check_is_file
from photochrom.video.sequence import RATE, checked_numbers, is_sequence

EXACT = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
EXACT |= Interpolation.FULL_CHR_H_INP | Interpolation.FULL_CHR_H_INT  # of 4:2:0, all chroma
"""How frames are brought from one form to another."""
COVER = av.stream.Disposition.attached_pic
"""What a picture track is that holds a cover."""
_CONTAINERS = "mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,ogg,dv"


def open_container(path: Path, fps: float | None = None) -> Any:
    """Open a film: a file of this machine, and no list of others that may be anywhere.

    A sequence of pictures is opened as a film of so many frames a second.
    """
    if is_sequence(path):
        first, *_ = checked_numbers(path)
        about = {"framerate": f"{fps or RATE:g}", "start_number": str(first)}
        about |= {"pattern_type": "sequence", "protocol_whitelist": "file"}
        return av.open(str(path), format="image2", options=about)
    check_is_file(path)
    options = {"protocol_whitelist": "file", "format_whitelist": _CONTAINERS}
    return av.open(f"file:{path}", options=options, metadata_errors="replace")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn FFmpeg's errors into one line about a film that is read."""
    try:
        yield
    except FileNotFoundError as error:
        raise ImageError(f"{path}: there is no such file; check the path") from error
    except av.FFmpegError as error:
        raise ImageError(
            f"{path}: the file is not a film, or is damaged ({error.strerror}); take another copy"
        ) from error


def duration(container: Any, stream: Any) -> float:
    """Give how many seconds the moving pictures of a film last; its sound may be longer."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    if said := re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", stream.metadata.get("DURATION", "")):
        hours, minutes, seconds = map(float, said.groups())  # in Matroska, when the last one ends
        begin = float((stream.start_time or 0) * stream.time_base)
        return 3600 * hours + 60 * minutes + seconds - begin
    return float(container.duration or 0) / av.time_base
