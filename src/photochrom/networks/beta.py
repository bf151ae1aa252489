"""Beta: a convolutional encoder-decoder that paints pictures it has not seen.

After the second rung of "Colorizing B&W Photos with Neural Networks" (Emil Wallner, 2017): the
same layers, widths and strides, trained with MSE. Differences:

- Lightness enters in -1..1 instead of 0..100, and ReLU layers start from He's initialisation.
- The last upsampling, which only repeats pixels, is left out: ab is predicted at half size and
  brought to the full one along the picture's edges by the guided filter that all models share.
"""

from dataclasses import dataclass
from typing import cast

from torch import Tensor, nn

from photochrom.networks.base import (
    LIGHTNESS_MIDDLE,
    Ab,
    Regression,
    convolution,
    upsampling,
)


@dataclass(frozen=True)
class BetaConfig:
    """Beta has nothing to choose."""


class Beta(Regression):
    """Lightness (N, 1, H, W) to ab at half the size: down by 8, up by 4."""

    def __init__(self, config: BetaConfig) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            convolution(1, 64),  # H
            convolution(64, 64, stride=2),  # H/2
            convolution(64, 128),
            convolution(128, 128, stride=2),  # H/4
            convolution(128, 256),
            convolution(256, 256, stride=2),  # H/8
            convolution(256, 512),
            convolution(512, 256),
            convolution(256, 128),
        )
        self.decoder = nn.Sequential(
            upsampling(),  # H/4
            convolution(128, 64),
            upsampling(),  # H/2
            convolution(64, 32),
            Ab(32),
        )

    def forward(self, lightness: Tensor) -> Tensor:
        """Give ab in Lab units, (N, 2, H/2, W/2)."""
        features = self.encoder(lightness / LIGHTNESS_MIDDLE - 1)
        return cast(Tensor, self.decoder(features))
