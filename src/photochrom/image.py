"""Pictures: decoding, encoding, metadata and limits. The only module that knows libvips."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyvips

from photochrom.errors import ImageError

SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".avif", ".heic", ".heif"}
"""Names of files that are taken for pictures when a folder is searched."""


def load_rgb(path: Path, short_side: int) -> npt.NDArray[np.uint8]:
    """Read a picture upright as sRGB, uint8 (H, W, 3), with its short side brought to a size.

    Raises `ImageError` when the file is missing, damaged or no picture.
    """
    try:
        image = pyvips.Image.new_from_file(str(path))
        scale = short_side / min(image.width, image.height)
        width = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        thumb = pyvips.Image.thumbnail(
            str(path), width[0], height=width[1], size="force", fail_on="truncated"
        )
        if thumb.hasalpha():
            thumb = thumb.flatten(background=255)
        return np.asarray(thumb.colourspace("srgb").cast("uchar").numpy())
    except pyvips.Error as error:
        raise ImageError(f"{path}: {error}") from error


def save_rgb(rgb: npt.ArrayLike, path: Path) -> None:
    """Write sRGB in 0..1, shape (H, W, 3), as an 8-bit picture; values beyond are cut off."""
    samples = np.rint(np.clip(np.asarray(rgb), 0, 1) * 255).astype(np.uint8)
    pyvips.Image.new_from_array(samples).write_to_file(str(path))
