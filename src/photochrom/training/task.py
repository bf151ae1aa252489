"""The task of the loop: learn to colour photographs from their lightness."""

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from photochrom.color.gamut import fit_gamut
from photochrom.color.spaces import Floats, Samples, lab_to_srgb
from photochrom.color.upsampling import resize_bilinear, unsharp_mask
from photochrom.evaluation.color_errors import Share, color_errors
from photochrom.evaluation.metrics import colorfulness, mean_ciede2000
from photochrom.evaluation.scores import SHARES, Scores, ratio
from photochrom.image import save_rgb
from photochrom.inference.model import with_vividness
from photochrom.networks.base import Network
from photochrom.training.batchnorm import recalibrate
from photochrom.training.config import DataConfig, LossConfig
from photochrom.training.data.batches import Batch, Crops, Sample, augment, collate
from photochrom.training.data.crops import Photographs, load_centers
from photochrom.training.data.sources import Photo
from photochrom.training.decision_loss import DecisionLoss
from photochrom.training.distillation import Teacher, divergence
from photochrom.training.finish import FinishLoss
from photochrom.training.losses import bin_frequency
from photochrom.training.objectives import objective

MEAN_AB = "mean_ab.json"
"""File of a run's folder with the mean a and b of its training pictures."""
_SHEET = 12  # pictures on a contact sheet
_AT_ONCE = 32  # crops
_FREQUENCY_SAMPLES = 1500  # crops from which the frequency of colours is counted


