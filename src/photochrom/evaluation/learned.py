"""Figures that networks give: Frechet-Lite2, and LPIPS and FID where their weights can be had.

The only module of the evaluation that needs torch.
"""

import copy
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import timm
import torch
import torch.nn.functional as F

from photochrom.color.spaces import Samples
from photochrom.errors import ModelError
from photochrom.evaluation.frechet import Features, frechet_distance, frechet_interval
from photochrom.networks.imagenet import imagenet_weights

ENCODER = "tf_efficientnet_lite2"
"""The network whose last features, averaged over the picture, are compared. This is not FID."""
_ENCODER_SIDE = 224
_BATCH = 16
_SIDE = 256


class SetFigures:
    """Figures of whole sets of pictures, each set against the truths of its pictures.

    `names` are those of the sets. A figure that cannot be had is a sentence that says why.
    """

    def __init__(self, names: Iterable[str], *, download: bool = False) -> None:
        unseen = LearnedMetrics(download=download)
        self._learned = {name: copy.deepcopy(unseen) for name in names}
        self._features: dict[str, list[Features]] = {name: [] for name in self._learned}
        self._true_features: list[Features] = []
        self._extract: FeatureExtractor | str
        try:
            self._extract = FeatureExtractor()
        except ModelError as error:
            self._extract = f"Frechet-Lite2: {error}"

    def add_truth(self, truth: Samples) -> None:
        """Take in a picture as it truly is, (H, W, 3) uint8."""
        if not isinstance(self._extract, str):
            self._true_features.append(self._extract([truth]))

    def add(self, name: str, samples: Samples, truth: Samples) -> None:
        """Take in what a set's colorizer made of a picture, (H, W, 3) uint8, beside its truth."""
        if not isinstance(self._extract, str):
            self._features[name].append(self._extract([samples]))
        self._learned[name].add(samples, truth)

    def values(self) -> dict[str, dict[str, Any]]:
        """Give the figures, or the sentences, of each set by their names."""
        return {
            name: {"Frechet-Lite2": self._frechet(name), **metrics.values()}
            for name, metrics in self._learned.items()
        }

    def _frechet(self, name: str) -> Any:
        if isinstance(self._extract, str):
            return self._extract
        made, true = (np.concatenate(one) for one in (self._features[name], self._true_features))
        return {"value": frechet_distance(made, true), "interval": frechet_interval(made, true)}


class FeatureExtractor:
    """Pictures to features, (N, C): EfficientNet-Lite2's last, averaged over each picture."""

    def __init__(self) -> None:
        self.network = timm.create_model(ENCODER, num_classes=0)
        weights = imagenet_weights(ENCODER)
        loaded = {key: value for key, value in weights.items() if key in self.network.state_dict()}
        self.network.load_state_dict(loaded)
        self.network.eval()

    @torch.no_grad()
    def __call__(self, pictures: Iterable[Samples]) -> Features:
        """Give the features of sRGB pictures, each (H, W, 3) uint8, brought to a square."""
        found: list[Features] = []
        waiting: list[torch.Tensor] = []
        for samples in pictures:
            planes = torch.from_numpy(np.ascontiguousarray(np.moveaxis(samples, -1, 0)))[None]
            side = (_ENCODER_SIDE, _ENCODER_SIDE)
            waiting.append(F.interpolate(planes / 127.5 - 1, side, mode="bilinear", antialias=True))
            if len(waiting) == _BATCH:
                found.append(self._features(waiting))
                waiting = []
        if waiting:
            found.append(self._features(waiting))
        return np.concatenate(found)

    def _features(self, planes: list[torch.Tensor]) -> Features:
        return np.asarray(self.network(torch.cat(planes)).double().numpy())


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
