"""Imitating old photographs: what film, prints and scanners did to lightness, not to colours.

How each crop ages is drawn where crops are loaded; all that do so age at once, on the device.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from photochrom.training.lab import luminance_to_lightness, srgb_to_linear

DRAWS = 6
"""How many numbers say how a crop ages."""
_BLIND = (0.05, 0.35, 0.60)  # of red, green and blue: what a plate nearly blind to red records
_MODERN = (0.2126, 0.7152, 0.0722)
_WORD = 2**32 - 1


def draw_degradation(random: np.random.Generator) -> list[float]:
    """Draw how a crop ages: its plate, tones, black, white, blur and grain, each by chance."""
    plate_share = random.random()
    gamma = float(np.exp(random.uniform(-0.5, 0.5)))
    black, white = random.uniform(0, 0.2), random.uniform(0.8, 1)
    blur = random.random() if random.random() < 0.5 else 0.0
    grain = random.uniform(0, 0.03) if random.random() < 0.5 else 0.0
    return [plate_share, gamma, black, white, blur, grain]


def plate(rgb: Tensor, share: Tensor) -> Tensor:
    """Give the lightness, (N, H, W) in 0..100, that plates between modern and early ones record.

    `rgb` is sRGB in 0..1, (3, N, H, W); `share`, (N,), is 1 for early (orthochromatic) ones, on
    which skies are white, and lips and red brick dark.
    """
    share = share.view(-1, 1, 1)
    grey = torch.zeros_like(rgb[0])
    for plane, blind, modern in zip(rgb, _BLIND, _MODERN, strict=True):
        grey += (share * blind + (1 - share) * modern) * plane
    return luminance_to_lightness(srgb_to_linear(grey))


def degrade(lightness: Tensor, draws: Tensor, seeds: Tensor) -> Tensor:
    """Bend the tones of lightness (N, H, W), fade, blur and grain it.

    `draws` (N, `DRAWS`) are those of `draw_degradation`, `seeds` (N,) those of the grain.
    """
    _, gamma, black, white, blur, grain = draws.view(-1, DRAWS, 1, 1).unbind(1)
    tone = black + (white - black) * (lightness / 100).clamp(min=0) ** gamma
    soft = F.avg_pool2d(F.pad(tone[:, None], (1, 1, 1, 1), mode="replicate"), 3, stride=1)[:, 0]
    tone = tone + blur * (soft - tone)
    tone = tone + grain * noise(seeds, tone[0].numel()).view(tone.shape)
    return 100 * tone.clamp(0, 1)


def noise(seeds: Tensor, count: int) -> Tensor:
    """Give normal noise, (N, count), each row by its own seed, a whole number of `seeds`, (N,).

    So it is the same on any device, and whatever else is in the batch.
    """
    numbers = torch.arange(2 * count, device=seeds.device)
    shares = _mixed(seeds[:, None] + 0x9E3779B9 * numbers).add(1).float() / 2**32
    first, second = shares[:, :count], shares[:, count:]
    return (-2 * first.log()).sqrt() * torch.cos(2 * torch.pi * second)


def _mixed(numbers: Tensor) -> Tensor:
    """Mix the lower 32 bits of whole numbers (C. Wellons, lowbias32)."""
    mixed = numbers & _WORD
    mixed = mixed ^ (mixed >> 16)
    mixed = (mixed * 0x7FEB352D) & _WORD
    mixed = mixed ^ (mixed >> 15)
    mixed = (mixed * 0x846CA68B) & _WORD
    return mixed ^ (mixed >> 16)
