"""Reading a photograph or scan of one digit: find it, make it look like MNIST, ask the network."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from skimage.filters import threshold_otsu

from photochrom.color import samples_to_lightness
from photochrom.digits.data import SIDE, Digits
from photochrom.errors import ImageError, ModelError
from photochrom.image import Picture, save_rgb

Floats = npt.NDArray[np.float64]

SHIPPED = Path(__file__).parent / "digits.keras"
"""The network that comes with the package."""
_BOX = 20  # MNIST's digits were fitted into a box of so many pixels ...
_LOOKED_AT = 320  # pixels: the long side at which a digit is looked for
_FRAME = 0.08  # share of the sides: where the paper is seen, without ink
_CONTRAST = 12.0  # Lab lightness: fainter marks are not taken for ink
_SPECK = 0.05  # parts smaller than this share of the largest are dirt


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
    picture = Picture(path)
    scale = min(1.0, _LOOKED_AT / max(picture.width, picture.height))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    lightness = samples_to_lightness(picture.thumbnail(*size))
    try:
        seen = like_mnist(lightness.astype(np.float64))
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error
    probabilities = _network(model).predict(seen[None, ..., None], verbose=0)[0]
    digit = int(probabilities.argmax())
    return Reading(digit, float(probabilities[digit]), seen)


def save_seen(reading: Reading, path: Path) -> Path:
    """Write what the network saw as a picture, ten times as large; return its path."""
    large = np.kron(reading.seen, np.ones((10, 10), np.uint8))
    path.parent.mkdir(parents=True, exist_ok=True)
    save_rgb(np.repeat(large[..., None], 3, axis=2), path)
    return path


@cache
def _network(path: Path) -> Any:
    import keras

    try:
        return keras.models.load_model(path)
    except Exception as error:
        raise ModelError(f"{path} is no digits network: {str(error).splitlines()[0]}") from error


def like_mnist(lightness: Floats) -> Digits:
    """Find a digit in lightness (H, W) and show it as MNIST does, (28, 28) uint8.

    The ink is what stands out from the paper, darker or lighter; it is cut out, fitted into
    20 x 20 pixels, and its centre of mass put in the middle (LeCun et al. 1998). Raises
    `ImageError` when nothing looks like a digit.
    """
    if min(lightness.shape) < 8:
        raise ImageError("too small to hold a digit")
    ink = _ink(lightness)
    bar: float = threshold_otsu(ink)  # type: ignore[no-untyped-call]
    mask = _digit(ink > bar)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    around = ndimage.binary_dilation(mask, iterations=1)
    digit = (ink * around)[box] / np.percentile(ink[mask], 75)
    return _centre(_fit(np.clip(digit, 0, 1)))


def _ink(lightness: Floats) -> Floats:
    """How far each pixel stands out from the paper, in the direction in which the digit does."""
    difference = lightness - _paper(lightness)
    dark, light = np.maximum(-difference, 0), np.maximum(difference, 0)
    ink = dark if np.percentile(dark, 98) >= np.percentile(light, 98) else light
    if ink.max() < _CONTRAST:
        raise ImageError("no digit found: nothing stands out from the background")
    return ink


def _paper(lightness: Floats) -> Floats:
    """Lightness of the paper under the ink: a plane through the frame, outliers left out."""
    height, width = lightness.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y], axis=-1)
    frame = np.maximum(abs(x), abs(y)) >= 1 - 2 * _FRAME
    chosen = frame & (abs(lightness - np.median(lightness[frame])) < 2 * _CONTRAST)
    plane = np.linalg.lstsq(terms[chosen], lightness[chosen], rcond=None)[0]
    return np.asarray(terms @ plane)


def _digit(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Keep the parts that make up the digit: the largest, and others of some size inside."""
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    inner = labels.copy()
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        inner[np.isin(labels, edge[edge > 0])] = 0
    kept = inner if inner.any() else labels  # a digit may touch the edge, if nothing else is there
    sizes = ndimage.sum_labels(np.ones_like(kept), kept, np.arange(count + 1))
    sizes[0] = 0
    if not 12 <= sizes.max() <= 0.4 * mask.size:
        raise ImageError("no digit found: there is no stroke of a digit's size")
    if np.count_nonzero(sizes > 0.4 * sizes.max()) > 5:
        raise ImageError("no digit found: there is more than one thing in the picture")
    return np.isin(kept, np.flatnonzero(sizes > _SPECK * sizes.max()))


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


def _centre(ink: Floats) -> Digits:
    """Put the centre of mass of ink into the middle of 28 x 28 pixels."""
    canvas = np.zeros((SIDE, SIDE))
    top, left = (SIDE - ink.shape[0]) // 2, (SIDE - ink.shape[1]) // 2
    canvas[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    centre = ndimage.center_of_mass(canvas)
    shift = [round((SIDE - 1) / 2 - place) for place in centre]
    moved = ndimage.shift(canvas, shift, order=0)
    seen: Digits = np.rint(np.clip(moved / moved.max(), 0, 1) * 255).astype(np.uint8)
    return seen
