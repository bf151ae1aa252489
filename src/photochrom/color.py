"""Colour: sRGB and CIE Lab, and the sRGB gamut. NumPy only.

This is the only module that knows a white point, a transfer curve or a gamut. Lab is CIE
L*a*b* with D65 white and the 2-degree observer: L in 0..100, a and b in Lab units. sRGB is
IEC 61966-2-1 as floats in 0..1. Arrays keep channels first where a picture is large (planes
are contiguous, so the arithmetic runs at memory speed) and last where a caller's pixels come in.
"""

import math
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
_RELATIVE_TO_RGB = np.linalg.inv(RGB_TO_XYZ / WHITE[:, None]).astype(np.float32)
_DELTA = 6 / 29  # CIE 15: below it, the cube root is continued by its tangent
_DELTA_BITS = np.float32(_DELTA).view(np.int32)
_TANGENT = 3 * _DELTA**2
_OFFSET = 4 / 29
AT_ONCE = 30_000
"""Colours that are worked on together: their planes stay in the processor's cache."""
_ROUNDING = 2e-5  # of linear light: what float32 may stray over the gamut's faces
_BISECTIONS = 9  # leave chroma within 2**-9 of itself: under 0.3 units for any sRGB colour


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


def _expand(compressed: Floats, out: Floats | None = None, spare: Floats | None = None) -> Floats:
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
    return linear_to_srgb(np.moveaxis(_linear_planes(lab_to_compressed(lightness, a, b)), 0, -1))


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
        return _look_up(_compressed_table(samples.dtype), samples)
    linear = _linear_table(samples.dtype)
    luminance = _look_up(linear * _RGB_TO_RELATIVE[1, 0], samples[..., 0])
    luminance += _look_up(linear * _RGB_TO_RELATIVE[1, 1], samples[..., 1])
    luminance += _look_up(linear * _RGB_TO_RELATIVE[1, 2], samples[..., 2])
    if samples.dtype != np.uint8:
        return _compress(luminance)
    luminance *= np.float32(len(_luminance_table()) - 1)
    luminance += np.float32(0.5)
    return _look_up(_luminance_table(), luminance.astype(np.int32))


def _look_up(table: npt.NDArray[Any], places: npt.NDArray[np.integer]) -> npt.NDArray[Any]:
    """Take from a table; places beyond it get its ends, which NumPy does faster than check them."""
    return np.take(table, places, mode="clip")


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


def _linear_planes(compressed: Floats) -> Floats:
    """Linear RGB, shape (3, ...), of compressed XYZ; outside 0..1 when out of gamut."""
    linear = _RELATIVE_TO_RGB @ _expand(compressed).reshape(3, -1)
    return np.asarray(linear.reshape(compressed.shape), np.float32)


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
        inside += step * ~_outside(_linear_planes(chroma * trial + grey))
        step *= np.float32(0.5)
    return inside


def fit_gamut(lightness: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Reduce chroma, along constant lightness and hue, until each colour fits sRGB.

    The three planes are float32 of one shape. Returns new a and b; a colour that fits already is
    returned as it is, and any other lies inside the gamut, within 0.5 of its surface.
    """
    compressed = lab_to_compressed(lightness, a, b)
    outside = _outside(_linear_planes(compressed))
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
    encoder = Encoder(samples.reshape(-1, 3), AT_ONCE)
    compressed = lab_to_compressed(lightness, a, b).reshape(3, -1)
    for start in range(0, lightness.size, AT_ONCE):
        encoder.add(compressed[:, start : start + AT_ONCE])
    encoder.finish()
    return samples


@cache
def _encoding_table(dtype: np.dtype[np.unsignedinteger]) -> tuple[Samples, int]:
    """Give samples of linear light in steps, from a few below 0 to a few above 1; and how many.

    A step is 0.05 of a byte or 0.8 of the 16 bits at most, near black.
    """
    steps = 1 << 16 if dtype == np.uint8 else 1 << 20
    beyond = math.ceil(_ROUNDING * steps)
    linear = np.clip(np.arange(-beyond, steps + beyond + 1) / steps, 0, 1)
    levels = np.rint(linear_to_srgb(linear) * np.float32(np.iinfo(dtype).max))
    return levels.astype(dtype), beyond


class Encoder:
    """Fills samples, (N, 3) uint8 or uint16, with colours in order, as `lab_to_samples` does.

    They are added `most` at a time, or fewer; fastest are some `AT_ONCE`.
    """

    def __init__(self, samples: Samples, most: int) -> None:
        self._samples, self._done = samples, 0
        self._far: list[tuple[npt.NDArray[np.intp], Floats]] = []
        self._table, self._first = _encoding_table(samples.dtype)
        steps = len(self._table) - 1 - 2 * self._first
        self._to_steps = np.ascontiguousarray(_RELATIVE_TO_RGB.T * np.float32(steps))
        self._relative, self._spare = np.empty((2, 3, most), np.float32)
        self._places = np.empty((most, 3), np.float32)
        self._whole = np.empty((most, 3), np.int32)

    def add(self, compressed: Floats) -> None:
        """Write the next samples, of compressed XYZ, (3, n)."""
        count = compressed.shape[1]
        steps = self._write(compressed, self._samples[self._done : self._done + count])
        if steps.max() >= len(self._table):
            places = np.flatnonzero(steps >= len(self._table)) // 3
            places = places[np.diff(places, prepend=-1) > 0]  # once each
            self._far.append((places + self._done, compressed[:, places]))
        self._done += count

    def finish(self) -> None:
        """Bring those that were out of gamut into it."""
        if not self._far:
            return
        places = np.concatenate([places for places, _ in self._far])
        far = np.concatenate([colours for _, colours in self._far], axis=1)
        far = (far - far[1]) * _chroma_limit(far) + far[1]
        inner = np.empty((len(places), 3), self._samples.dtype)
        most = len(self._whole)
        for start in range(0, len(places), most):
            self._write(far[:, start : start + most], inner[start : start + most])
        self._samples[places] = inner

    def _write(self, compressed: Floats, samples: Samples) -> npt.NDArray[np.uint32]:
        """Write samples; give their places in the table, beyond it where they were cut off."""
        count = compressed.shape[1]
        places, whole = self._places[:count], self._whole[:count]
        relative = _expand(compressed, self._relative[:, :count], self._spare[:, :count])
        np.matmul(relative.T, self._to_steps, out=places)
        places += np.float32(self._first + 0.5)
        np.copyto(whole, places, casting="unsafe")
        np.take(self._table, whole, mode="clip", out=samples)
        steps: npt.NDArray[np.uint32] = whole.view(np.uint32)
        return steps  # in which those below 0 are large
