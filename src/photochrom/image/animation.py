"""Animations: GIF, WebP, PNG and AVIF of several frames, read like pages, written as WebP."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import pyvips

from photochrom.color.spaces import Samples
from photochrom.errors import ImageError, extra, undecoded
from photochrom.image import pil
from photochrom.image.color_tags import check_range_of, of_png
from photochrom.image.decoded import Decoded, SourceFile, from_array, set_blob, set_exif

_PNG, _FRAMES = b"\x89PNG", b"acTL"
_HEAD = 1 << 16  # bytes of a PNG in which it says that it is an animation
_DELAY = 100  # milliseconds, where a file does not tell


@dataclass(frozen=True)
class Timing:
    """How frames follow one another."""

    delays: tuple[int, ...]
    """Of each frame, in milliseconds."""
    loop: int
    """How often all are shown; 0 is for ever."""


def timing_of(header: Any, frames: int) -> Timing | None:
    """Give the timing of libvips' picture of a file of several frames; None when it has pages."""
    if frames < 2 or not header.get_typeof("delay"):
        return None
    delays = [*header.get("delay")][:frames]
    delays += [_DELAY] * (frames - len(delays))
    return Timing(tuple(delays), header.get("loop") if header.get_typeof("loop") else 0)


def fits(file: SourceFile) -> bool:
    """Whether this PNG or AVIF is animated, and Pillow there to read the PNG.

    Without it, the first frame of a PNG is read by libvips.
    """
    if not file.start.startswith(_PNG):
        return True
    has_frames = _FRAMES in file.head(_HEAD).partition(b"IDAT")[0]
    return has_frames and find_spec("PIL") is not None


def decode(file: SourceFile) -> Decoded:
    """Decode one frame into memory; errors are those of all decoders."""
    with extra(f"{file.name}: an animation", "archive"):
        from PIL import Image
    try:
        with file.opened() as opened, Image.open(opened, formats=["PNG", "AVIF"]) as image:
            file.limits.check_size(file.name, *image.size)
            frames = getattr(image, "n_frames", 1)
            image.seek(file.page)
            pixels = pil.samples(image)
            facts = dict(image.info)
    except ImageError:
        raise
    except Exception as error:
        raise undecoded(file.name, error) from error
    picture = from_array(np.asarray(pixels))
    set_exif(picture, facts.get("exif") or b"")
    set_blob(picture, "xmp-data", facts.get("xmp"))
    set_blob(picture, "icc-profile-data", facts.get("icc_profile"))
    if file.start.startswith(_PNG):
        picture = of_png(picture, file)
    else:
        check_range_of(file)
    delay = round(facts.get("duration") or _DELAY)
    picture.set_type(pyvips.GValue.array_int_type, "delay", [delay] * frames)
    picture.set_type(pyvips.GValue.gint_type, "loop", facts.get("loop", 0))
    dots = facts.get("dpi")
    return Decoded(picture, frames, (dots[0] / 25.4, dots[1] / 25.4) if dots else None)


def concatenated(frames: Iterable[Samples], delays: Iterable[int], loop: int) -> Any:
    """Make libvips' picture of frames, (H, W, C) samples of one size, one below the other."""
    images = [from_array(one) for one in frames]
    whole = pyvips.Image.arrayjoin(images, across=1).copy()
    whole.set_type(pyvips.GValue.gint_type, "page-height", images[0].height)
    whole.set_type(pyvips.GValue.array_int_type, "delay", list(delays))
    whole.set_type(pyvips.GValue.gint_type, "loop", loop)
    return whole


def encode_gif(frames: list[Samples], seconds: float) -> bytes:
    """Give the bytes of a GIF that goes on for ever of sRGB frames, (H, W, 3), so long each."""
    whole = concatenated(frames, [round(1000 * seconds)] * len(frames), 0)
    data: bytes = whole.gifsave_buffer(effort=3)
    return data
