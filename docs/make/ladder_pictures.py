"""Draw the ladder's pictures for the docs: grey, Beta, Full, Vivid and the truth side by side.

`python docs/make/ladder_pictures.py docs/images/ladder.jpg`. The photographs come with
scikit-image: the astronaut Eileen Collins (NASA, public domain), a coffee (Rachel Michetti, CC0),
the cat Chelsea (Stefan van der Walt, CC0).
"""

import argparse
from pathlib import Path

import numpy as np
import skimage.data

from photochrom import Colorizer
from photochrom.color.gamut import lab_to_samples
from photochrom.color.spaces import samples_to_lightness
from photochrom.image import save_rgb

SIDE, GAP = 200, 6  # pixels


def main() -> None:
    """Write one picture: a row a photograph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT.jpg")
    given = parser.parse_args()
    models = [Colorizer(name) for name in ("beta", "full", "vivid")]
    rows = []
    for truth in (skimage.data.astronaut(), skimage.data.coffee(), skimage.data.chelsea()):
        side = min(truth.shape[:2])
        left = (truth.shape[1] - side) // 2
        square = np.ascontiguousarray(truth[:side, left : left + side])
        lightness = samples_to_lightness(square)
        none = np.zeros_like(lightness)
        grey = lab_to_samples(lightness, none, none, np.uint8)
        shown = [grey, *(model.colorize(grey[..., 0]) for model in models), square]
        step = max(1, side // SIDE)
        gap = np.full((SIDE, GAP, 3), 255, np.uint8)
        parts = [part for one in shown for part in (gap, one[::step, ::step][:SIDE, :SIDE])]
        rows += [np.concatenate(parts[1:], axis=1), np.full((GAP, 5 * SIDE + 4 * GAP, 3), 255)]
    save_rgb(np.concatenate(rows[:-1]).astype(np.uint8), given.out)


if __name__ == "__main__":
    main()
