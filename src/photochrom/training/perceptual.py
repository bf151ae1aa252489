"""Pictures compared by what a frozen network sees in them, not colour by colour.

An error of each colour by itself is least for averages: brown for what is red or green. Features of
a picture (Johnson, Alahi and Fei-Fei 2016) tell edges and things, whose colours an average blurs.
"""

from typing import Any, Self, cast

import timm
import torch
from torch import Tensor, nn

from photochrom.networks.imagenet import imagenet_weights

WEIGHTS = (0.1, 0.3, 0.6, 1.0, 1.0)
"""What the levels of features count, finest first: deeper ones, which tell things, more."""


class FeaturePyramid(nn.Module):
    """A timm encoder that stays as ImageNet made it, looking at colour.

    `forward` takes sRGB (N, 3, H, W) in 0..1 and gives its features at 1/2 to 1/32 of the size,
    finest first. `weights` are as in `imagenet_weights`, or "none". `channels` are the widths of
    the levels. Pictures have a gradient through it, its own weights have none.
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, name: str = "tf_efficientnet_lite0", weights: str = "auto") -> None:
        super().__init__()
        body: Any = timm.create_model(name, features_only=True)
        if weights != "none":
            _load(body, imagenet_weights(name, weights))
        self.body: nn.Module = body
        self.channels: list[int] = body.feature_info.channels()
        config = body.pretrained_cfg
        mean, deviation = torch.tensor(config["mean"]), torch.tensor(config["std"])
        self.register_buffer("scale", (1 / deviation).view(1, 3, 1, 1))
        self.register_buffer("shift", (-mean / deviation).view(1, 3, 1, 1))
        self.requires_grad_(False)
        self.eval()
        self.to(memory_format=torch.channels_last)

    def train(self, mode: bool = True) -> Self:
        """Stay as it is."""
        return super().train(False)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """Give the features of sRGB (N, 3, H, W) in 0..1."""
        planes = (rgb * self.scale + self.shift).contiguous(memory_format=torch.channels_last)
        return cast(list[Tensor], self.body(planes))


def _load(body: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load what the pyramid keeps of the classifier; timm flattens some names: blocks_0."""
    names = {key.replace("_", "."): key for key in body.state_dict()}
    known = {key.replace("_", "."): value for key, value in weights.items()}
    body.load_state_dict({own: known[key] for key, own in names.items()})


def feature_distance(found: list[Tensor], truth: list[Tensor]) -> Tensor:
    """Mean absolute difference of features as a share of the truth's own size, summed over levels.

    `found` and `truth` are the levels of a pyramid, each (N, C, h, w), finest first.
    """
    total = found[0].new_zeros(())
    for weight, one, other in zip(WEIGHTS, found, truth, strict=True):
        difference = (one - other).abs().mean(dim=(1, 2, 3))
        total = total + weight * (difference / (other.abs().mean(dim=(1, 2, 3)) + 1e-3)).mean()
    return total
