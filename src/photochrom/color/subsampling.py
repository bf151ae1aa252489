"""Colour beside luma: YCbCr whose chroma has half the size, as JPEG and films keep it.

That is half the width and height (4:2:0), or half the width alone (4:2:2).

The luma of a grey picture is its samples. Colour makes luma lighter or darker than the grey of the
same CIE lightness, by an amount that is as smooth as the colour itself. So all that is done at full
size is to add this difference to the grey samples.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from photochrom.color.gamut import compressed_to_srgb, fit_compressed
from photochrom.color.spaces import Floats, lines_over_compressed, srgb_to_lightness
from photochrom.color.upsampling import BilinearRows

Plane = npt.NDArray[Any]
"""Plane of 8 bits as uint8, or of more as uint16, (h, w)."""
_Int16 = npt.NDArray[np.int16]

_AT_ONCE = 60_000  # colours that are worked on together; more would leave the processor's cache
_SPARE = 8 << 20  # bytes
_HALO = 1  # rows of half size, above and below, that take part in the smooth difference
_PAIR = np.dtype("<u2")  # two samples that lie side by side, the first in its low byte
_LOW, _HIGH = np.uint16(0xFF), np.uint16(8)
_SHIFT = 6  # quarters, of which four by four are averaged: 64 are a sample
_ALIKE = np.int16(4)  # that are averaged where rows are not interpolated


@dataclass(frozen=True)
class Coding:
    """How YCbCr is made of RGB, and coded."""

    from_rgb: tuple[tuple[float, float, float], ...]
    """Luma, in 0..1 as RGB is, and chroma, in -0.5..0.5."""
    black: int
    """The luma of black."""
    luma: int
    """Plane from black to white."""
    chroma: int
    """Plane from the least to the largest, around the middle."""
    bits: int = 8
    """Of a sample; more than 8 are stored as 16."""

    @property
    def max_sample(self) -> int:
        """The largest sample."""
        return (1 << self.bits) - 1

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        """Of stored samples."""
        return np.uint8 if self.bits == 8 else np.uint16

    @cached_property
    def quarters(self) -> Floats:
        """From RGB to luma in quarters of a sample over black, and chroma in samples."""
        spans = [[4 * self.luma], [self.chroma], [self.chroma]]
        return (np.array(self.from_rgb) * spans).astype(np.float32)

    @cached_property
    def compressed(self) -> Floats:
        """CIE 15's f of the luminance of greys, by quarters of a sample."""
        quarters = np.arange(4 * self.max_sample + 1)
        greys = np.clip((quarters - 4 * self.black) / (4 * self.luma), 0, 1)
        lightness = srgb_to_lightness(np.stack([greys] * 3, axis=1))
        return (lightness + np.float32(16)) / np.float32(116)

    @cached_property
    def of_grey(self) -> Plane:
        """Luma of grey samples that are stored as it is, (256,) or (65536,)."""
        levels = np.iinfo(self.dtype).max
        luma = np.arange(levels + 1) * (self.luma / levels) + self.black
        return np.asarray(np.rint(luma), self.dtype)


JFIF = Coding(
    (
        (0.299, 0.587, 0.114),
        (-0.168735892, -0.331264108, 0.5),
        (0.5, -0.418687589, -0.081312411),
    ),
    black=0,
    luma=255,
    chroma=255,
)
"""Of JPEGs (JFIF 1.02)."""
BT709 = Coding(
    (
        (0.2126, 0.7152, 0.0722),
        (-0.114572106, -0.385427894, 0.5),
        (0.5, -0.454152908, -0.045847092),
    ),
    black=16,
    luma=219,
    chroma=224,
)
"""Of films (ITU-R BT.709),"""
BT709_10 = replace(BT709, black=64, luma=876, chroma=896, bits=10)
"""and of those of 10 bits."""


class Planes(NamedTuple):
    """Rows of a picture as YCbCr."""

    luma: Plane
    """(h, w)."""
    blue: Plane
    """Cb, (h / 2, w / 2) or (h, w / 2), rounded up."""
    red: Plane
    """Cr, as large."""


