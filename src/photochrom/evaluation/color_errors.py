"""Errors that the eye sees first: edges without colour, things left grey, grey things coloured.

A mean difference such as CIEDE2000 rewards a colorizer for staying near grey. These five shares
say whether things have colours of their own. NumPy only.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Floats, Samples, srgb_to_lab

SIDE = 64
"""Short side, in pixels, to which pictures are brought first: these are errors of things, not of
their outlines. Smaller pictures stay as they are."""

COLORED, STILL_GREY = 12.0, 5.0
"""Chroma, in Lab units, over which the truth has a colour, and below which a colour is missing."""
SKIN_HUE, SKIN_CHROMA, SKIN_LIGHTNESS = (25.0, 75.0), (10.0, 40.0), (30.0, 90.0)
"""Bounds of the colours of skin: hue in degrees, chroma and lightness in Lab units."""
STILL_PALE = 6.0
"""Chroma below which skin counts as left grey."""
NEUTRAL = 4.0
"""Chroma below which the truth is neutral; a colour over `COLORED` is then false."""


class Share(NamedTuple):
    """An amount of a whole, of one picture; of a set, both are summed."""

    amount: float
    whole: float


def color_errors(predicted: Samples, truth: Samples) -> dict[str, Share]:
    """Compare an sRGB picture with its truth, both (H, W, 3) uint8, at a short side of `SIDE`.

    "edges missed" is what the gradient of ab falls short of the truth's, "false edges" what it
    exceeds it by, both of the truth's gradient. "left grey" is the share of coloured pixels that
    come out without colour, "skin left grey" the same of pixels with a colour of skin, and "false
    colour" the share of neutral pixels that come out coloured.
    """
    lab, true_lab = (shrunk_lab(samples) for samples in (predicted, truth))
    gradient, true_gradient = ab_gradient(lab), ab_gradient(true_lab)
    chroma, true_chroma = (np.hypot(one[..., 1], one[..., 2]) for one in (lab, true_lab))
    whole = float(true_gradient.mean())
    return {
        "edges missed": Share(float(np.maximum(true_gradient - gradient, 0).mean()), whole),
        "false edges": Share(float(np.maximum(gradient - true_gradient, 0).mean()), whole),
        "left grey": _share(true_chroma > COLORED, chroma < STILL_GREY),
        "skin left grey": _share(is_skin(true_lab), chroma < STILL_PALE),
        "false colour": _share(true_chroma < NEUTRAL, chroma > COLORED),
    }


def shrunk_lab(samples: Samples) -> Floats:
    """Bring an sRGB picture, (H, W, 3) uint8, to a short side of `SIDE`; give it as Lab.

    Each sample is the mean of the area that it stands for. Nothing is enlarged.
    """
    scale = min(1.0, SIDE / min(samples.shape[:2]))
    planes = samples / np.float64(255)
    for axis in (0, 1):
        planes = _area_means(planes, max(1, round(samples.shape[axis] * scale)), axis)
    return srgb_to_lab(planes.astype(np.float32))


def ab_gradient(lab: Floats) -> Floats:
    """Length of the gradient of a and b of a Lab picture (H, W, 3), (H, W), in units a pixel."""
    down, right = np.gradient(lab[..., 1:], axis=(0, 1))
    return np.asarray(np.sqrt((down**2 + right**2).sum(axis=-1)))


def is_skin(lab: Floats) -> npt.NDArray[np.bool_]:
    """Which pixels of a Lab picture (H, W, 3) have a colour that skin has, (H, W)."""
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    bounds = ((hue, SKIN_HUE), (chroma, SKIN_CHROMA), (lab[..., 0], SKIN_LIGHTNESS))
    within = [(low <= values) & (values <= high) for values, (low, high) in bounds]
    return np.asarray(np.logical_and.reduce(within))


def _share(asked: npt.NDArray[np.bool_], failed: npt.NDArray[np.bool_]) -> Share:
    """Share of a picture in which it fails, and in which it is asked."""
    return Share(float((asked & failed).mean()), float(asked.mean()))


def _area_means(planes: npt.NDArray[np.float64], length: int, axis: int) -> npt.NDArray[np.float64]:
    """Shrink one axis to `length`, each sample the mean over its part of the axis."""
    size = planes.shape[axis]
    rows = np.moveaxis(planes, axis, 0)
    sums = np.concatenate([np.zeros_like(rows[:1]), rows.cumsum(axis=0)])
    edges = np.linspace(0, size, length + 1)
    whole = np.minimum(edges.astype(int), size - 1)
    rest = (edges - whole).reshape(-1, *[1] * (rows.ndim - 1))
    means = np.diff(sums[whole] + rest * rows[whole], axis=0) * (length / size)
    return np.moveaxis(means, 0, axis)
