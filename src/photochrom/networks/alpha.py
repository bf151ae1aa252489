"""Alpha: a small encoder-decoder that learns the colours of one picture.

After the first rung of "Colorizing B&W Photos with Neural Networks" (Emil Wallner, 2017): the
same layers, widths and strides. Differences:

- Lightness enters in -1..1 instead of 0..100, and ReLU layers start from He's initialisation: the
  first steps are not lost in saturated units.
- The loss, MSE as there, is in Lab units; AdamW with a one-cycle rate replaces RMSprop: the same
  picture is learnt in a quarter of the steps.
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
class AlphaConfig:
    """Alpha has nothing to choose."""


class Alpha(Regression):
    """Lightness (N, 1, H, W) to ab of the same size: down by 8, up by 8."""

    def __init__(self, config: AlphaConfig) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            convolution(1, 8, stride=2),  # H/2
            convolution(8, 8),
            convolution(8, 16),
            convolution(16, 16, stride=2),  # H/4
            convolution(16, 32),
            convolution(32, 32, stride=2),  # H/8
        )
        self.decoder = nn.Sequential(
            upsampling(),  # H/4
            convolution(32, 32),
            upsampling(),  # H/2
            convolution(32, 16),
            upsampling(),  # H
            convolution(16, 8),
            Ab(8),
        )

    def forward(self, lightness: Tensor) -> Tensor:
        """Give ab in Lab units, (N, 2, H, W)."""
        features = self.encoder(lightness / LIGHTNESS_MIDDLE - 1)
        return cast(Tensor, self.decoder(features))
