"""The sRGB gamut: colours brought into it, and rounded to samples."""

import math
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import (
    RELATIVE_TO_RGB,
    Floats,
    Samples,
    expand,
    lab_to_compressed,
    linear_planes,
    linear_to_srgb,
)

AT_ONCE = 30_000
"""Colours that are worked on together: their planes stay in the processor's cache."""
_ROUNDING = 2e-5  # of linear light: what float32 may stray over the gamut's faces
_BISECTIONS = 9  # leave chroma within 2**-9 of itself: under 0.3 units for any sRGB colour


def _outside(linear: Floats) -> npt.NDArray[np.bool_]:
    """Where linear RGB, shape (3, ...), leaves 0..1 by more than rounding."""
    low = np.minimum(np.minimum(linear[0], linear[1]), linear[2])
    high = np.maximum(np.maximum(linear[0], linear[1]), linear[2])
    outside: npt.NDArray[np.bool_] = (low < np.float32(-_ROUNDING)) | (
        high > np.float32(1 + _ROUNDING)
    )
    return outside


def _chroma_limit(compressed: Floats) -> Floats:
    """Share of the chroma, in 0..1, at which colours that are out of gamut reach its surface."""
    grey = compressed[1]
    chroma = compressed - grey
    inside: Floats = np.zeros_like(grey)
    step = np.float32(0.5)
    for _ in range(_BISECTIONS):
        trial = inside + step
        inside += step * ~_outside(linear_planes(chroma * trial + grey))
        step *= np.float32(0.5)
    return inside


def fit_gamut(lightness: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Reduce chroma, along constant lightness and hue, until each colour fits sRGB.

    The three planes are float32 of one shape. Returns new a and b; a colour that fits already is
    returned as it is, and any other lies inside the gamut, within 0.5 of its surface.
    """
    compressed = lab_to_compressed(lightness, a, b)
    outside = _outside(linear_planes(compressed))
    a, b = a.copy(), b.copy()
    if outside.any():
        share = _chroma_limit(compressed[:, outside])
        a[outside] *= share
        b[outside] *= share
    return a, b


def lab_to_samples(lightness: Floats, a: Floats, b: Floats, dtype: npt.DTypeLike) -> Samples:
    """Encode Lab planes of shape (H, W) as sRGB samples, shape (H, W, 3).

    `dtype` is uint8 or uint16 (full range). Chroma is reduced as in `fit_gamut`; no channel is
    clipped. Lightness is kept to the rounding of the sample.
    """
    samples = np.empty((*lightness.shape, 3), dtype)
    encoder = GamutQuantizer(samples.reshape(-1, 3), AT_ONCE)
    compressed = lab_to_compressed(lightness, a, b).reshape(3, -1)
    for start in range(0, lightness.size, AT_ONCE):
        encoder.add(compressed[:, start : start + AT_ONCE])
    encoder.finish()
    return samples


def compressed_to_srgb(compressed: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Encode compressed XYZ, (3, n), as sRGB in 0..1, (3, n), to 0.05 of a byte.

    Gives the indices of colours that are out of gamut, too, which `fit_compressed` brings into it.
    """
    table, first = _encoding_table(np.dtype(np.float32))
    steps = RELATIVE_TO_RGB * np.float32(len(table) - 1 - 2 * first) @ expand(compressed)
    steps += np.float32(first + 0.5)
    whole = steps.astype(np.int32)
    outside = whole.view(np.uint32) >= len(table)  # in which those below 0 are large
    found = np.flatnonzero(outside.any(axis=0)) if outside.any() else np.empty(0, np.intp)
    return np.take(table, whole, mode="clip"), found


def fit_compressed(compressed: Floats) -> Floats:
    """Reduce the chroma of colours that are out of gamut as `fit_gamut` does; (3, n)."""
    grey = compressed[1]
    fitted: Floats = (compressed - grey) * _chroma_limit(compressed) + grey
    return fitted


@cache
def _encoding_table(dtype: np.dtype[Any]) -> tuple[npt.NDArray[Any], int]:
    """Give samples of linear light in steps, from a few below 0 to a few above 1; and how many.

    A step is 0.05 of a byte or 0.8 of the 16 bits at most, near black. Floats are in 0..1.
    """
    steps = 1 << 20 if dtype == np.uint16 else 1 << 16
    beyond = math.ceil(_ROUNDING * steps)
    linear = np.clip(np.arange(-beyond, steps + beyond + 1) / steps, 0, 1)
    levels = linear_to_srgb(linear)
    if dtype != np.float32:
        levels = np.rint(levels * np.float32(np.iinfo(dtype).max))
    return levels.astype(dtype), beyond


class GamutQuantizer:
    """Fills samples, (N, 3) uint8 or uint16, with colours in order, as `lab_to_samples` does.

    They are added `max_count` at a time, or fewer; fastest are some `AT_ONCE`.
    """

    def __init__(self, samples: Samples, max_count: int) -> None:
        self._samples, self._done = samples, 0
        self._far: list[tuple[npt.NDArray[np.intp], Floats]] = []
        self._table, self._first = _encoding_table(samples.dtype)
        steps = len(self._table) - 1 - 2 * self._first
        self._to_steps = np.ascontiguousarray(RELATIVE_TO_RGB.T * np.float32(steps))
        self._relative, self._spare = np.empty((2, 3, max_count), np.float32)
        self._scaled = np.empty((max_count, 3), np.float32)
        self._whole = np.empty((max_count, 3), np.int32)

    def add(self, compressed: Floats) -> None:
        """Write the next samples, of compressed XYZ, (3, n)."""
        count = compressed.shape[1]
        steps = self._write(compressed, self._samples[self._done : self._done + count])
        if steps.max() >= len(self._table):
            indices = np.flatnonzero(steps >= len(self._table)) // 3
            indices = indices[np.diff(indices, prepend=-1) > 0]  # once each
            self._far.append((indices + self._done, compressed[:, indices]))
        self._done += count

    def finish(self) -> None:
        """Bring those that were out of gamut into it."""
        if not self._far:
            return
        indices = np.concatenate([indices for indices, _ in self._far])
        far = np.concatenate([colors for _, colors in self._far], axis=1)
        far = fit_compressed(far)
        inner = np.empty((len(indices), 3), self._samples.dtype)
        max_count = len(self._whole)
        for start in range(0, len(indices), max_count):
            self._write(far[:, start : start + max_count], inner[start : start + max_count])
        self._samples[indices] = inner

    def _write(self, compressed: Floats, samples: Samples) -> npt.NDArray[np.uint32]:
        """Write samples; give their indices in the table, beyond it where they were cut off."""
        count = compressed.shape[1]
        indices, whole = self._scaled[:count], self._whole[:count]
        relative = expand(compressed, self._relative[:, :count], self._spare[:, :count])
        np.matmul(relative.T, self._to_steps, out=indices)
        indices += np.float32(self._first + 0.5)
        np.copyto(whole, indices, casting="unsafe")
        np.take(self._table, whole, mode="clip", out=samples)
        steps: npt.NDArray[np.uint32] = whole.view(np.uint32)
        return steps  # in which those below 0 are large
