"""Make the grey pictures of examples/ from scikit-image's packaged photographs."""

from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

from photochrom.color.gamut import lab_to_samples
from photochrom.color.spaces import samples_to_lightness

FOLDER = Path(__file__).parents[2] / "examples"

for name in ("astronaut", "chelsea", "coffee"):
    lightness = samples_to_lightness(getattr(skimage.data, name)())
    neutral = np.zeros_like(lightness)
    grey = lab_to_samples(lightness, neutral, neutral, np.uint8)[..., 0]
    Image.fromarray(grey).save(FOLDER / f"{name}.jpg", quality=90)
