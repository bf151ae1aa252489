"""Metrics of the field, on pictures as arrays; from scikit-image where it has them."""

import numpy as np
import numpy.typing as npt
from skimage.color import deltaE_ciede2000

WINDOW = 11
"""Pixels that a window of SSIM is wide."""
THRESHOLDS = np.arange(151)
"""ab errors, in Lab units, at which Zhang et al. 2016 count the pixels below."""


def mean_ciede2000(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Mean CIEDE2000 over the pixels of two Lab pictures, both (H, W, 3)."""
    return float(np.mean(ciede2000(first, second)))


def ciede2000(first: npt.ArrayLike, second: npt.ArrayLike) -> npt.NDArray[np.floating]:
    """CIEDE2000 colour difference, shape (...), of two Lab arrays of shape (..., 3)."""
    return np.asarray(deltaE_ciede2000(first, second))  # type: ignore[no-untyped-call]


def psnr(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Peak signal-to-noise ratio in dB of two sRGB pictures in 0..1, both (H, W, 3).

    At most 120, for pictures that are equal.
    """
    error = np.mean((np.asarray(first, np.float64) - np.asarray(second, np.float64)) ** 2)
    return float(-10 * np.log10(max(float(error), 1e-12)))


def ssim(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Structural similarity of two sRGB pictures in 0..1, both (H, W, 3), mean over channels.

    Wang et al. 2004, with their Gaussian window of 1.5 pixels. Pictures with a side below `WINDOW`
    have none: for them it is NaN.
    """
    from skimage.metrics import structural_similarity

    one, two = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if min(one.shape[:2]) < WINDOW:
        return float("nan")
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    value = structural_similarity(one, two, data_range=1.0, channel_axis=2, **options)  # type: ignore[no-untyped-call]
    return float(value)


def colorfulness(rgb: npt.ArrayLike) -> float:
    """Colourfulness of an sRGB picture in 0..1, (H, W, 3); 0 for grey, above 80 for extreme.

    Hasler and Suesstrunk, "Measuring colourfulness in natural images", 2003, equation 3, on
    samples in 0..255 as there.
    """
    red, green, blue = np.moveaxis(np.asarray(rgb, np.float64) * 255, -1, 0)
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    deviation = np.hypot(red_green.std(), yellow_blue.std())
    mean = np.hypot(red_green.mean(), yellow_blue.mean())
    return float(deviation + 0.3 * mean)


def area_under_errors(
    predicted: npt.ArrayLike, truth: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> float:
    """Area under the share of pixels whose ab error is at most 0, 1, ... 150, in 0..1.

    Zhang et al. 2016, section 3.1, with the pixels weighted if `weights` (H, W) are given (there:
    by the rarity of the true colour). Both pictures are Lab, (H, W, 3).
    """
    one, two = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    error = np.hypot(one[..., 1] - two[..., 1], one[..., 2] - two[..., 2]).ravel()
    first = np.ceil(error).astype(int)  # the threshold from which on a pixel counts
    counted = None if weights is None else np.asarray(weights, np.float64).ravel()
    below = np.cumsum(np.bincount(first, counted, minlength=len(THRESHOLDS)))
    share = below[: len(THRESHOLDS)] / below[-1]
    return float(np.trapezoid(share, THRESHOLDS) / THRESHOLDS[-1])
