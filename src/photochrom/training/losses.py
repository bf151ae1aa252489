"""Losses on distributions over colour bins."""

import torch
import torch.nn.functional as F
from torch import Tensor

from photochrom.models.bins import ColorBins

_UNIT = 10.0  # Lab units


def bin_weights(frequency: Tensor, rebalance: float) -> Tensor:
    """Weights that lift rare colours (Zhang et al. 2016, equation 4), (K,), mean 1 over pixels.

    `frequency` (K,) sums to 1. `rebalance` is 0 for equal weights, 1 for inverse frequency.
    """
    mixed = rebalance * frequency + (1 - rebalance) / len(frequency)
    weights = 1 / mixed.clamp(min=1e-6)
    return weights / (frequency * weights).sum()


def soft_cross_entropy(logits: Tensor, ab: Tensor, bins: ColorBins, weights: Tensor) -> Tensor:
    """Cross-entropy of softmax(logits), (N, K, H, W), to softly encoded ab, (N, 2, H, W).

    Every bin's share of the truth counts with that bin's weight, (K,), so that the best answer is
    the true distribution times the weights.
    """
    index, share = bins.encode(ab)
    log_likelihood = logits.log_softmax(dim=1).gather(1, index)
    return -(log_likelihood * share * weights[index]).sum(dim=1).mean()


def color_error(
    predicted: Tensor,
    ab: Tensor,
    *,
    weight: Tensor | float = 1.0,
    linear: float = 0.0,
    cie94: bool = False,
) -> Tensor:
    """Mean squared error of ab, (N, 2, H, W), in units of 10 Lab units.

    `weight` (N, 1, H, W) is what each place counts. Errors beyond `linear` Lab units count
    linearly (Huber 1964) unless that is 0. They are those of a and b, or of chroma and hue as
    `cie94` weights them.
    """
    difference = cie94_difference(predicted, ab) if cie94 else predicted - ab
    scaled = difference / _UNIT
    if linear:
        zero = torch.zeros_like(scaled)
        error = 2 * F.huber_loss(scaled, zero, reduction="none", delta=linear / _UNIT)
    else:
        error = scaled.square()
    return (weight * error).mean()


def cie94_difference(predicted: Tensor, ab: Tensor) -> Tensor:
    """Differences of chroma and of hue, (N, 2, H, W), over their tolerances at the truth, `ab`.

    Those of CIE 116-1995, 1 + 0.045 C and 1 + 0.015 C, with hue's taken at a right angle to the
    truth's. Their root of squares is CIE94 for like lightness, where the two hues are near.
    """
    chroma, hue = torch.hypot(ab[:, 0], ab[:, 1]), torch.atan2(ab[:, 1], ab[:, 0])
    apart, (cosine, sine) = predicted - ab, (hue.cos(), hue.sin())
    of_chroma = cosine * apart[:, 0] + sine * apart[:, 1]
    of_hue = cosine * apart[:, 1] - sine * apart[:, 0]
    return torch.stack([of_chroma / (1 + 0.045 * chroma), of_hue / (1 + 0.015 * chroma)], dim=1)


def bin_frequency(ab: Tensor, bins: ColorBins) -> Tensor:
    """How often each bin occurs, (K,), summing to 1, in ab (N, 2, H, W)."""
    index, share = bins.encode(ab)
    counts = torch.zeros(len(bins)).index_add(0, index.flatten(), share.flatten())
    return counts / counts.sum()
