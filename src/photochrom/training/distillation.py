"""A second lesson for an encoder that sees grey: what its classifier says of the colour picture."""

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from photochrom.networks.imagenet import FrozenClassifier


class Teacher(FrozenClassifier):
    """The ImageNet classifier that an encoder was made of, looking at colour.

    A network that learns colours alone forgets what ImageNet taught its encoder, and learns a few
    thousand photographs by heart instead. So its deepest features should still tell, of each
    place, what the classifier sees there in colour (knowledge distillation, Hinton et al. 2015;
    learning without forgetting, Li and Hoiem 2016).

    `name` and `weights` are those of the encoder.
    """

    def __init__(self, name: str, weights: str = "auto") -> None:
        super().__init__(name, weights, white=1.0)
        self.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def forward(self, rgb: Tensor) -> Tensor:
        """Give what each place shows, (N, K, H/32, W/32) logits, for `rgb` (N, 3, H, W), 0..1."""
        seen = self.body.forward_features(rgb * self.scale + self.shift)
        cells = seen.movedim(1, -1)
        said = self.body.forward_head(cells.reshape(-1, cells.shape[-1], 1, 1))
        return cast(Tensor, said.view(*cells.shape[:3], -1).movedim(-1, 1))


def divergence(said: Tensor, truth: Tensor) -> Tensor:
    """Give the mean divergence of what is said of each place from the truth, in nats.

    Both are logits, (N, K, h, w).
    """
    cells = said.shape[0] * said.shape[2] * said.shape[3]
    logarithms = said.log_softmax(dim=1), truth.log_softmax(dim=1)
    return F.kl_div(*logarithms, reduction="sum", log_target=True) / cells
