"""Colour profiles: whether one is sRGB, told by what it makes of colours."""

from functools import lru_cache
from itertools import product

import numpy as np
import pyvips

_STEPS = (0, 32, 64, 128, 192, 255)
_STRAY = 2  # of 255: what makers of sRGB profiles differ by


@lru_cache(maxsize=16)
def is_srgb(profile: bytes) -> bool:
    """Whether colours, and greys, are the same in an ICC profile as in sRGB.

    Names do not tell: linear sRGB has the word in its own, and others mention it.
    """
    if profile[16:20] != b"RGB ":  # of grey, of inks, or no profile
        return False
    colours = np.array([list(product(_STEPS, repeat=3))], np.uint8)
    image = pyvips.Image.new_from_array(colours).copy(interpretation="srgb")
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    seen = image.icc_transform("srgb", embedded=True, intent="relative").numpy()
    return bool(np.abs(seen.astype(int) - colours).max() <= _STRAY)
