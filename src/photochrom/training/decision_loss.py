"""The loss that a decision learns from: what `photochrom evaluate` prints, with slopes.

The shares of `evaluation.color_errors` count places beyond a bound; here each place counts by how
far it is beyond it, so that there is a way to get better.
"""

from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from photochrom.evaluation.color_errors import COLORED, NEUTRAL, STILL_GREY
from photochrom.inference.model import MIDDLE, with_vividness
from photochrom.networks.vivid import Vivid
from photochrom.training.config import DecisionConfig
from photochrom.training.lab import lab_to_rgb
from photochrom.training.losses import visible_error

_SOFT = 1.5  # Lab units over which a place passes a bound
_TOO_PALE = 20.0  # how much a lack of colourfulness counts, squared
_RADIUS = 3  # of the window of an unsharp mask, see `color.upsampling`


class _Batch(Protocol):
    """What of a batch is looked at: see `data.batches.Batch`."""

    lab: Tensor


class DecisionLoss:
    """Losses on colours of the middle vividness and on natural ones; `config` weighs them."""

    def __init__(self, network: Vivid, config: DecisionConfig) -> None:
        self.network, self.config = network, config

    @property
    def state(self) -> dict[str, Any]:
        """Nothing else learns here."""
        return {}

    def __call__(self, output: Tensor, batch: _Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Give the loss of logits (N, K, h, w), and figures to log that stay on the device."""
        truth = F.adaptive_avg_pool2d(batch.lab, (output.shape[2], output.shape[3]))
        lightness, true_ab = truth[:, :1], truth[:, 1:]
        config, unsharp = self.config, self.network.unsharp
        ab, *more = self.network.ends(output.float())
        ends = (sharpened(ab, unsharp), *more)
        ab, natural = (with_vividness(self.network.gains, at, *ends) for at in (MIDDLE, 0.0))
        losses = {
            "painted error": visible_error(ab, true_ab),
            "natural error": visible_error(natural, true_ab),
            **soft_shares(ab, true_ab),
        }
        total = losses["painted error"] + losses["natural error"]
        whole = colorfulness(lab_to_rgb(truth))
        asked = ((ab, config.colorfulness), (natural, config.natural_colorfulness))
        for predicted, wanted in asked:
            found = colorfulness(lab_to_rgb(torch.cat([lightness, predicted], dim=1)))
            total = total + _TOO_PALE * (wanted - found / whole).clamp(min=0).square()
        total = total + config.edges_missed * losses["edges missed"]
        total = total + config.false_edges * losses["false edges"]
        total = total + config.left_grey * losses["left grey"]
        total = total + config.false_color * losses["false colour"]
        return total, {name: value.detach() for name, value in losses.items()}


def sharpened(ab: Tensor, amount: float) -> Tensor:
    """Let ab (N, 2, h, w) stand out from those around, as `color.upsampling.unsharp_mask` does."""
    wide = F.pad(ab, (_RADIUS,) * 4, mode="replicate")
    return ab + amount * (ab - F.avg_pool2d(wide, 2 * _RADIUS + 1, stride=1))


def soft_shares(ab: Tensor, truth: Tensor) -> dict[str, Tensor]:
    """Give the shares of `color_errors`, all but skin's, of ab and the truth (N, 2, h, w)."""
    chroma, true_chroma = _length(ab), _length(truth)
    gradient, true_gradient = _gradient(ab), _gradient(truth)
    whole = true_gradient.mean()
    colored, neutral = (true_chroma > COLORED).to(ab), (true_chroma < NEUTRAL).to(ab)
    grey = torch.sigmoid((STILL_GREY - chroma) / _SOFT)
    false = torch.sigmoid((chroma - COLORED) / _SOFT)
    return {
        "edges missed": (true_gradient - gradient).clamp(min=0).mean() / whole,
        "false edges": (gradient - true_gradient).clamp(min=0).mean() / whole,
        "left grey": (grey * colored).sum() / colored.sum().clamp(min=1),
        "false colour": (false * neutral).sum() / neutral.sum().clamp(min=1),
    }


def colorfulness(rgb: Tensor) -> Tensor:
    """Mean colourfulness of sRGB pictures (N, 3, h, w) in 0..1, as `evaluation.metrics` has it."""
    red, green, blue = rgb.flatten(2).unbind(dim=1)
    opponents = torch.stack([red - green, (red + green) / 2 - blue])
    deviation = (opponents.var(dim=2, correction=0).sum(dim=0) + 1e-6).sqrt()
    mean = (opponents.mean(dim=2).square().sum(dim=0) + 1e-6).sqrt()
    return (deviation + 0.3 * mean).mean()


def _gradient(ab: Tensor) -> Tensor:
    """Length of the gradient of ab (N, 2, h, w) inside, (N, h - 2, w - 2)."""
    down = (ab[..., 2:, 1:-1] - ab[..., :-2, 1:-1]) / 2
    right = (ab[..., 1:-1, 2:] - ab[..., 1:-1, :-2]) / 2
    return (down.square() + right.square()).sum(dim=1).add(1e-3).sqrt()


def _length(ab: Tensor) -> Tensor:
    return ab.square().sum(dim=1).add(1e-3).sqrt()
