"""PIL images in, and out."""

from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Samples
from photochrom.errors import ImageError


def samples(image: Any) -> Samples:
    """Give an image's samples, (H, W) or (H, W, 3 or 4), uint8 or uint16.

    Raises `ImageError` for an image of whole numbers or floats of 32 bits.
    """
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if image.mode in ("I", "F"):
        raise ImageError(f"a PIL image of mode {image.mode}; convert it to L or RGB")
    if image.mode not in ("L", "RGB", "RGBA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return np.asarray(image)


def image(array: npt.NDArray[Any], like: Any) -> Any:
    """Make an image of 8 bits of samples, (H, W, 3 or 4), with what another tells of itself."""
    from PIL import Image

    if array.dtype == np.uint16:
        array = (array >> 8).astype(np.uint8)
    made = Image.fromarray(array)
    made.info = dict(like.info)
    return made
