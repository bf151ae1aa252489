"""Imitating old photographs: what film, prints and scanners did to lightness, not to colours."""

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from photochrom.color.spaces import srgb_to_lightness

_BLIND = np.array([0.05, 0.35, 0.60], np.float32)
"""How much of red, green and blue a plate that is nearly blind to red records."""


def plate(rgb: npt.NDArray[np.floating], random: np.random.Generator) -> Tensor:
    """Give the lightness, (1, H, W) in 0..100, that a plate between early and modern records.

    `rgb` is sRGB in 0..1, (H, W, 3). On early (orthochromatic) plates skies are white, and lips
    and red brick dark.
    """
    modern = np.array([0.2126, 0.7152, 0.0722], np.float32)
    share = np.float32(random.random())
    grey = rgb.astype(np.float32) @ (share * _BLIND + (1 - share) * modern)
    return torch.from_numpy(srgb_to_lightness(np.repeat(grey[..., None], 3, axis=2)))[None]


def degrade(lightness: Tensor, random: np.random.Generator) -> Tensor:
    """Bend the tones of lightness (1, H, W), fade, blur and grain it, each by chance."""
    tone = lightness / 100
    tone = tone ** float(np.exp(random.uniform(-0.5, 0.5)))
    black, white = random.uniform(0, 0.2), random.uniform(0.8, 1)
    tone = black + (white - black) * tone
    if random.random() < 0.5:
        soft = F.avg_pool2d(F.pad(tone[None], (1, 1, 1, 1), mode="replicate"), 3, stride=1)[0]
        tone = tone.lerp(soft, float(random.random()))
    if random.random() < 0.5:
        grain = random.normal(0, random.uniform(0, 0.03), tone.shape).astype(np.float32)
        tone = tone + torch.from_numpy(grain)
    return 100 * tone.clamp(0, 1)
