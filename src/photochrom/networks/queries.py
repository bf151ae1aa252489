"""Colour queries: a few colours that a picture is asked for, and which each place chooses from.

Every query looks at the whole picture at three scales and decides for a distribution over colours;
every place then says which queries are its own (after the colour decoder of DDColor, Kang et al.
2023, and the masks of Mask2Former, Cheng et al. 2022). So a thing gets one colour, however far it
reaches.
"""

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_WIDTH = 128
_HEADS = 4


class QueryLayer(nn.Module):
    """Queries (N, C, Q) look at features (N, C, T), then at each other."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(_WIDTH) for _ in range(4)])
        self.ask = nn.Conv1d(_WIDTH, _WIDTH, 1)
        self.given = nn.Conv1d(_WIDTH, 2 * _WIDTH, 1)
        self.own = nn.Conv1d(_WIDTH, 3 * _WIDTH, 1)
        self.joined = nn.ModuleList([nn.Conv1d(_WIDTH, _WIDTH, 1) for _ in range(2)])
        self.mlp = nn.Sequential(
            nn.Conv1d(_WIDTH, 2 * _WIDTH, 1), nn.GELU(), nn.Conv1d(2 * _WIDTH, _WIDTH, 1)
        )

    def forward(self, queries: Tensor, features: Tensor) -> Tensor:
        """Give the queries, (N, C, Q), with what they have found."""
        key, value = self.given(_over_channels(self.norms[0], features)).chunk(2, dim=1)
        found = _attend(self.ask(_over_channels(self.norms[1], queries)), key, value)
        queries = queries + self.joined[0](found)
        found = _attend(*self.own(_over_channels(self.norms[2], queries)).chunk(3, dim=1))
        queries = queries + self.joined[1](found)
        return cast(Tensor, queries + self.mlp(_over_channels(self.norms[3], queries)))


class ColorQueries(nn.Module):
    """What `count` queries add to a network's logits, nothing at first.

    `forward` takes features from coarse to fine, each (N, C, h, w) with the channels `coarse`, and
    the finest ones, (N, fine, H, W); it gives logits (N, bins, H, W).
    """

    def __init__(self, count: int, coarse: Sequence[int], fine: int, bins: int) -> None:
        super().__init__()
        self.begun = nn.Parameter(0.02 * torch.randn(_WIDTH, count))
        self.planes = nn.ModuleList([nn.Conv2d(channels, _WIDTH, 1) for channels in coarse])
        self.layers = nn.ModuleList([QueryLayer() for _ in coarse])
        self.norm = nn.LayerNorm(_WIDTH)
        self.name = nn.Conv1d(_WIDTH, _WIDTH, 1)
        self.place = nn.Conv2d(fine, _WIDTH, 1)
        self.color = nn.Conv1d(_WIDTH, bins, 1)
        nn.init.zeros_(self.color.weight)
        nn.init.zeros_(cast(Tensor, self.color.bias))

    def forward(self, coarse: Sequence[Tensor], fine: Tensor) -> Tensor:
        """Give what is added to the logits."""
        queries = self.begun.expand(fine.shape[0], -1, -1)
        for layer, plane, features in zip(self.layers, self.planes, coarse, strict=True):
            queries = layer(queries, plane(features).flatten(2))
        queries = _over_channels(self.norm, queries)
        points = self.place(fine)
        height, width = points.shape[2:]
        wanted = (self.name(queries) * _WIDTH**-0.5).transpose(1, 2) @ points.flatten(2)
        colors = self.color(queries) @ wanted.softmax(dim=1)  # of (N, Q, H W)
        return cast(Tensor, colors.view(fine.shape[0], -1, height, width))


def _over_channels(norm: nn.Module, features: Tensor) -> Tensor:
    return cast(Tensor, norm(features.transpose(1, 2)).transpose(1, 2))


def _attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attention of (N, C, Q) over (N, C, T) with several heads."""
    asked, known, carried = (
        one.view(one.shape[0], _HEADS, _WIDTH // _HEADS, one.shape[2]).transpose(2, 3)
        for one in (query, key, value)
    )
    seen = F.scaled_dot_product_attention(asked, known, carried).transpose(2, 3)
    return seen.reshape(query.shape)
