"""LPIPS and FID through torchmetrics, where their weights can be had."""

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from photochrom.color import Samples

_SIDE = 256


def learned_metrics(painted: Iterable[Samples], truth: Iterable[Samples]) -> dict[str, float | str]:
    """LPIPS (AlexNet) and FID of pictures in pairs, each (H, W, 3) uint8.

    Both need weights that are downloaded once. Where they cannot be had, or torchmetrics is not
    installed, the value is a sentence that says so.
    """
    pairs = list(zip(painted, truth, strict=True))
    return {"LPIPS": _guarded("LPIPS", _lpips, pairs), "FID": _guarded("FID", _fid, pairs)}


def _guarded(name: str, compute: Any, pairs: list[tuple[Samples, Samples]]) -> float | str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(compute(pairs))
    except ModuleNotFoundError as error:
        return f"{name} needs {error.name}: pip install torchmetrics torch-fidelity"
    except (OSError, RuntimeError):
        return f"{name}: its weights are not here and cannot be downloaded"


def _lpips(pairs: list[tuple[Samples, Samples]]) -> float:
    from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity

    metric: Any = LearnedPerceptualImagePatchSimilarity(net_type="alex", normalize=True)
    for one, two in pairs:
        metric.update(_planes(one) / 255, _planes(two) / 255)
    return float(metric.compute())


def _fid(pairs: list[tuple[Samples, Samples]]) -> float:
    from torchmetrics.image.fid import FrechetInceptionDistance

    metric: Any = FrechetInceptionDistance()
    for one, two in pairs:
        metric.update(_planes(one).byte(), real=False)
        metric.update(_planes(two).byte(), real=True)
    return float(metric.compute())


def _planes(samples: Samples) -> torch.Tensor:
    planes = torch.from_numpy(np.ascontiguousarray(np.moveaxis(samples, -1, 0)))[None].float()
    return F.interpolate(planes, (_SIDE, _SIDE), mode="bilinear", antialias=True).round()
