"""LPIPS and FID through torchmetrics, where their weights can be had."""

import warnings
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from photochrom.color.spaces import Samples

_SIDE = 256


class LearnedMetrics:
    """LPIPS (AlexNet) and FID of pictures in pairs.

    Both need weights that are downloaded once. Where they cannot be had, or torchmetrics is not
    installed, the value is a sentence that says so.
    """

    def __init__(self) -> None:
        self._metrics = {"LPIPS": _opened("LPIPS", _lpips), "FID": _opened("FID", _fid)}

    def add(self, predicted: Samples, truth: Samples) -> None:
        """Take in a pair, each (H, W, 3) uint8."""
        if not isinstance(self._metrics["LPIPS"], str):
            self._metrics["LPIPS"].update(_planes(predicted) / 255, _planes(truth) / 255)
        if not isinstance(self._metrics["FID"], str):
            self._metrics["FID"].update(_planes(predicted).byte(), real=False)
            self._metrics["FID"].update(_planes(truth).byte(), real=True)

    def values(self) -> dict[str, float | str]:
        """Give the figures, or the sentences."""
        return {
            name: metric if isinstance(metric, str) else float(metric.compute())
            for name, metric in self._metrics.items()
        }


def _opened(name: str, make: Any) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make()
    except ModuleNotFoundError:
        return f"{name} needs another library: pip install torchmetrics torch-fidelity"
    except (OSError, RuntimeError):
        return f"{name}: its weights are not here and cannot be downloaded"


def _lpips() -> Any:
    from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity

    return LearnedPerceptualImagePatchSimilarity(net_type="alex", normalize=True)


def _fid() -> Any:
    from torchmetrics.image.fid import FrechetInceptionDistance

    return FrechetInceptionDistance()


def _planes(samples: Samples) -> torch.Tensor:
    planes = torch.from_numpy(np.ascontiguousarray(np.moveaxis(samples, -1, 0)))[None].float()
    return F.interpolate(planes, (_SIDE, _SIDE), mode="bilinear", antialias=True).round()
