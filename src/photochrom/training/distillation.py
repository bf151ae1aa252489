"""A second lesson for an encoder that sees grey: what its classifier says of the colour picture."""

from typing import Any, Self, cast

import timm
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.models.encoder import imagenet_weights


class Teacher(nn.Module):
    """The ImageNet classifier that an encoder was made of, frozen, looking at colour.

    A network that learns colours alone forgets what ImageNet taught its encoder, and learns a few
    thousand photographs by heart instead. So its deepest features should still tell, of each
    place, what the classifier sees there in colour (knowledge distillation, Hinton et al. 2015;
    learning without forgetting, Li and Hoiem 2016).

    `name` and `weights` are those of the encoder. `classes` is how many things it knows.
    """

    model: Any
    mean: Tensor
    deviation: Tensor

    def __init__(self, name: str, weights: str = "auto") -> None:
        super().__init__()
        self.model = timm.create_model(name).to(memory_format=torch.channels_last)
        self.model.load_state_dict(imagenet_weights(name, weights))
        config = self.model.pretrained_cfg
        self.register_buffer("mean", torch.tensor(config["mean"]).view(3, 1, 1))
        self.register_buffer("deviation", torch.tensor(config["std"]).view(3, 1, 1))
        self.classes: int = config["num_classes"]
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> Self:
        """Stay as it is."""
        return super().train(False)

    @torch.no_grad()
    def forward(self, rgb: Tensor) -> Tensor:
        """Give what each place shows, (N, K, H/32, W/32) logits, for `rgb` (N, 3, H, W), 0..1."""
        seen = self.model.forward_features((rgb - self.mean) / self.deviation)
        places = seen.movedim(1, -1)
        said = self.model.forward_head(places.reshape(-1, places.shape[-1], 1, 1))
        return cast(Tensor, said.view(*places.shape[:3], -1).movedim(-1, 1))


def divergence(said: Tensor, truth: Tensor) -> Tensor:
    """Give the mean divergence of what is said of each place from the truth, in nats.

    Both are logits, (N, K, h, w).
    """
    places = said.shape[0] * said.shape[2] * said.shape[3]
    logarithms = said.log_softmax(dim=1), truth.log_softmax(dim=1)
    return F.kl_div(*logarithms, reduction="sum", log_target=True) / places
