"""Colour spaces: sRGB, CIE Lab and lightness.

This is the only module that knows a white point or a transfer curve. Lab is CIE
L*a*b* with D65 white and the 2-degree observer: L in 0..100, a and b in Lab units. sRGB is
IEC 61966-2-1 as floats in 0..1. Arrays keep channels first where a picture is large (planes
are contiguous, so the arithmetic runs at memory speed) and last where a caller's pixels come in.
"""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

# Linear sRGB -> XYZ from the sRGB primaries and D65 (IEC 61966-2-1, digits by B. Lindbloom).
RGB_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = RGB_TO_XYZ.sum(axis=1)
"""XYZ of D65, from the same digits, so that R = G = B is exactly neutral."""

_RGB_TO_RELATIVE = (RGB_TO_XYZ / WHITE[:, None]).astype(np.float32)
RELATIVE_TO_RGB = np.linalg.inv(RGB_TO_XYZ / WHITE[:, None]).astype(np.float32)
_DELTA = 6 / 29  # CIE 15: below it, the cube root is continued by its tangent
_DELTA_BITS = np.float32(_DELTA).view(np.int32)
_TANGENT = 3 * _DELTA**2
_OFFSET = 4 / 29


def srgb_to_linear(encoded: npt.ArrayLike) -> Floats:
    """Undo the sRGB transfer curve: values in 0..1 (any shape) to linear light in 0..1."""
    values = np.asarray(encoded, np.float32)
    dark = values / np.float32(12.92)
    bright = ((np.maximum(values, 0) + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(values <= np.float32(0.04045), dark, bright)


def linear_to_srgb(linear: npt.ArrayLike) -> Floats:
    """Apply the sRGB transfer curve: linear light in 0..1 (any shape) to values in 0..1."""
    values = np.asarray(linear, np.float32)
    dark = values * np.float32(12.92)
    bright = np.float32(1.055) * np.maximum(values, 0) ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(values <= np.float32(0.0031308), dark, bright)


def _compress(relative: Floats) -> Floats:
    """CIE 15's f: the cube root of a tristimulus value, and its tangent near black."""
    tangent = relative / np.float32(_TANGENT) + np.float32(_OFFSET)
    return np.where(relative > np.float32(_DELTA**3), np.cbrt(relative), tangent)


def expand(compressed: Floats, out: Floats | None = None, spare: Floats | None = None) -> Floats:
    """Undo f: from the compressed to the relative tristimulus value, without a branch a pixel."""
    if compressed.min() >= _DELTA:
        relative: Floats = np.multiply(compressed, compressed, out=out)
        relative *= compressed
        return relative
    bright = np.empty_like(compressed) if spare is None else spare
    # Their bits, as whole numbers, have the order of the floats, and NumPy compares them faster.
    np.maximum(compressed.view(np.int32), _DELTA_BITS, out=bright.view(np.int32))
    relative = np.multiply(bright, bright, out=out)
    relative *= bright
    bright -= compressed  # now how far a value lies below the point where the tangent begins
    bright *= np.float32(_TANGENT)
    relative -= bright
    return relative


def srgb_to_lab(rgb: npt.ArrayLike) -> Floats:
    """Convert sRGB in 0..1, shape (..., 3), to Lab, shape (..., 3) float32."""
    x, y, z = np.moveaxis(_compress(srgb_to_linear(rgb) @ _RGB_TO_RELATIVE.T), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def lab_to_srgb(lab: npt.ArrayLike) -> Floats:
    """Convert Lab, shape (..., 3), to sRGB, shape (..., 3) float32.

    Colours outside sRGB come out below 0 or above 1: nothing is clipped (see `fit_gamut`).
    """
    lightness, a, b = np.moveaxis(np.asarray(lab, np.float32), -1, 0)
    return linear_to_srgb(np.moveaxis(linear_planes(lab_to_compressed(lightness, a, b)), 0, -1))


def srgb_to_lightness(rgb: npt.ArrayLike) -> Floats:
    """Lightness L in 0..100, shape (...), of sRGB in 0..1, shape (..., 3)."""
    luminance = srgb_to_linear(rgb) @ _RGB_TO_RELATIVE[1]
    return np.float32(116) * _compress(luminance) - np.float32(16)


def samples_to_lightness(samples: Samples) -> Floats:
    """Lightness L in 0..100, shape (H, W) float32, of stored sRGB samples.

    `samples` is uint8 or uint16, full range, shape (H, W) for grey or (H, W, 3) for RGB.
    """
    return np.float32(116) * samples_to_compressed(samples) - np.float32(16)


def samples_to_compressed(samples: Samples) -> Floats:
    """CIE 15's f of luminance, which is (L + 16) / 116, of samples as in `samples_to_lightness`."""
    if samples.ndim == 2:
        return _take(_compressed_table(samples.dtype), samples)
    linear = _linear_table(samples.dtype)
    luminance = _take(linear * _RGB_TO_RELATIVE[1, 0], samples[..., 0])
    luminance += _take(linear * _RGB_TO_RELATIVE[1, 1], samples[..., 1])
    luminance += _take(linear * _RGB_TO_RELATIVE[1, 2], samples[..., 2])
    if samples.dtype != np.uint8:
        return _compress(luminance)
    luminance *= np.float32(len(_luminance_table()) - 1)
    luminance += np.float32(0.5)
    return _take(_luminance_table(), luminance.astype(np.int32))


def _take(table: npt.NDArray[Any], indices: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
    """Take from a table; indices beyond it get its ends, which is faster than a check."""
    return np.take(table, indices, mode="clip")


@cache
def _linear_table(dtype: np.dtype[np.unsignedinteger]) -> Floats:
    levels = np.iinfo(dtype).max
    return srgb_to_linear(np.arange(levels + 1) / levels)


@cache
def _compressed_table(dtype: np.dtype[np.unsignedinteger]) -> Floats:
    return _compress(_linear_table(dtype))


@cache
def _luminance_table() -> Floats:
    """Give what `_compress` makes of steps of 1/65535; a step is 0.014 of L at most."""
    return _compress(np.arange(65536, dtype=np.float32) / np.float32(65535))


def lab_to_compressed(lightness: Floats, a: Floats, b: Floats) -> Floats:
    """CIE 15's f of relative X, Y and Z, shape (3, ...), of Lab planes of one shape."""
    y = (lightness + np.float32(16)) / np.float32(116)
    compressed = np.stack([y + a / np.float32(500), y, y - b / np.float32(200)])
    return compressed.astype(np.float32, copy=False)


def lines_over_compressed(lines: Floats) -> Floats:
    """Tell ab that is linear in lightness by f of X and Z, which are in f of Y.

    `lines` are the slopes of a and b over L, then their offsets, shape (4, ...). Gives those of
    f(X) and f(Z) over f(Y), shape (4, ...).
    """
    scales = np.array([1 / 500, -1 / 200], np.float32).reshape(2, *(1,) * (lines.ndim - 1))
    slopes, offsets = lines[:2], lines[2:]
    straight = np.float32(1) + np.float32(116) * scales * slopes
    return np.concatenate([straight, scales * (offsets - np.float32(16) * slopes)])


def linear_planes(compressed: Floats) -> Floats:
    """Linear RGB, shape (3, ...), of compressed XYZ; outside 0..1 when out of gamut."""
    linear = RELATIVE_TO_RGB @ expand(compressed).reshape(3, -1)
    return np.asarray(linear.reshape(compressed.shape), np.float32)