class HalfRecombiner:
    """Colours the luma of a grey picture, (H, W), by small `guided_coefficients`, (4, h, w).

    The lightness of the colours is that of the samples, their means over 2 x 2 pixels, or over
    pairs, where `down`, rows of luma for one of chroma, is 1.
    """

    def __init__(
        self, coefficients: Floats, grey: Plane, coding: Coding = JFIF, down: int = 2
    ) -> None:
        # glibc then keeps what is freed, up to twice this; else it gives it back after each chunk,
        # and the system has to clear it again for the next.
        np.empty(_SPARE, np.uint8)
        self._grey, self._coding, self._down = grey, coding, down
        self._height, self._width = -(-grey.shape[0] // down), -(-grey.shape[1] // 2)
        lines = lines_over_compressed(coefficients)
        self._lines = BilinearRows(lines, self._height, self._width)

    def planes(self, top: int, bottom: int) -> Planes:
        """Give rows `top` to `bottom` of the picture; both are even, but at its end."""
        down = self._down
        first, last = top // down, -(-bottom // down)
        start, stop = max(0, first - _HALO), min(self._height, last + _HALO)
        colored = _Colored(_sums(self._grey[down * start : down * stop], down), self._coding)
        rows = max(1, _AT_ONCE // self._width)
        for lines in self._lines.chunks(slice(start, stop), rows):
            colored.add(lines)
        quarters, chroma = colored.finish()
        inner = slice(first - start, last - start)
        rows = _interpolated(quarters, inner) if down == 2 else quarters[inner] * _ALIKE
        luma = _added(self._grey[top:bottom], rows, self._coding.max_sample)
        return Planes(luma, chroma[0, inner], chroma[1, inner])


class _Colored:
    """Rows of half size that are coloured in order, from sums of four samples, (h, w)."""

    def __init__(self, sums: _Int16, coding: Coding) -> None:
        self._coding, self._middle = coding, np.float32((1 << coding.bits - 1) + 0.5)
        self._shape, self._sums, self._done = sums.shape, sums.ravel(), 0
        self._quarters = np.empty(sums.size, np.int16)
        self._chroma = np.empty((2, sums.size), coding.dtype)
        self._far: list[tuple[npt.NDArray[np.intp], Floats]] = []

    def add(self, lines: Floats) -> None:
        """Colour the next rows, by `lines_over_compressed`, (4, rows, w)."""
        end = self._done + lines[0].size
        here = slice(self._done, end)
        compressed = np.empty((3, end - self._done), np.float32)
        np.take(self._coding.compressed, self._sums[here], mode="clip", out=compressed[1])
        slopes, offsets = lines.reshape(2, 2, -1)
        np.multiply(slopes, compressed[1], out=compressed[::2])
        compressed[::2] += offsets
        far = self._write(here, compressed)
        if len(far):
            self._far.append((far + self._done, compressed[:, far]))
        self._done = end

    def finish(self) -> tuple[_Int16, Plane]:
        """Give what is to be added to luma, in quarters of a sample, (h, w), and chroma, (2, h, w).

        Those that were out of gamut are brought into it.
        """
        if self._far:
            indices = np.concatenate([indices for indices, _ in self._far])
            colors = np.concatenate([colors for _, colors in self._far], axis=1)
            self._write(indices, fit_compressed(colors))
        return self._quarters.reshape(self._shape), self._chroma.reshape(2, *self._shape)

    def _write(
        self, where: slice | npt.NDArray[np.intp], compressed: Floats
    ) -> npt.NDArray[np.intp]:
        """Write colours, compressed XYZ of shape (3, n); tell which are out of gamut."""
        rgb, outside = compressed_to_srgb(compressed)
        ycc = self._coding.quarters @ rgb
        ycc[0] -= self._sums[where] - np.float32(4 * self._coding.black)
        self._quarters[where] = np.rint(ycc[0])
        ycc[1:] += self._middle
        self._chroma[:, where] = ycc[1:]
        return outside


def _halves(grey: Plane) -> tuple[_Int16, _Int16]:
    """Give every other sample, (h, w), and the others, (h, w / 2) rounded up.

    The last is repeated where w is odd.
    """
    if grey.shape[1] % 2:
        grey = np.pad(grey, ((0, 0), (0, 1)), mode="edge")
    if grey.dtype != np.uint8:
        return grey[:, ::2].view(np.int16), grey[:, 1::2].view(np.int16)
    pairs = np.ascontiguousarray(grey).view(_PAIR)
    return (pairs & _LOW).view(np.int16), (pairs >> _HIGH).view(np.int16)


def _merged(left: _Int16, right: _Int16, dtype: np.dtype[Any]) -> Plane:
    """Give the samples of which `_halves` are given, which are used up."""
    if dtype != np.uint8:
        return np.stack([left, right], axis=2).reshape(len(left), -1).view(dtype)
    right <<= _HIGH.view(np.int16)
    left |= right
    return left.astype(_PAIR, copy=False).view(np.uint8)


def _sums(grey: Plane, down: int) -> _Int16:
    """Add up squares of 2 x 2 samples, (h / 2, w / 2), or pairs twice, (h, w / 2).

    Edges are repeated where a side is odd.
    """
    left, right = _halves(grey)
    rows = left + right
    if down == 1:
        return rows * np.int16(2)
    sums = rows[::2].copy()
    sums[: len(grey) // 2] += rows[1::2]
    sums[len(grey) // 2 :] *= np.int16(2)  # the last row of an odd number
    return sums


def _interpolated(quarters: _Int16, inner: slice) -> _Int16:
    """Double the rows that lie within a halo, four times as large, as decoders do with chroma.

    Each is 3/4 of the nearest value and 1/4 of the next.
    """
    ends = int(inner.start == 0), int(inner.stop == len(quarters))  # of the picture: no halo
    padded = np.pad(quarters, (ends, (0, 0)), mode="edge")
    near = padded[1:-1] * np.int16(3)
    tall = np.empty((len(near), 2, padded.shape[1]), np.int16)
    np.add(near, padded[:-2], out=tall[:, 0])
    np.add(near, padded[2:], out=tall[:, 1])
    return tall.reshape(-1, padded.shape[1])


def _added(grey: Plane, sixteenths: _Int16, max_sample: int) -> Plane:
    """Add to samples, (h, w), sixteenths of a sample that are given at half the width.

    They are interpolated as rows are.
    """
    rows = np.pad(sixteenths[: len(grey)], ((0, 0), (1, 1)), mode="edge")
    near = rows[:, 1:-1] * np.int16(3)
    near += np.int16(1 << _SHIFT >> 1)
    left, right = near + rows[:, :-2], near + rows[:, 2:]
    for half, samples in zip((left, right), _halves(grey), strict=True):
        half >>= np.int16(_SHIFT)
        half += samples
        np.clip(half, 0, max_sample, out=half)
    return np.ascontiguousarray(_merged(left, right, grey.dtype)[:, : grey.shape[1]])
