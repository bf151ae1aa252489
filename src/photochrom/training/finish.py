"""The loss on the coloured picture: its features, whether it passes for a photograph, its chroma.

A short finish of a network that was trained colour by colour ("NoGAN", Antic 2019). The network is
asked for at a vividness drawn by lot; the truth is then as much more or less vivid.
"""

from collections.abc import Iterable
from typing import Any, Protocol

import torch
import torch.distributed
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import AdamW

from photochrom.networks.base import Network
from photochrom.training.adversarial import Discriminator, discriminator_loss, realism_loss
from photochrom.training.config import FinishConfig
from photochrom.training.lab import lab_to_rgb
from photochrom.training.perceptual import FeaturePyramid, feature_distance

_UNIT = 10.0  # Lab units
_BETAS = (0.5, 0.99)  # of the discriminator's optimizer: its task changes all the time


class _Batch(Protocol):
    """What of a batch is looked at: see `data.batches.Batch`."""

    lab: Tensor
    hints: Tensor
    authentic: Tensor


class FinishLoss:
    """Losses on what `network` predicts, and the discriminator that one of them needs.

    `config` says how much each counts.
    """

    def __init__(self, network: Network, config: FinishConfig) -> None:
        self.network, self.config = network, config
        self.pyramid = FeaturePyramid(config.features, config.weights)
        self.discriminator = Discriminator(self.pyramid.channels)
        learning = [one for one in self.discriminator.parameters() if one.requires_grad]
        self.optimizer = AdamW(learning, lr=config.discriminator_rate, betas=_BETAS)

    @property
    def state(self) -> dict[str, Any]:
        """All that learns here, by name, for a checkpoint."""
        return {"discriminator": self.discriminator, "discriminator's optimizer": self.optimizer}

    def __call__(self, output: Tensor, batch: _Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Give the loss of a network's output, and figures; the discriminator learns first."""
        self._move(output.device)
        lightness, ab = batch.lab[:, :1], batch.lab[:, 1:]
        vividness = torch.rand(len(ab), device=ab.device, dtype=ab.dtype).view(-1, 1, 1, 1)
        predicted = self._predicted(output, vividness, ab.shape[2:])
        true_ab = ab * self._gain(vividness) / self._gain(torch.full_like(vividness, 0.5))
        fake = self.pyramid(lab_to_rgb(torch.cat([lightness, predicted], dim=1)))
        with torch.no_grad():
            real = self.pyramid(lab_to_rgb(torch.cat([lightness, true_ab], dim=1)).clamp(0, 1))
        losses = {
            "features": feature_distance(fake, real),
            "chroma": chroma_gap(predicted, true_ab, batch.hints),
        }
        total = self.config.perceptual * losses["features"]
        total = total + self.config.chroma * losses["chroma"]
        if self.config.adversarial:
            shown = batch.authentic.to(output.device)
            fake, real = ([one.index_select(0, shown) for one in each] for each in (fake, real))
            grey = lightness.index_select(0, shown)
            losses["discriminator"] = self._teach(fake, real, grey)
            losses["realism"] = self._realism(fake, grey)
            total = total + self.config.adversarial * losses["realism"]
        return total, {name: value.detach() for name, value in losses.items()}

    def _predicted(self, output: Tensor, vividness: Tensor, size: torch.Size) -> Tensor:
        """Colours of an output at the picture's size, as they are when it is coloured."""
        ab = self._gain(vividness) * self.network.to_ab(output.float())
        return F.interpolate(ab, size=size, mode="bilinear", align_corners=False)

    def _gain(self, vividness: Tensor) -> Tensor:
        lowest, highest = self.network.gains
        return lowest * (highest / lowest) ** vividness

    def _teach(self, fake: list[Tensor], real: list[Tensor], lightness: Tensor) -> Tensor:
        """Let the discriminator learn from what it is shown, if anything; give its loss."""
        self.optimizer.zero_grad()
        loss = lightness.new_zeros(())
        if len(lightness):
            loss = discriminator_loss(
                self.discriminator, real, fake, lightness, self.config.penalty
            )
            loss.backward()  # type: ignore[no-untyped-call]
        average_gradients(self.optimizer.param_groups[0]["params"])
        self.optimizer.step()
        return loss.detach()

    def _realism(self, fake: list[Tensor], lightness: Tensor) -> Tensor:
        """Ask the discriminator about coloured pictures: a loss that they alone learn from."""
        if not len(lightness):
            return lightness.new_zeros(())
        learning = self.optimizer.param_groups[0]["params"]
        for one in learning:
            one.requires_grad_(False)
        loss = realism_loss(self.discriminator(fake, lightness))
        for one in learning:
            one.requires_grad_(True)
        return loss

    def _move(self, device: torch.device) -> None:
        """Go to the device where the network is, what the optimizer has kept too."""
        if self.pyramid.scale.device == device:
            return
        self.pyramid.to(device)
        self.discriminator.to(device)
        for one in self.optimizer.state.values():
            one.update({name: value.to(device) for name, value in one.items() if name != "step"})


def chroma_gap(predicted: Tensor, truth: Tensor, hints: Tensor) -> Tensor:
    """Give how far the mean chroma of ab, (N, 2, H, W), is from the truth's, in 10 Lab units.

    Of the pictures without hints, (N, 3, H, W), if there are such: those with hints are told their
    colours, and would make up for others that stay pale.
    """
    alone = ~(hints[:, 2:] > 0).flatten(1).any(dim=1)
    weight = (alone | ~alone.any()).to(predicted.dtype)  # chosen by a mask, it is waited for
    means = [
        ((ab.square().sum(dim=1) + 1e-2).sqrt().mean(dim=(1, 2)) * weight).sum() / weight.sum()
        for ab in (predicted, truth)
    ]
    return (means[0] - means[1]).abs() / _UNIT


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Give the processes of a run the mean of their gradients; alone, do nothing."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        torch.distributed.all_reduce(parameter.grad)
        parameter.grad /= torch.distributed.get_world_size()
