"""Metrics of the field, on pictures as arrays. NumPy only."""

import numpy as np
import numpy.typing as npt

from photochrom.color import ciede2000


def mean_ciede2000(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Mean CIEDE2000 over the pixels of two Lab pictures, both (H, W, 3)."""
    return float(np.mean(ciede2000(first, second)))


def psnr(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Peak signal-to-noise ratio in dB of two sRGB pictures in 0..1, both (H, W, 3)."""
    error = np.mean((np.asarray(first, np.float64) - np.asarray(second, np.float64)) ** 2)
    return float(-10 * np.log10(max(float(error), 1e-12)))


def colourfulness(rgb: npt.ArrayLike) -> float:
    """Colourfulness of an sRGB picture in 0..1, (H, W, 3); 0 for grey, above 80 for extreme.

    Hasler and Suesstrunk, "Measuring colourfulness in natural images", 2003, equation 3, on
    samples in 0..255 as there.
    """
    red, green, blue = np.moveaxis(np.asarray(rgb, np.float64) * 255, -1, 0)
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    deviation = np.hypot(red_green.std(), yellow_blue.std())
    mean = np.hypot(red_green.mean(), yellow_blue.mean())
    return float(deviation + 0.3 * mean)
