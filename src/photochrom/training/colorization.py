"""The task of the loop: learn to colour photographs from their lightness."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.color import Floats, fit_gamut, lab_to_srgb
from photochrom.errors import DataError, ImageError
from photochrom.evaluation.metrics import colourfulness, mean_ciede2000
from photochrom.image import save_rgb
from photochrom.models.vivid import Vivid
from photochrom.training.config import DataConfig, LossConfig
from photochrom.training.data import Batch, Photographs, Sample, collate, load_centre
from photochrom.training.losses import (
    bin_frequency,
    bin_weights,
    color_error,
    soft_cross_entropy,
)

_SHEET = 12  # pictures on a contact sheet
_FREQUENCY_SAMPLES = 1500  # crops from which the frequency of colours is counted


@dataclass
class Colorization:
    """Train `network` on the photographs of `train`, score it on those of `validation`."""

    network: Vivid
    train: list[Path]
    validation: list[Path]
    data: DataConfig
    loss_config: LossConfig
    encoder_rate: float
    out: Path
    seed: int = 0
    broken: dict[Path, None] = field(default_factory=dict)
    """Pictures that could not be read, in the order in which they were met."""

    def __post_init__(self) -> None:
        self.samples = Photographs(self.train, self.data.size, zoom=self.data.zoom, seed=self.seed)

    def prepare(self) -> None:
        """Count how frequent colours are in the training pictures, and weight the bins so."""
        counter = Photographs(self.train, self.data.size, zoom=self.data.zoom, seed=self.seed + 1)
        total = torch.zeros(len(self.network.bins))
        for number in range(min(_FREQUENCY_SAMPLES, 4 * len(self.train))):
            total += bin_frequency(_shrink(counter[number].lab[None, 1:]), self.network.bins)
        weights = bin_weights(total / total.sum(), self.loss_config.rebalance)
        self.network.log_weights.copy_(weights.log())

    def collate(self, samples: list[Sample]) -> Batch:
        """Stack samples."""
        return collate(samples)

    def parameter_groups(self, rate: float) -> list[dict[str, Any]]:
        """Give the pretrained encoder its own, lower learning rate."""
        encoder = [value for value in self.network.encoder.parameters() if value.requires_grad]
        rest = [*self.network.blocks.parameters(), *self.network.head.parameters()]
        return [
            {"params": encoder, "lr": rate * self.encoder_rate},
            {"params": rest, "lr": rate},
        ]

    def loss(self, network: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """Rebalanced cross-entropy, and the error of the natural mean."""
        self.broken.update(dict.fromkeys(batch.broken))
        lightness, ab = batch.lab[:, :1], _shrink(batch.lab[:, 1:])
        logits = network(lightness)
        weights = self.network.log_weights.exp()
        entropy = soft_cross_entropy(logits, ab, self.network.bins, weights)
        error = color_error(self.network.natural(logits), ab)
        figures = {
            "entropy": entropy.item(),
            "error": error.item(),
            "loader s/picture": batch.seconds,
        }
        return entropy + self.loss_config.regression * error, figures

    @torch.no_grad()
    def validate(self, network: nn.Module, step: int) -> dict[str, float]:
        """Score natural, middle and vivid colours against the truth and against grey."""
        sums: dict[str, float] = {}
        rows = []
        for number, lab in enumerate(self._validation_pictures()):
            lightness = lab[None, :1]
            logits = network(lightness)
            truth = np.moveaxis(lab.numpy(), 0, -1)
            shown = [truth * [1, 0, 0]]
            for name, vividness in (("natural", 0.0), ("middle", 0.5), ("vivid", 1.0)):
                ab = self.network.paint(logits, torch.tensor(vividness))
                shown.append(_join(lab[0].numpy(), ab))
                _add(sums, name, shown[-1], truth)
            _add(sums, "grey", shown[0], truth)
            if number < _SHEET:
                rows.append(np.concatenate([lab_to_srgb(one) for one in [*shown, truth]], axis=1))
        sheet = np.concatenate(rows)
        save_rgb(sheet, self.out / f"sheet-{step:07d}.png")
        return _scores(sums)

    def _validation_pictures(self) -> list[Tensor]:
        if not hasattr(self, "_pictures"):
            self._pictures = []
            for path in self.validation[:: max(1, len(self.validation) // self.data.validation)]:
                try:
                    self._pictures.append(load_centre(path, self.data.size))
                except ImageError:
                    self.broken[path] = None
            if not self._pictures:
                raise DataError("none of the validation pictures can be read")
        return self._pictures


def _shrink(ab: Tensor) -> Tensor:
    """Average ab, (N, 2, H, W), to the quarter size at which it is predicted."""
    return F.avg_pool2d(ab, 4)


def _join(lightness: Floats, ab: Tensor) -> Floats:
    """Lab picture (H, W, 3), in gamut, of lightness (H, W) and small ab (1, 2, h, w)."""
    wide = F.interpolate(ab, size=lightness.shape, mode="bilinear")[0].numpy()
    return np.stack([lightness, *fit_gamut(lightness, wide[0], wide[1])], axis=-1)


def _add(sums: dict[str, float], name: str, lab: Floats, truth: Floats) -> None:
    error, colour = f"{name} CIEDE2000", f"{name} colourfulness"
    sums[error] = sums.get(error, 0) + mean_ciede2000(lab, truth)
    sums[colour] = sums.get(colour, 0) + colourfulness(lab_to_srgb(lab))
    if name == "grey":
        sums["truth"] = sums.get("truth", 0) + colourfulness(lab_to_srgb(truth))


def _scores(sums: dict[str, float]) -> dict[str, float]:
    """CIEDE2000 as a share of grey's, colourfulness as a share of the truth's."""
    scores = {}
    for name in ("natural", "middle", "vivid"):
        scores[f"{name} CIEDE2000"] = sums[f"{name} CIEDE2000"] / sums["grey CIEDE2000"]
        scores[f"{name} colourfulness"] = sums[f"{name} colourfulness"] / sums["truth"]
    return scores