@dataclass
class Colorization:
    """Train `network` on the photographs of `train`, score it on those of `validation`.

    `embeddings`, (len(train), E), is given to networks that want one of each picture.
    """

    network: Network
    train: Sequence[Photo]
    validation: Sequence[Photo]
    data: DataConfig
    loss_config: LossConfig
    encoder_rate: float
    out: Path
    seed: int = 0
    embeddings: Tensor | None = None
    teacher: Teacher | None = None
    """What the encoder should not forget, for a network whose encoder can say so."""
    recalibrated: int = 0
    """Crops on which batch normalisation is measured anew for a validation, as it will be for the
    exported network; 0 where it will not."""
    whole_loss: FinishLoss | DecisionLoss | None = None
    """What is asked of the coloured picture as a whole, besides."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Pictures that were of no use, each with the reason."""

    def __post_init__(self) -> None:
        self.samples = Photographs(self.train, self.data, seed=self.seed)
        self.objective = objective(self.network, self.loss_config)

    def prepare(self) -> None:
        """Count how frequent colours are in the training pictures, and weight them so.

        Their mean is noted in the run's folder, for the exported model to tell.
        """
        frequency = self._frequency()
        if self.loss_config.rebalance:
            self.objective.weigh(frequency)
        mean = (frequency @ self.objective.bins.centres).tolist()
        (self.out / MEAN_AB).write_text(json.dumps(mean) + "\n", encoding="utf-8")

    def _frequency(self) -> Tensor:
        counter = Photographs(self.train, self.data, seed=self.seed + 1)
        total = torch.zeros(len(self.objective.bins))
        count = min(_FREQUENCY_SAMPLES, 4 * len(self.train))
        for start in range(0, count, _AT_ONCE):
            numbers = range(start, min(start + _AT_ONCE, count))
            ab = F.avg_pool2d(counter.batch(numbers).lab[:, 1:], 4)
            total += len(numbers) * bin_frequency(ab, self.objective.bins)
        return total / total.sum()

    @property
    def collate(self) -> Callable[[list[Sample]], Crops]:
        """The function that stacks samples."""
        return collate

    @property
    def beside(self) -> Mapping[str, Any]:
        """A discriminator and its optimizer, where there is one."""
        return self.whole_loss.state if self.whole_loss else {}

    def parameter_groups(self, rate: float) -> list[dict[str, Any]]:
        """Give what was trained before its own, lower learning rate."""
        pretrained = self.network.pretrained()
        known = {id(value) for value in pretrained}
        rest = [
            value
            for value in self.network.parameters()
            if value.requires_grad and id(value) not in known
        ]
        groups = [
            {"params": pretrained, "lr": rate * self.encoder_rate},
            {"params": rest, "lr": rate},
        ]
        return [group for group in groups if group["params"]]

    def loss(self, network: nn.Module, crops: Crops) -> tuple[Tensor, dict[str, Tensor]]:
        """Give the objective's loss, at the size at which the network predicts."""
        batch = augment(crops)
        self.skipped.update(batch.skipped)
        inputs = [batch.lab[:, :1]]
        if self.network.takes_hints:
            inputs.append(batch.hints)
        if self.embeddings is not None:
            rows = self.embeddings[batch.pictures]
            rows = (
                rows.pin_memory() if batch.lab.is_cuda else rows
            )  # copied without being waited for
            inputs.append(rows.to(batch.lab, non_blocking=True))
        if self.teacher is None:
            return self._color_loss(network(*inputs), batch)
        output, said = network(*inputs, classes=True)
        loss, figures = self._color_loss(output, batch)
        forgotten = divergence(said.float(), self.teacher.to(said.device)(batch.rgb))
        figures["forgotten"] = forgotten.detach()
        return loss + self.loss_config.distillation * forgotten, figures

    def _color_loss(self, output: Tensor, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        ab = F.adaptive_avg_pool2d(batch.lab[:, 1:], (output.shape[2], output.shape[3]))
        loss, figures = self.objective(output, ab)
        if self.whole_loss is None:
            return loss, figures
        whole, more = self.whole_loss(output, batch)
        return loss + whole, figures | more

    def name(self, batch: Crops) -> str:
        """Name the pictures of a batch."""
        return ", ".join(str(self.train[number]) for number in batch.pictures)

    @torch.no_grad()
    def validate(self, network: nn.Module, step: int) -> dict[str, float]:
        """Score the colours of every setting against the truth and against grey."""
        if self.recalibrated:
            network = copy.deepcopy(network)
            recalibrate(cast(Network, network), self.samples, self.recalibrated)
        device = next(network.parameters()).device
        with ThreadPoolExecutor() as pool:  # else the device waits until all is scored
            jobs: list[Future[Any]] = []
            for lab in self._validation_pictures():
                given = self.network.ends(network(lab[None, :1].to(device)))
                ab, *more = (one[0].cpu().numpy() for one in given)
                ends = [unsharp_mask(ab, self.network.unsharp), *more]
                jobs.append(pool.submit(self._score, lab, ends, len(jobs) < _SHEET))
        scores: dict[str, Scores] = {}
        for job in jobs:
            for name, values in job.result()[0].items():
                scores.setdefault(name, Scores(name)).add(values, 0.0)
        rows = [row for row in (job.result()[1] for job in jobs) if row is not None]
        save_rgb(np.concatenate(rows), self.out / f"sheet-{step:07d}.png")
        return self._figures(scores)

    def _score(
        self, lab: Tensor, ends: list[Floats], shown: bool
    ) -> tuple[dict[str, dict[str, float | Share]], Floats | None]:
        """Score `ends`, (2, h, w), of a picture, (3, S, S), by setting; give a row if `shown`."""
        truth = np.moveaxis(lab.numpy(), 0, -1)
        pictures = {"grey": truth * [1, 0, 0]}
        for name, vividness in self.network.settings.items():
            ab = with_vividness(self.network.gains, vividness, *ends)
            pictures[name] = _full_picture(lab[0].numpy(), ab)
        pictures["truth"] = truth
        rgb = {name: lab_to_srgb(picture) for name, picture in pictures.items()}
        scores: dict[str, dict[str, float | Share]] = {
            name: {
                "CIEDE2000": mean_ciede2000(picture, truth),
                "colourfulness": colorfulness(rgb[name]),
                **color_errors(_samples(rgb[name]), _samples(rgb["truth"])),
            }
            for name, picture in pictures.items()
        }
        return scores, np.concatenate(list(rgb.values()), axis=1) if shown else None

    def _figures(self, scores: dict[str, Scores]) -> dict[str, float]:
        """Give, of every setting, its error as a share of grey's, its colourfulness, and where."""
        found: dict[str, float] = {}
        for name in self.network.settings:
            for figure, whole in (("CIEDE2000", "grey"), ("colourfulness", "truth")):
                found[f"{name} {figure}"] = ratio(scores[name], scores[whole], figure)
            for figure in SHARES:
                share = scores[name].share(figure)
                if share is not None:
                    found[f"{name} {figure}"] = share
        return found

    def _validation_pictures(self) -> list[Tensor]:
        if not hasattr(self, "_pictures"):
            self._pictures = load_centers(
                self.validation, self.data.size, self.data.validation, self.skipped
            )
        return self._pictures


def _full_picture(lightness: Floats, ab: Floats) -> Floats:
    """Lab picture (H, W, 3), in gamut, of lightness (H, W) and small ab (2, h, w)."""
    wide = resize_bilinear(ab, *lightness.shape)
    return np.stack([lightness, *fit_gamut(lightness, wide[0], wide[1])], axis=-1)


def _samples(rgb: Floats) -> Samples:
    """Give sRGB in 0..1 as uint8."""
    return np.asarray(np.rint(255 * rgb.clip(0, 1)), np.uint8)
