"""A pretrained timm encoder that sees lightness."""

from typing import Any, Self, cast

import timm
import torch
from torch import Tensor, nn

from photochrom.errors import ModelError, did_you_mean
from photochrom.networks.imagenet import imagenet_weights

LEVELS = (4, 8, 16, 32)
"""The last features that an encoder gives are at 1/4, 1/8, 1/16 and 1/32 of the picture."""


class Encoder(nn.Module):
    """A timm network as a pyramid of features, fed with planes in Lab units.

    `forward` takes (N, C, H, W): lightness in 0..100 first, then any further planes, H and W
    multiples of 32, and gives features at 1/2 (not all encoders), 1/4, 1/8, 1/16 and 1/32. The
    encoder's own input
    scale (grey R = G = B, its mean and deviation) lives here, as buffers. The first `frozen`
    levels keep their ImageNet weights and statistics, which saves their backward pass; without
    `depthwise` so do the depthwise filters of all levels. In training, a share of up to
    `drop_path` of the residual branches is left out, growing with depth.
    """

    scale: Tensor
    shift: Tensor

    def __init__(
        self,
        name: str,
        *,
        planes: int = 1,
        weights: str = "auto",
        frozen: int = 0,
        depthwise: bool = True,
        drop_path: float = 0.0,
    ) -> None:
        super().__init__()
        if not timm.is_model(name):
            hint = did_you_mean(name, timm.list_models())
            raise ModelError(f"timm knows no encoder {name!r}{hint}; see timm.list_models()")
        body = _pyramid(name, planes, drop_path)
        self.body: nn.Module = body
        config = body.pretrained_cfg
        mean, deviation = sum(config["mean"]) / 3, sum(config["std"]) / 3
        scale, shift = torch.ones(planes), torch.zeros(planes)
        scale[0], shift[0] = 1 / (100 * deviation), -mean / deviation
        self.register_buffer("scale", scale.view(1, -1, 1, 1))
        self.register_buffer("shift", shift.view(1, -1, 1, 1))
        self.channels: list[int] = body.feature_info.channels()
        if weights != "none":
            _load(self.body, imagenet_weights(name, weights))
        self._frozen = _first_levels(self.body, frozen)
        for module in self._frozen:
            module.requires_grad_(False)
        for module in self.body.modules() if not depthwise else ():
            if isinstance(module, nn.Conv2d) and module.groups == module.in_channels > planes:
                module.weight.requires_grad_(False)

    def train(self, mode: bool = True) -> Self:
        """Switch to training, all but the frozen levels."""
        super().train(mode)
        for module in self._frozen:
            module.eval()
        return self

    def forward(self, planes: Tensor) -> list[Tensor]:
        """Give the features of (N, C, H, W), finest first."""
        return cast(list[Tensor], self.body(planes * self.scale + self.shift))


def _pyramid(name: str, planes: int, drop_path: float) -> Any:
    """Make a timm network that gives features; raises `ModelError` where they are no pyramid."""
    dropped: dict[str, Any] = {"drop_path_rate": drop_path} if drop_path else {}  # few have it
    try:
        body: Any = timm.create_model(name, features_only=True, in_chans=planes, **dropped)
        sizes = tuple(body.feature_info.reduction()[-len(LEVELS) :])
    except (RuntimeError, TypeError, AttributeError):  # timm's, for networks without stages
        sizes = ()
    if sizes != LEVELS:
        raise ModelError(
            f"{name} gives no features at 1/4, 1/8, 1/16 and 1/32 of a picture; "
            "choose an encoder that does, such as tf_efficientnet_lite2 or convnext_tiny"
        )
    return body


def _load(body: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load what the body keeps of the classifier; further input planes start at zero."""
    own = body.state_dict()
    names = {key.replace("_", "."): key for key in own}  # timm flattens some names: stages_0.
    loaded = {
        names[key.replace("_", ".")]: value
        for key, value in weights.items()
        if key.replace("_", ".") in names
    }
    if missing := own.keys() - loaded.keys():
        raise ModelError(
            f"encoder weights are missing {len(missing)} tensors: {min(missing)}; "
            "give those of this encoder"
        )
    for key, value in loaded.items():
        if value.shape != own[key].shape:  # the stem: RGB in, here grey and zeros
            stem = torch.zeros_like(own[key])
            stem[:, 0] = value.sum(dim=1)
            loaded[key] = stem
    body.load_state_dict(loaded)


def _first_levels(body: Any, levels: int) -> list[nn.Module]:
    """List the layers up to the end of the body's first `levels` levels."""
    if not levels:
        return []
    last = body.feature_info.info[levels - 1]["module"].replace(".", "_") + "_"
    layers = [
        (name.replace(".", "_") + "_", module)
        for name, module in body.named_modules()
        if list(module.parameters(recurse=False))
    ]
    end = max(index for index, (name, _) in enumerate(layers) if name.startswith(last))
    return [module for _, module in layers[: end + 1]]
