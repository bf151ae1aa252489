"""Colour beside luma: YCbCr whose chroma has half the size, as JPEG and films keep it (4:2:0).

The luma of a grey picture is its samples. Colour makes luma lighter or darker than the grey of the
same CIE lightness, by an amount that is as smooth as the colour itself. So all that is done at full
size is to add this difference to the grey samples.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from photochrom.color.gamut import compressed_to_srgb, fit_compressed
from photochrom.color.spaces import Floats, lines_over_compressed, srgb_to_lightness
from photochrom.color.upsampling import BilinearRows

Bytes = npt.NDArray[np.uint8]

_AT_ONCE = 60_000  # colours that are worked on together; more would leave the processor's cache
_SPARE = 8 << 20  # bytes
_HALO = 1  # rows of half size, above and below, that take part in the smooth difference
_PAIR = np.dtype("<u2")  # two samples that lie side by side, the first in its low byte
_LOW, _HIGH = np.uint16(0xFF), np.uint16(8)
_SHIFT = 6  # quarters, of which four by four are averaged: 64 are a sample


@dataclass(frozen=True)
class Coding:
    """How YCbCr is made of RGB, and coded as bytes."""

    from_rgb: tuple[tuple[float, float, float], ...]
    """Luma, in 0..1 as RGB is, and chroma, in -0.5..0.5."""
    black: int
    """The luma of black."""
    luma: int
    """Samples from black to white."""
    chroma: int
    """Samples from the least to the largest, around 128."""

    @cached_property
    def quarters(self) -> Floats:
        """From RGB to luma in quarters of a sample over black, and chroma in samples."""
        spans = [[4 * self.luma], [self.chroma], [self.chroma]]
        return (np.array(self.from_rgb) * spans).astype(np.float32)

    @cached_property
    def compressed(self) -> Floats:
        """CIE 15's f of the luminance of greys, by quarters of a sample."""
        greys = np.clip((np.arange(4 * 255 + 1) - 4 * self.black) / (4 * self.luma), 0, 1)
        lightness = srgb_to_lightness(np.stack([greys] * 3, axis=1))
        return (lightness + np.float32(16)) / np.float32(116)

    @cached_property
    def of_grey(self) -> Bytes:
        """Luma of grey samples, (256,)."""
        luma = np.arange(256) * (self.luma / 255) + self.black
        return np.asarray(np.rint(luma), np.uint8)


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
"""Of films (ITU-R BT.709)."""


class Planes(NamedTuple):
    """Rows of a picture as YCbCr, uint8."""

    luma: Bytes
    """(h, w)."""
    blue: Bytes
    """Cb, (h / 2, w / 2), rounded up."""
    red: Bytes
    """Cr, as large."""


class HalfRecombiner:
    """Colours the luma of a grey picture, (H, W) uint8, by small `guided_coefficients`, (4, h, w).

    The lightness of the colours is that of the samples, their means over 2 x 2 pixels.
    """

    def __init__(self, coefficients: Floats, grey: Bytes, coding: Coding = JFIF) -> None:
        # glibc then keeps what is freed, up to twice this; else it gives it back after each chunk,
        # and the system has to clear it again for the next.
        np.empty(_SPARE, np.uint8)
        self._grey, self._coding = grey, coding
        self._height, self._width = -(-grey.shape[0] // 2), -(-grey.shape[1] // 2)
        lines = lines_over_compressed(coefficients)
        self._lines = BilinearRows(lines, self._height, self._width)

    def planes(self, top: int, bottom: int) -> Planes:
        """Give rows `top` to `bottom` of the picture; both are even, but at its end."""
        first, last = top // 2, -(-bottom // 2)
        start, stop = max(0, first - _HALO), min(self._height, last + _HALO)
        colored = _Colored(_sums(self._grey[2 * start : 2 * stop]), self._coding)
        rows = max(1, _AT_ONCE // self._width)
        for lines in self._lines.chunks(slice(start, stop), rows):
            colored.add(lines)
        quarters, chroma = colored.finish()
        inner = slice(first - start, last - start)
        luma = _added(self._grey[top:bottom], quarters, inner)
        return Planes(luma, chroma[0, inner], chroma[1, inner])


class _Colored:
    """Rows of half size that are coloured in order, from sums of 2 x 2 samples, (h, w)."""

    def __init__(self, sums: npt.NDArray[np.uint16], coding: Coding) -> None:
        self._coding = coding
        self._shape, self._sums, self._done = sums.shape, sums.ravel(), 0
        self._quarters = np.empty(sums.size, np.int16)
        self._chroma = np.empty((2, sums.size), np.uint8)
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

    def finish(self) -> tuple[npt.NDArray[np.int16], Bytes]:
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
        ycc[1:] += np.float32(128.5)
        self._chroma[:, where] = ycc[1:]
        return outside


def _pairs(grey: Bytes) -> npt.NDArray[np.uint16]:
    """See samples, (h, w), by pairs, (h, w / 2) rounded up; the last is repeated where w is odd."""
    if grey.shape[1] % 2:
        grey = np.pad(grey, ((0, 0), (0, 1)), mode="edge")
    return np.ascontiguousarray(grey).view(_PAIR)


def _sums(grey: Bytes) -> npt.NDArray[np.uint16]:
    """Add up squares of 2 x 2 samples, (h / 2, w / 2); edges are repeated where a side is odd."""
    pairs = _pairs(grey)
    rows = pairs & _LOW
    rows += pairs >> _HIGH
    sums = rows[::2].copy()
    sums[: len(grey) // 2] += rows[1::2]
    sums[len(grey) // 2 :] *= np.uint16(2)  # the last row of an odd number
    return sums


def _added(grey: Bytes, quarters: npt.NDArray[np.int16], inner: slice) -> Bytes:
    """Add to samples, (h, w), quarters of a sample that are given at half size, with a halo.

    They are interpolated as decoders do with chroma: 3/4 of the nearest value and 1/4 of the next.
    """
    ends = int(inner.start == 0), int(inner.stop == len(quarters))  # of the picture: no halo
    padded = np.pad(quarters, (ends, (1, 1)), mode="edge")
    near = padded[1:-1] * np.int16(3)
    tall = np.empty((len(near), 2, padded.shape[1]), np.int16)
    np.add(near, padded[:-2], out=tall[:, 0])
    np.add(near, padded[2:], out=tall[:, 1])
    rows = tall.reshape(-1, padded.shape[1])[: len(grey)]
    near = rows[:, 1:-1] * np.int16(3)
    near += np.int16(1 << _SHIFT >> 1)
    pairs = _pairs(grey)
    left, right = near + rows[:, :-2], near + rows[:, 2:]
    for half, samples in ((left, pairs & _LOW), (right, pairs >> _HIGH)):
        half >>= np.int16(_SHIFT)
        half += samples.view(np.int16)
        np.clip(half, 0, 255, out=half)
    right <<= _HIGH.view(np.int16)
    left |= right
    luma = left.astype(_PAIR, copy=False).view(np.uint8)
    return np.ascontiguousarray(luma[:, : grey.shape[1]])
