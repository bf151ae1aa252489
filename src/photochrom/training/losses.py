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


def bin_frequency(ab: Tensor, bins: ColorBins) -> Tensor:
    """How often each bin occurs, (K,), summing to 1, in ab (N, 2, H, W)."""
    index, share = bins.encode(ab)
    counts = torch.zeros(len(bins)).index_add(0, index.flatten(), share.flatten())
    return counts / counts.sum()
