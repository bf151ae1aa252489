"""What a network is asked for, by what it predicts: a distribution over colours, or one colour."""

from typing import Protocol

import torch
from torch import Tensor

from photochrom.networks.base import Network
from photochrom.networks.bins import ColorBins
from photochrom.networks.vivid import Vivid
from photochrom.training.config import LossConfig
from photochrom.training.losses import (
    bin_weights,
    color_error,
    distribution_loss,
    visible_error,
)


class Objective(Protocol):
    """The loss of a network's output against the truth."""

    bins: ColorBins

    def weigh(self, frequency: Tensor) -> None:
        """Set the weights of colours from their frequency in the training pictures, (K,)."""

    def __call__(self, output: Tensor, ab: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Give the loss, and figures to log that are left on the device.

        `ab` (N, 2, h, w) is the truth at the output's size.
        """


class Distribution:
    """Cross-entropy over bins, rare colours weighted up, and the error of a colour.

    That is the distribution's mean where errors are those of ab, and where they are those that the
    eye sees, what is painted when natural colours are asked for.
    """

    def __init__(self, network: Vivid, config: LossConfig) -> None:
        self.network, self.config, self.bins = network, config, network.bins
        self.weights = torch.ones(len(self.bins))

    def weigh(self, frequency: Tensor) -> None:
        """Weight each colour by how rare it is."""
        self.weights = bin_weights(frequency, self.config.rebalance)

    def __call__(self, output: Tensor, ab: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Give the loss of logits (N, K, h, w)."""
        self.weights = self.weights.to(output.device)
        logits = output.float()
        entropy, mean = distribution_loss(logits, ab, self.bins, self.weights)
        if self.config.difference == "CIEDE2000":
            error = visible_error(self.network.gains[0] * self.network.to_ab(logits), ab)
        else:
            error = color_error(mean, ab, linear=self.config.linear)
        figures = {"entropy": entropy.detach(), "error": error.detach()}
        return entropy + self.config.regression * error, figures


class ColorLoss:
    """Error of one predicted colour, rare colours weighted up if the config says so."""

    def __init__(self, config: LossConfig) -> None:
        self.config, self.bins = config, ColorBins()
        self.weights = torch.ones(len(self.bins))

    def weigh(self, frequency: Tensor) -> None:
        """Weight each colour by how rare it is."""
        self.weights = bin_weights(frequency, self.config.rebalance)

    def __call__(self, output: Tensor, ab: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Give the loss of ab (N, 2, h, w)."""
        weight = self._weight(ab) if self.config.rebalance else 1.0
        if self.config.difference == "CIEDE2000":
            return visible_error(output, ab, weight=weight), {}
        return color_error(output, ab, weight=weight, linear=self.config.linear), {}

    def _weight(self, ab: Tensor) -> Tensor:
        """Give how rare the colours of ab (N, 2, h, w) are, (N, 1, h, w)."""
        index, share = self.bins.to(ab.device).encode(ab)
        self.weights = self.weights.to(ab.device)
        return (share * self.weights[index]).sum(dim=1, keepdim=True)


def objective(network: Network, config: LossConfig) -> Objective:
    """Choose by what the network predicts."""
    if isinstance(network, Vivid):
        return Distribution(network, config)
    return ColorLoss(config)
