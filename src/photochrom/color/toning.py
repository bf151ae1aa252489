"""Toned pictures (sepia, cyanotype, faded paper), and how they differ from those in colour."""

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Floats, srgb_to_lab

_TONE_RESIDUE = 4.0  # Lab units: scans of toned prints stay below, photographs in colour above


def has_color(rgb: npt.ArrayLike) -> bool:
    """Tell a colour picture from a grey or toned one; sRGB in 0..1, shape (H, W, 3)."""
    return tone_residue(rgb) > _TONE_RESIDUE


def tint(rgb: npt.ArrayLike) -> Floats:
    """How ab follows from lightness in a toned picture; sRGB in 0..1, shape (H, W, 3).

    Gives (4,): the slopes of a and b, then their offsets, so that ab = slopes * L + offsets.
    """
    lightness, a, b = srgb_to_lab(rgb).reshape(-1, 3).T.astype(np.float64)
    line = np.stack([lightness, np.ones_like(lightness)], axis=1)
    fitted = np.linalg.lstsq(line, np.stack([a, b], axis=1), rcond=None)[0]
    return np.asarray(fitted.ravel(), np.float32)


def tone_residue(rgb: npt.ArrayLike) -> float:
    """How much colour, in Lab units, no toning explains; sRGB in 0..1, shape (H, W, 3).

    In a toned picture (sepia, cyanotype, faded paper) ab is a smooth function of lightness; what
    a parabola leaves unexplained, in Lab units, is colour.
    """
    lightness, a, b = srgb_to_lab(rgb).reshape(-1, 3).T.astype(np.float64)
    powers = np.stack([np.ones_like(lightness), lightness, lightness**2], axis=1)
    ab = np.stack([a, b], axis=1)
    tone = powers @ np.linalg.lstsq(powers, ab, rcond=None)[0]
    return float(np.sqrt(((ab - tone) ** 2).sum(axis=1).mean()))
