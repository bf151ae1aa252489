"""Print what a JPEG costs lightness, grey and in colour, at the same qualities.

Mean |dL| of what is decoded, from the grey picture that went in, over parts of photographs of
scikit-image.
"""

import sys

import numpy as np
import pyvips
import skimage.data

from photochrom import Colorizer
from photochrom.color.spaces import Floats, Samples, samples_to_lightness

PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "coffee", "rocket")
QUALITIES = (75, 90, 92, 95)


def grey(name: str) -> Samples:
    """Give a part of a photograph, (300, 400); of one in colour the green."""
    photograph = getattr(skimage.data, name)()[:300, :400]
    return photograph if photograph.ndim == 2 else np.ascontiguousarray(photograph[..., 1])


def cost(samples: Samples, lightness: Floats, quality: int) -> float:
    """Encode samples as `Colorized.save` does, and decode them: mean |dL| from a lightness."""
    image = pyvips.Image.new_from_array(samples)
    data = image.jpegsave_buffer(Q=quality, subsample_mode="off")
    decoded = pyvips.Image.new_from_buffer(data, "").numpy()
    return float(np.abs(samples_to_lightness(decoded) - lightness).mean())


def main() -> None:
    """Print the table: a row a photograph, and in it grey and colour at each quality."""
    colorizer = Colorizer()
    heads = " | ".join(f"{quality}: grey, colour" for quality in QUALITIES)
    sys.stdout.write(f"| photograph | {heads} |\n|{' --- |' * (1 + len(QUALITIES))}\n")
    for name in PHOTOGRAPHS:
        original = grey(name)
        lightness, painted = samples_to_lightness(original), colorizer.colorize(original)
        cells = (
            f"{cost(original, lightness, quality):.2f}, {cost(painted, lightness, quality):.2f}"
            for quality in QUALITIES
        )
        sys.stdout.write(f"| {name} | {' | '.join(cells)} |\n")


if __name__ == "__main__":
    main()
