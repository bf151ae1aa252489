"""Losses on distributions over colour bins."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from photochrom.networks.bins import ColorBins

_UNIT = 10.0  # Lab units
_ROUNDED = 0.5  # CIEDE2000 below which it counts squared


def bin_weights(frequency: Tensor, rebalance: float) -> Tensor:
    """Weights that lift rare colours (Zhang et al. 2016, equation 4), (K,), mean 1 over pixels.

    `frequency` (K,) sums to 1. `rebalance` is 0 for equal weights, 1 for inverse frequency.
    """
    mixed = rebalance * frequency + (1 - rebalance) / len(frequency)
    weights = 1 / mixed.clamp(min=1e-6)
    return weights / (frequency * weights).sum()


def distribution_loss(
    logits: Tensor, ab: Tensor, bins: ColorBins, weights: Tensor
) -> tuple[Tensor, Tensor]:
    """Cross-entropy of logits (N, K, H, W) to softly encoded ab (N, 2, H, W), and their mean.

    Every bin's share of the truth counts with that bin's weight, (K,). The logits are raised by the
    logarithms of the weights in the cross-entropy alone, so that they themselves learn the true
    distribution (Menon et al. 2021). Its mean is (N, 2, H, W), in Lab units.
    """
    rows = logits.movedim(1, -1)  # contiguous where the network works with channels last
    log_share = rows.log_softmax(dim=-1)
    share = log_share.exp()
    table = torch.cat([bins.centres, weights[:, None]], dim=1)
    *mean, total = (share @ table).unbind(-1)  # the total is what raising would divide by
    index, truth = bins.encode(ab)
    found = log_share.gather(-1, index.movedim(1, -1)).movedim(-1, 1)
    raised = found + weights.log()[index] - total.log()[:, None]
    entropy = -(raised * truth * weights[index]).sum(dim=1).mean()
    return entropy, torch.stack(mean, dim=1)


def color_error(
    predicted: Tensor,
    ab: Tensor,
    *,
    weight: Tensor | float = 1.0,
    linear: float = 0.0,
) -> Tensor:
    """Mean squared error of ab, (N, 2, H, W), in units of 10 Lab units.

    `weight` (N, 1, H, W) is what each place counts. Errors beyond `linear` Lab units count
    linearly (Huber 1964) unless that is 0.
    """
    scaled, truth = predicted / _UNIT, ab / _UNIT
    if linear:
        error = 2 * F.huber_loss(scaled, truth, reduction="none", delta=linear / _UNIT)
    else:
        error = (scaled - truth).square()
    return (weight * error).mean()


def visible_error(predicted: Tensor, ab: Tensor, *, weight: Tensor | float = 1.0) -> Tensor:
    """Mean CIEDE2000 of ab, (N, 2, H, W) in Lab units, of equal lightness, in units of 10.

    `weight` (N, 1, H, W) is what each place counts. The formula is that of Sharma, Wu
    and Dalal 2005, with slopes that are finite everywhere: differences below some 0.5 count
    squared, and the weights that follow from the hue are taken as given.
    """
    first, second = predicted.chunk(2, dim=1), ab.chunk(2, dim=1)
    plain = (_length(*first) + _length(*second)) / 2
    stretch = 1.5 - 0.5 * _saturate(plain)
    a1, b1, a2, b2 = first[0] * stretch, first[1], second[0] * stretch, second[1]
    c1, c2 = _length(a1, b1), _length(a2, b2)
    mean_c, d_c = (c1 + c2) / 2, c2 - c1
    squared_h = ((a2 - a1).square() + (b2 - b1).square() - d_c.square()).clamp(min=0)
    with torch.no_grad():
        mean_h = torch.atan2(b1 / c1 + b2 / c2, a1 / c1 + a2 / c2)
        by_hue = (
            1
            - 0.17 * torch.cos(mean_h - math.radians(30))
            + 0.24 * torch.cos(2 * mean_h)
            + 0.32 * torch.cos(3 * mean_h + math.radians(6))
            - 0.20 * torch.cos(4 * mean_h - math.radians(63))
        )
        from_blue = (torch.rad2deg(mean_h) % 360 - 275) / 25
        swing = torch.sin(math.radians(60) * torch.exp(-from_blue.square()))
        turned = -2 * swing * _saturate(mean_c) * squared_h.sqrt() * torch.sign(a1 * b2 - a2 * b1)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * by_hue
    squared = (d_c / s_c).square() + squared_h / s_h.square() + turned * d_c / (s_c * s_h)
    rounded: Tensor = (squared.clamp(min=0) + _ROUNDED**2).sqrt() - _ROUNDED
    return (weight * rounded).mean() / _UNIT


def _length(a: Tensor, b: Tensor) -> Tensor:
    return (a.square() + b.square() + 1e-6).sqrt()


def _saturate(chroma: Tensor) -> Tensor:
    return (1 / (1 + (25 / chroma) ** 7)).sqrt()


def bin_frequency(ab: Tensor, bins: ColorBins) -> Tensor:
    """How often each bin occurs, (K,), summing to 1, in ab (N, 2, H, W)."""
    index, share = bins.encode(ab)
    counts = torch.zeros(len(bins)).index_add(0, index.flatten(), share.flatten())
    return counts / counts.sum()
