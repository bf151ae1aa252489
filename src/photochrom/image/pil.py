"""PIL images in, and out."""

from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.errors import ImageError


def samples(image: Any) -> Any:
    """Give an image's samples, (H, W) or (H, W, 3 or 4), uint8, uint16 or floats.

    Whole numbers of 32 bits (mode I) are those of 16 bits, floats (mode F) are in 0..1. Raises
    `ImageError` for others.
    """
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if image.mode == "I":
        values = np.asarray(image)
        if values.size and not (values.min() >= 0 and values.max() <= 65535):
            low, high = values.min(), values.max()
            raise ImageError(
                f"a PIL image of mode I has values from {low} to {high}; give 0 to 65535"
            )
        return values.astype(np.uint16)
    if image.mode == "F":
        return np.asarray(image)
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
