"""Reading a photograph or scan of one digit: find it, make it look like MNIST, ask the network."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage
from skimage.morphology import skeletonize

from photochrom.color.gamut import lab_to_samples
from photochrom.color.spaces import samples_to_lightness
from photochrom.digits.data import SIDE, Digits
from photochrom.digits.finding import Floats, Mask, find
from photochrom.errors import ImageError, ModelError, unwritten
from photochrom.image import Picture, save_rgb

SHIPPED = Path(__file__).parent / "digits.keras"
"""The network that comes with the package."""
_BOX = 20  # MNIST's digits were fitted into a box of so many pixels ...
_PEN = 2.5 / _BOX  # of a digit's longer side: the median width of MNIST's strokes
_LOOKED_AT = 640  # pixels: the long side at which a digit is looked for

_NO_NETWORK = "{} is not a digits network; give the digits.keras of a training run"


@dataclass(frozen=True)
class Reading:
    """A digit that was read."""

    digit: int
    confidence: float
    """The network's probability for it, 0 to 1."""
    seen: Digits
    """What the network saw, (28, 28), light on dark."""


def read(path: Path, model: Path = SHIPPED) -> Reading:
    """Read the digit in a picture file; raises `ImageError` when there is none to be found."""
    picture = _opaque(Picture(path))
    scale = _LOOKED_AT / max(picture.width, picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    lightness = samples_to_lightness(picture.thumbnail(*size))
    try:
        seen = like_mnist(lightness.astype(np.float64))
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error
    probabilities = np.asarray(_network(model)(seen[None, ..., None]))[0]
    digit = int(probabilities.argmax())
    return Reading(digit, float(probabilities[digit]), seen)


def _opaque(picture: Picture) -> Picture:
    """Lay a picture that is transparent in places on white, or what is light in it on black."""
    if not picture.has_alpha:
        return picture
    bands = list(picture.bands())
    lightness = samples_to_lightness(np.concatenate([samples for samples, _ in bands]))
    alpha = np.concatenate([plane for _, plane in bands if plane is not None])
    cover = alpha / np.float32(np.iinfo(alpha.dtype).max)
    ground = 100 if np.sum(lightness * cover) < 50 * np.sum(cover) else 0
    laid = (ground + (lightness - ground) * cover).astype(np.float32)
    neutral = np.zeros_like(laid)
    return Picture(lab_to_samples(laid, neutral, neutral, np.uint8))


def save_seen(reading: Reading, path: Path) -> Path:
    """Write what the network saw as a picture, ten times as large; return its path."""
    large = np.kron(reading.seen, np.ones((10, 10), np.uint8))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritten(path.parent, error) from error
    save_rgb(np.repeat(large[..., None], 3, axis=2), path)
    return path


@cache
def _network(path: Path) -> Any:
    import keras

    try:
        network = keras.models.load_model(path)
        if (network.input_shape, network.output_shape) == ((None, SIDE, SIDE, 1), (None, 10)):
            return network
    except Exception as error:
        raise ModelError(_NO_NETWORK.format(path)) from error
    raise ModelError(_NO_NETWORK.format(path))


def like_mnist(lightness: Floats) -> Digits:
    """Find a digit in lightness (H, W) and show it as MNIST does, (28, 28) uint8.

    It is cut out, drawn with a pen as fine as MNIST's, fitted into 20 x 20 pixels, and its centre
    of mass put in the middle (LeCun et al. 1998). Raises `ImageError` when there is none, or more
    than one.
    """
    ink, mask = find(lightness)
    mask = _thinned(mask)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    around = ndimage.binary_dilation(mask, iterations=1)
    digit = (ink * around)[box] / np.percentile(ink[mask], 75)
    return _center(_fit(np.clip(digit, 0, 1)))


def _thinned(mask: Mask) -> Mask:
    """Peel strokes that are fatter than MNIST's: in 20 pixels the hole of a 4 would close."""
    depth = ndimage.distance_transform_edt(mask)
    stroke = 2 * np.median(depth[skeletonize(mask)])  # type: ignore[no-untyped-call]
    wanted = _PEN * max(np.ptp(boxes) + 1 for boxes in np.nonzero(mask))
    return np.asarray(depth > (stroke - wanted) / 2) if stroke > 1.25 * wanted else mask


def _fit(ink: Floats) -> Floats:
    """Scale ink so that its longer side is 20 pixels, averaging what falls together."""
    scale = _BOX / max(ink.shape)
    if scale < 1:
        ink = ndimage.gaussian_filter(ink, 0.35 / scale)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    y = (np.arange(height) + 0.5) * ink.shape[0] / height - 0.5
    x = (np.arange(width) + 0.5) * ink.shape[1] / width - 0.5
    grid = np.meshgrid(y, x, indexing="ij")
    return np.asarray(ndimage.map_coordinates(ink, grid, order=1, mode="nearest"))


def _center(ink: Floats) -> Digits:
    """Put the centre of mass of ink into the middle of 28 x 28 pixels."""
    canvas = np.zeros((SIDE, SIDE))
    top, left = (SIDE - ink.shape[0]) // 2, (SIDE - ink.shape[1]) // 2
    canvas[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    center = ndimage.center_of_mass(canvas)
    shift = [round((SIDE - 1) / 2 - box) for box in center]
    shifted = ndimage.shift(canvas, shift, order=0)
    seen: Digits = np.rint(np.clip(shifted / shifted.max(), 0, 1) * 255).astype(np.uint8)
    return seen
