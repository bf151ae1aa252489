"""A picture's own lightness, and the colours that follow from it, joined at full size."""

import numpy as np

from photochrom.color.gamut import AT_ONCE, GamutQuantizer
from photochrom.color.spaces import Floats, Samples, lines_over_compressed, samples_to_compressed
from photochrom.color.upsampling import BilinearRows


class Recombiner:
    """Colours a picture of `height` x `width` pixels by small `guided_coefficients`, (4, h, w)."""

    def __init__(self, coefficients: Floats, height: int, width: int) -> None:
        self._lines = BilinearRows(lines_over_compressed(coefficients), height, width)

    def recombine(self, samples: Samples, top: int, left: int = 0) -> Samples:
        """Colour samples, (h, w) or (h, w, 3), whose first is at `left`, `top`; give (h, w, 3)."""
        height, width = samples.shape[:2]
        rgb = np.empty((height, width, 3), samples.dtype)
        rows = min(height, max(1, AT_ONCE // width))
        compressed = np.empty((3, rows, width), np.float32)
        encoder = GamutQuantizer(rgb.reshape(-1, 3), rows * width)
        chunks = self._lines.chunks(slice(top, top + height), rows)
        for at, lines in zip(range(0, height, rows), chunks, strict=True):
            some = slice(at, at + rows)
            here = compressed[:, : len(samples[some])]
            slopes, offsets = np.split(lines[..., left : left + width], 2)
            here[1] = samples_to_compressed(samples[some])
            np.multiply(slopes, here[1], out=here[::2])
            here[::2] += offsets
            encoder.add(here.reshape(3, -1))
        encoder.finish()
        return rgb
