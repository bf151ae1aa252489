"""LPIPS and FID through torchmetrics, where their weights can be had."""

import warnings
from collections.abc import Callable
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from photochrom.color.spaces import Samples

_SIDE = 256


class LearnedMetrics:
    """LPIPS (AlexNet) and FID of pictures in pairs.

    Both need weights of others, which PyTorch keeps in its hub's directory. Those that are not
    there are fetched only if `download` says so. Where they cannot be had, or a library is missing,
    the value is a sentence that says what to do.
    """

    def __init__(self, *, download: bool = False) -> None:
        self._metrics = {
            "LPIPS": _opened("LPIPS", "233 MB", _alexnet, _lpips, download),
            "FID": _opened("FID", "91 MB", _inception, _fid, download),
        }

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


def _opened(
    name: str, size: str, find_url: Callable[[], str], make: Callable[[], Any], download: bool
) -> Any:
    """Give a metric, or a sentence that says why it cannot be had."""
    try:
        weights = Path(torch.hub.get_dir(), "checkpoints", Path(find_url()).name)
        if not (download or weights.exists()):
            return f"{name}: its weights are not here; pass download=True to fetch them, {size}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make()
    except ImportError:
        return f"{name} needs other libraries: pip install torchmetrics torch-fidelity"
    except (OSError, RuntimeError, UnpicklingError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        return f"{name}: its weights cannot be fetched or read ({reason})"


def _alexnet() -> str:
    from torchvision.models import AlexNet_Weights

    return str(AlexNet_Weights.DEFAULT.url)


def _lpips() -> Any:
    from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity

    return LearnedPerceptualImagePatchSimilarity(net_type="alex", normalize=True)


def _inception() -> str:
    from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3

    return str(URL_INCEPTION_V3)


def _fid() -> Any:
    from torchmetrics.image.fid import FrechetInceptionDistance

    return FrechetInceptionDistance()


def _planes(samples: Samples) -> torch.Tensor:
    planes = torch.from_numpy(np.ascontiguousarray(np.moveaxis(samples, -1, 0)))[None].float()
    return F.interpolate(planes, (_SIDE, _SIDE), mode="bilinear", antialias=True).round()
