"""Lab and sRGB in torch, wherever the tensors are: the formulas of `color.spaces` and its gamut.

Planes come first: "(3, ...)" are three planes of any shape.
"""

from functools import cache

import numpy as np
import torch
from torch import Tensor

from photochrom.color.spaces import RELATIVE_TO_RGB

_CLIPPED = 0.9  # of what lies outside sRGB, so much is cut off; the rest still has a slope
_DELTA = 6 / 29  # CIE 15: below it, the cube root is continued by its tangent
_ROUNDING = 2e-5  # of linear light: what float32 may stray over the gamut's faces
_BISECTIONS = 9  # leave chroma within 2**-9 of itself


def srgb_to_linear(encoded: Tensor) -> Tensor:
    """Undo the sRGB transfer curve: values in 0..1, of any shape, to linear light in 0..1."""
    bright = encoded.add(0.055).div_(1.055).pow_(2.4)
    return torch.where(encoded <= 0.04045, encoded / 12.92, bright)


def linear_to_srgb(linear: Tensor) -> Tensor:
    """Apply the sRGB transfer curve; what is negative stays so."""
    curved = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, curved, 12.92 * linear)


def samples_to_lab(samples: Tensor) -> Tensor:
    """Convert sRGB, (3, ...) uint8, to Lab, (3, ...) float32."""
    linear = torch.take(_linear_table(samples.device), samples.long())
    matrix = _matrix(samples.device, torch.float32, inverse=True)
    x, y, z = _compress((matrix @ linear.reshape(3, -1)).view(samples.shape))
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def luminance_to_lightness(luminance: Tensor) -> Tensor:
    """Give lightness in 0..100 of relative luminance in 0..1, of any shape."""
    return 116 * _compress(luminance) - 16


def lab_to_linear(lab: Tensor) -> Tensor:
    """Convert Lab, (3, ...), to linear RGB, (3, ...), outside 0..1 where it is out of gamut."""
    return _linear(_compressed(lab))


def lab_to_rgb(lab: Tensor) -> Tensor:
    """Convert Lab (N, 3, H, W) to sRGB in 0..1, with a slope even where sRGB ends.

    As `color.spaces.lab_to_srgb`. Of what lies outside 0..1 a tenth stays, so that a colour that is
    out of gamut can be brought back.
    """
    rgb = linear_to_srgb(lab_to_linear(lab.transpose(0, 1))).transpose(0, 1)
    return rgb + (rgb.clamp(0, 1) - rgb).detach() * _CLIPPED


def fit_gamut(lab: Tensor) -> Tensor:
    """Reduce the chroma of Lab, (3, ...), as `color.gamut.fit_gamut` does; give ab, (2, ...)."""
    compressed = _compressed(lab)
    grey = compressed[1]
    chroma = compressed - grey
    share = torch.zeros_like(grey)
    for bit in range(1, _BISECTIONS + 1):
        trial = share + 0.5**bit
        share = torch.where(_fits(chroma * trial + grey), trial, share)
    return lab[1:] * torch.where(_fits(compressed), 1.0, share)


def _fits(compressed: Tensor) -> Tensor:
    low, high = _linear(compressed).aminmax(dim=0)
    return (low >= -_ROUNDING) & (high <= 1 + _ROUNDING)


def _compress(relative: Tensor) -> Tensor:
    """CIE 15's f: the cube root of a tristimulus value, and its tangent near black."""
    bend = _DELTA**3
    dark = relative.clamp(max=bend).sub_(bend)  # 0 but near black
    return relative.clamp(min=bend).pow_(1 / 3).add_(dark, alpha=1 / (3 * _DELTA**2))


def _compressed(lab: Tensor) -> Tensor:
    lightness, a, b = lab
    y = (lightness + 16) / 116
    return torch.stack([y + a / 500, y, y - b / 200])


def _linear(compressed: Tensor) -> Tensor:
    bright = compressed.clamp(min=_DELTA) ** 3
    relative = torch.where(compressed > _DELTA, bright, 3 * _DELTA**2 * (compressed - 4 / 29))
    matrix = _matrix(compressed.device, compressed.dtype)
    return (matrix @ relative.reshape(3, -1)).view(compressed.shape)


@cache
def _linear_table(device: torch.device) -> Tensor:
    return srgb_to_linear(torch.arange(256, dtype=torch.float32) / 255).to(device)


@cache
def _matrix(device: torch.device, dtype: torch.dtype, *, inverse: bool = False) -> Tensor:
    """Give relative XYZ to linear RGB where it is needed: a copy a step would be waited for."""
    matrix = np.linalg.inv(RELATIVE_TO_RGB) if inverse else RELATIVE_TO_RGB
    return torch.as_tensor(matrix, dtype=dtype, device=device)
