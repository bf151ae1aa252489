"""A discriminator that tells photographs from coloured pictures by a frozen network's features.

Small heads on several levels of a frozen pyramid (projected GANs, Sauer et al. 2021), with the
hinge loss (Lim and Ye 2017). They see lightness too, so that they judge its colours. They are kept
smooth by spectral normalisation (Miyato et al. 2018) and by a penalty on the slope at photographs
(R1, Mescheder et al. 2018), here on the slope over the features that the heads are given.
"""

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from photochrom.networks.base import LIGHTNESS_MIDDLE

LEVELS = (1, 2, 3, 4)
"""The levels of the pyramid that are looked at: 1/4, 1/8, 1/16 and 1/32 of the picture."""
_WIDTH = 64


class Head(nn.Module):
    """Scores every place of one level: features (N, C, h, w) and lightness to (N, 1, h, w).

    The features are projected at random, which stays as it is, and brought to one size.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.projection = nn.Conv2d(channels, _WIDTH, 1, bias=False).requires_grad_(False)
        nn.init.kaiming_normal_(self.projection.weight)
        self.body = nn.Sequential(
            spectral_norm(nn.Conv2d(_WIDTH + 1, _WIDTH, 3, padding=1)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(_WIDTH, _WIDTH, 3, padding=1)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(_WIDTH, 1, 1)),
        )

    def forward(self, features: Tensor, lightness: Tensor) -> Tensor:
        """Give the scores; `lightness` is (N, 1, H, W) in 0..100."""
        seen = self.projection(features)
        size = seen.detach().square().mean(dim=1, keepdim=True).sqrt()
        grey = F.adaptive_avg_pool2d(lightness, (seen.shape[2], seen.shape[3]))
        planes = torch.cat([seen / (size + 1e-3), grey / LIGHTNESS_MIDDLE - 1], dim=1)
        return cast(Tensor, self.body(planes))


class Discriminator(nn.Module):
    """A head on each of `LEVELS` of a pyramid whose levels have `channels`."""

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.heads = nn.ModuleList([Head(channels[level]) for level in LEVELS])

    def forward(self, features: Sequence[Tensor], lightness: Tensor) -> list[Tensor]:
        """Give the scores of all places at each level, high for photographs."""
        return [
            head(features[level], lightness) for head, level in zip(self.heads, LEVELS, strict=True)
        ]


def realism_loss(scores: Sequence[Tensor]) -> Tensor:
    """Ask for high scores, (N, 1, h, w) a level, of what a network coloured."""
    return -torch.stack([level.mean() for level in scores]).mean()


def discriminator_loss(
    discriminator: Discriminator,
    real: Sequence[Tensor],
    fake: Sequence[Tensor],
    lightness: Tensor,
    penalty: float,
) -> Tensor:
    """Hinge loss of scores of photographs and of coloured pictures, and `penalty` times the slope.

    `real` and `fake` are the levels of a pyramid, of which no gradient is wanted.
    """
    given = [level.detach().requires_grad_(penalty > 0) for level in real]
    scores = discriminator(given, lightness)
    others = discriminator([level.detach() for level in fake], lightness)
    hinges = [F.relu(1 - score).mean() for score in scores]
    hinges += [F.relu(1 + score).mean() for score in others]
    loss = torch.stack(hinges).sum() / len(scores)
    if penalty:
        loss = loss + penalty * _squared_slope(scores, [given[level] for level in LEVELS])
    return loss


def _squared_slope(scores: Sequence[Tensor], features: Sequence[Tensor]) -> Tensor:
    """Squared length of the slope of each level's mean score, over features of size 1."""
    means = torch.stack([level.mean(dim=(1, 2, 3)).sum() for level in scores]).sum()
    slopes = torch.autograd.grad(means, features, create_graph=True)
    sizes = [level.detach().square().mean(dim=(1, 2, 3)) for level in features]
    lengths = [
        (slope.square().sum(dim=(1, 2, 3)) * size).mean()
        for slope, size in zip(slopes, sizes, strict=True)
    ]
    return torch.stack(lengths).mean()
