"""Small planes brought to the size of a picture, and joined with its own lightness there."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from photochrom.color.gamut import AT_ONCE, GamutQuantizer
from photochrom.color.spaces import Floats, Samples, lines_over_compressed, samples_to_compressed


def resize_bilinear(planes: Floats, height: int, width: int) -> Floats:
    """Bring planes, shape (C, h, w), to (C, height, width) by bilinear interpolation.

    Pixel centres are aligned at (x + 0.5) / width and edges are repeated. Meant for going up.
    """
    return BilinearRows(planes, height, width)[0:height]


class BilinearRows:
    """Planes, shape (C, h, w), seen at (C, height, width): any band of rows, made when asked for.

    `rows[top:bottom]` is float32 of shape (C, bottom - top, width), interpolated as by
    `resize_bilinear`, without the rest of the large planes ever existing.
    """

    def __init__(self, planes: Floats, height: int, width: int) -> None:
        self._planes = planes
        self._above, self._below = _neighbours(planes.shape[1], height)
        self._left, self._right = _neighbours(planes.shape[2], width)

    def __getitem__(self, rows: slice) -> Floats:
        (band,) = self.chunks(rows, rows.stop - rows.start)
        return band

    def chunks(self, rows: slice, height: int) -> Iterator[Floats]:
        """Give `rows` so many at a time, in order; what is given is overwritten by the next."""
        above, share = self._above[rows], self._below[rows]
        first, last = int(above[0]), min(int(above[-1]) + 1, self._planes.shape[1] - 1)
        narrow = self._planes[:, first : last + 1]
        slope = np.diff(narrow, axis=2, append=narrow[:, :, -1:])
        wide = np.take(slope, self._left, axis=2)
        wide *= self._right
        wide += np.take(narrow, self._left, axis=2)
        weights = np.zeros((len(above), wide.shape[1]), np.float32)
        here = np.arange(len(above))
        np.add.at(weights, (here, above - first), 1 - share)
        np.add.at(weights, (here, np.minimum(above + 1, last) - first), share)
        chunk = np.empty((len(wide), min(height, len(above)), wide.shape[2]), np.float32)
        for top in range(0, len(above), height):
            some = weights[top : top + height]
            near = slice(above[top] - first, above[top : top + height][-1] - first + 2)
            yield np.matmul(some[:, near], wide[:, near], out=chunk[:, : len(some)])


def _neighbours(small: int, large: int) -> tuple[npt.NDArray[np.intp], Floats]:
    """For each of `large` pixels: the small pixel before it, and the share of the next one."""
    centers = (np.arange(large) + 0.5) * (small / large) - 0.5
    centers = np.clip(centers, 0, small - 1)
    before = np.floor(centers).astype(np.intp)
    return before, (centers - before).astype(np.float32)


def guided_coefficients(
    lightness: Floats, ab: Floats, *, radius: int = 1, epsilon: float = 50.0
) -> Floats:
    """Explain ab as a local linear function of lightness, for a larger lightness to be coloured by.

    After the fast guided filter (He and Sun 2015), at the size at which ab is given: `ab` is
    (2, h, w) in Lab units, `lightness` (k h, k w) in 0..100 is shrunk to it. Slopes are fitted
    over windows of `radius`; `epsilon`, in squared units of L, says that contrast below its root
    is flat. Returns (4, h, w): the slopes of a and b, then their offsets, with which slopes * L +
    offsets is just the given ab. They are interpolated to any size; colour then stops at edges of
    L.
    """
    shrunk = block_mean(lightness[None], lightness.shape[0] // ab.shape[1])
    mean_l, mean_ab = _box_mean(shrunk, radius), _box_mean(ab, radius)
    variance = _box_mean(shrunk**2, radius) - mean_l**2
    covariance = _box_mean(shrunk * ab, radius) - mean_l * mean_ab
    slopes = covariance / (np.maximum(variance, 0) + np.float32(epsilon))
    return np.concatenate([slopes, ab - slopes * shrunk])


def unsharp_mask(ab: Floats, amount: float, *, radius: int = 3) -> Floats:
    """Let ab, (2, h, w), stand out from their mean around, over windows of `radius`, by `amount`.

    Networks give averages near the edges of things; this takes back a part of what is lost there.
    """
    return ab + np.float32(amount) * (ab - _box_mean(ab, radius)) if amount else ab


def block_mean(planes: Floats, factor: int) -> Floats:
    """Shrink planes (C, factor h, factor w) to (C, h, w), each value the mean of its block."""
    count, height, width = planes.shape
    bands = planes.reshape(count, height // factor, factor, width).mean(axis=2)
    columns = [bands[..., first::factor] for first in range(factor)]
    return np.asarray(sum(columns) / np.float32(factor), np.float32)


def _box_mean(planes: Floats, radius: int) -> Floats:
    """Mean of planes (C, h, w) over squares of 2 * radius + 1 pixels; edges are repeated."""
    window = 2 * radius + 1
    mean = planes.astype(np.float64)
    for axis in (1, 2):
        length = mean.shape[axis]
        pad = [(radius + 1, radius) if this == axis else (0, 0) for this in range(3)]
        total = np.cumsum(np.pad(mean, pad, mode="edge"), axis=axis)
        first = np.arange(length)
        mean = (np.take(total, first + window, axis) - np.take(total, first, axis)) / window
    return mean.astype(np.float32)


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
