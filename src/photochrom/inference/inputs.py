"""What is given to be coloured: paths, bytes, open files, arrays and PIL images."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from photochrom.color.spaces import srgb_to_lab
from photochrom.color.toning import has_color
from photochrom.errors import HintError, ImageError
from photochrom.guidance.hints import Hint
from photochrom.guidance.palette import Palette
from photochrom.guidance.strokes import layer_hints
from photochrom.image import Limits, Picture, pil
from photochrom.image.colorized import Colorized
from photochrom.inference.options import ColorizeOptions
from photochrom.video import is_film

_PALETTE_SIDE = 256  # pixels that are looked at for a palette

if TYPE_CHECKING:
    from photochrom.video.reader import Film


def loaded(picture: Any, limits: Limits) -> Any:
    """Give a path for what names a file, and bytes for what holds one; all else as it is.

    Raises `ImageError` for an open file of text, or with more bytes than the limits allow.
    """
    if isinstance(picture, str):
        return Path(picture)
    if isinstance(picture, (bytearray, memoryview)):
        return bytes(picture)
    if isinstance(picture, os.PathLike) and not isinstance(picture, Path):
        return Path(os.fsdecode(picture))
    if isinstance(picture, (bytes, Path, Picture)) or not callable(getattr(picture, "read", None)):
        return picture
    if isinstance(picture, io.TextIOBase):
        raise ImageError("a file that is open for text; open it with mode 'rb'")
    data = picture.read(limits.bytes + 1)
    if not isinstance(data, bytes):
        raise ImageError(f"an open file that gives {type(data).__name__}; give one of bytes")
    return data


def open_picture(picture: Any, limits: Limits | None, page: int | None = None) -> Picture:
    """Open what `colorize` takes; without `page`, nothing of several pages."""
    picture = loaded(picture, limits or Limits())
    if isinstance(picture, Picture):
        return picture
    if is_film(picture) and picture.exists():
        raise ImageError(
            f"{picture}: this is a film, and a picture is wanted; write one of its frames by "
            "photochrom info FILM --still still.png"
        )
    if isinstance(picture, (Path, bytes, np.ndarray)):
        return Picture(picture, limits, page)
    if hasattr(picture, "mode") and hasattr(picture, "convert"):
        return Picture(pil.samples(picture), limits)
    raise ImageError(
        f"cannot colour a {type(picture).__name__}; give a path, bytes, array or PIL image"
    )


def not_alone(opened: Picture, what: str) -> HintError:
    """Give the error of a file of several pages or frames for `what`, which is for one picture."""
    if opened.timing:
        return HintError(
            f"{what} for one picture, not for an animation of {opened.pages} frames; take a frame "
            "out of it: magick in.gif[0] frame.png"
        )
    return HintError(f"{what} for one picture, not for {opened.pages} pages; give a page alone")


def open_still(film: "Film", still: Any, limits: Limits) -> Picture:
    """Open the frame of a film that hints are set on; without `still`, one from its first third."""
    if still is None:
        return Picture(film.still(min(film.width, film.height)))
    return open_picture(still, limits)


@contextmanager
def as_reference(name: str = "reference") -> Iterator[None]:
    """Say of what is wrong with a picture that it is the reference, or called otherwise."""
    try:
        yield
    except ImageError as error:
        reason = str(error).removeprefix("the picture: ").removeprefix("the reference ")
        raise ImageError(f"the {name}: {reason}") from error


def read_palette(options: ColorizeOptions, limits: Limits | None) -> ColorizeOptions:
    """Take the palette of the picture that is given for one, if there is one.

    Raises `ImageError` for a picture without colours, or what is not a picture.
    """
    if options.palette is None or isinstance(options.palette, Palette):
        return options
    with as_reference("palette"):
        opened = open_picture(options.palette, limits)
        scale = _PALETTE_SIDE / max(opened.size)
        small = opened.thumbnail(*(max(1, round(side * scale)) for side in opened.size))
    rgb = small / np.float32(np.iinfo(small.dtype).max)
    if rgb.ndim < 3 or not has_color(rgb):
        raise ImageError("the palette has no colours to take; give a picture in colour")
    ab = np.moveaxis(srgb_to_lab(rgb.astype(np.float32)), -1, 0)[1:]
    return replace(options, palette=Palette.of_picture(ab))


def read_layer(layer: Any, size: tuple[int, int] | None, limits: Limits) -> list[Hint]:
    """Give the hints that are painted on a transparent layer, a path or a file's bytes.

    Raises `HintError` where nothing is painted, where the layer has no transparency, or is not as
    large as the picture, of `size` (width, height).
    """
    opened = open_picture(layer, limits)
    if not opened.has_alpha:
        raise HintError("the layer of hints has no transparency; paint on a clear layer of its own")
    if size and opened.size != size:
        shown = [f"{width} x {height}" for width, height in (opened.size, size)]
        raise HintError(
            f"the layer of hints is {shown[0]} pixels, the picture {shown[1]}; make it as large"
        )
    bands = [(np.atleast_3d(rgb), alpha) for rgb, alpha in opened.bands() if alpha is not None]
    rgb, alpha = (np.concatenate(pieces) for pieces in zip(*bands, strict=True))
    return layer_hints(np.broadcast_to(rgb, (*alpha.shape, 3)), alpha)


def as_given(colorized: Colorized, picture: Any) -> Any:
    """Give an array for an array, a PIL image for a PIL image, and of a file what can be saved."""
    if isinstance(picture, np.ndarray):
        return colorized.array(np.uint8 if picture.dtype == bool else picture.dtype)
    if isinstance(picture, (Path, bytes, Picture)):
        return colorized
    return pil.image(colorized.array(), picture)
