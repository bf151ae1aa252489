"""Which colours are painted, decided from distributions over colours."""

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.networks.bins import ColorBins

_COLD, _WARM = 0.4, 1.6
"""Temperatures at which a distribution is looked at: near its likeliest colour, and near all that
is possible."""
_NEAR_GREY = 11.0
"""Chroma, in Lab units, below which a bin counts as grey."""
_WIDTH = 48
_STRETCH = 1.2
"""Logarithm of how much the chroma is multiplied or divided by at most."""
_ADDED = 6.0
"""How much is added to a and b at most, in Lab units, before the gain of a vividness."""
_UNIT = 20.0
"""Lab units that count as 1."""


class Decision(nn.Module):
    """Colours from distributions, of a place and those next to it; at first their means.

    A mean does not tell a thing that is surely pale from one that is grey or red: of both it gives
    pale red, and a vividness makes both red. Means at two other temperatures, how likely the
    likeliest colour is, the expected chroma and the share of grey tell them apart. Nearest to the
    truth are other colours than those that a photograph should show, so both are given. The means
    are those at `temperature`.
    """

    def __init__(self, bins: ColorBins, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature
        chroma = bins.centres.norm(dim=1)
        columns = [bins.centres / _UNIT, chroma[:, None] / _UNIT, chroma[:, None] < _NEAR_GREY]
        table = torch.cat([*columns, torch.ones_like(chroma)[:, None]], dim=1)
        self.register_buffer("table", table.T[:, :, None, None].contiguous(), persistent=False)
        self.layers = nn.Sequential(
            nn.BatchNorm2d(9, affine=False),
            nn.Conv2d(9, _WIDTH, 1),
            nn.SiLU(),
            nn.Conv2d(_WIDTH, _WIDTH, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(_WIDTH, _WIDTH, 1),
            nn.SiLU(),
            nn.Conv2d(_WIDTH, 6, 1),
        )
        for value in self.layers[-1].parameters():
            nn.init.zeros_(value)

    def forward(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Give colours of the middle vividness and natural ones for logits (N, K, h, w).

        Both are (N, 2, h, w) in Lab units, before the gains.
        """
        mean, _ = self._summarize(logits, self.temperature)
        likeliest, _ = self._summarize(logits, _COLD)
        possible, uncertainty = self._summarize(logits, _WARM)
        seen = torch.cat([mean[:, :2], likeliest[:, :2], possible, uncertainty], dim=1)
        middle, natural = self.layers(seen).tanh().chunk(2, dim=1)
        return _decided(mean[:, :2], middle), _decided(mean[:, :2], natural)

    def _summarize(self, logits: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
        """Give mean ab, mean chroma and share of grey, (N, 4, h, w), and uncertainty, (N, 1, h, w).

        It is minus the logarithm of the likeliest colour's probability. Sums are 1x1
        convolutions, as in `ColorBins.mean`.
        """
        highest = logits.detach().amax(dim=1, keepdim=True)
        sums = F.conv2d(((logits - highest) / temperature).exp(), cast(Tensor, self.table))
        whole = sums[:, 4:]
        return sums[:, :4] / whole, whole.log()


def _decided(mean: Tensor, answer: Tensor) -> Tensor:
    """Stretch the mean's chroma, (N, 2, h, w), and add to a and b, as far as (N, 3, h, w) says."""
    stretch, added = answer[:, :1], answer[:, 1:]
    return _UNIT * mean * (_STRETCH * stretch).exp() + _ADDED * added
