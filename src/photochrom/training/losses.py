"""Losses on distributions over colour bins."""

import torch
import torch.nn.functional as F
from torch import Tensor

from photochrom.models.bins import ColorBins

_HUBER = 10.0  # Lab units: errors are squared below, and count linearly above


def bin_weights(frequency: Tensor, rebalance: float) -> Tensor:
    """Weights that lift rare colours (Zhang et al. 2016, equation 4), (K,), mean 1 over pixels.

    `frequency` (K,) sums to 1. `rebalance` is 0 for equal weights, 1 for inverse frequency.
    """
    mixed = rebalance * frequency + (1 - rebalance) / len(frequency)
    weights = 1 / mixed.clamp(min=1e-6)
    return weights / (frequency * weights).sum()


def soft_cross_entropy(logits: Tensor, ab: Tensor, bins: ColorBins, weights: Tensor) -> Tensor:
    """Cross-entropy of softmax(logits), (N, K, H, W), to softly encoded ab, (N, 2, H, W).

    Every bin's share of the truth counts with that bin's weight, so that the best answer is the
    true distribution times the weights, and `Vivid.natural` can take them off again.
    """
    index, share = bins.encode(ab)
    log_likelihood = logits.log_softmax(dim=1).gather(1, index)
    return -(log_likelihood * share * weights[index]).sum(dim=1).mean()


def color_error(predicted: Tensor, ab: Tensor) -> Tensor:
    """Huber loss between ab planes, (N, 2, H, W), in units of 10 Lab units."""
    return F.smooth_l1_loss(predicted / _HUBER, ab / _HUBER)


def weighted_error(
    predicted: Tensor, ab: Tensor, bins: ColorBins, weights: Tensor, linear: float = 0.0
) -> Tensor:
    """Squared error of ab, (N, 2, H, W), in units of 10 Lab units, by the weights of true colours.

    With weights (K,) of 1 it is the plain mean squared error. Errors beyond `linear` Lab units
    count linearly (Huber 1964) unless that is 0.
    """
    index, share = bins.encode(ab)
    weight = (share * weights[index]).sum(dim=1, keepdim=True)
    scaled, truth = predicted / _HUBER, ab / _HUBER
    if linear:
        error = 2 * F.huber_loss(scaled, truth, reduction="none", delta=linear / _HUBER)
    else:
        error = (scaled - truth).square()
    return (weight * error).mean()


def bin_frequency(ab: Tensor, bins: ColorBins) -> Tensor:
    """How often each bin occurs, (K,), summing to 1, in ab (N, 2, H, W)."""
    index, share = bins.encode(ab)
    counts = torch.zeros(len(bins)).index_add(0, index.flatten(), share.flatten())
    return counts / counts.sum()
