"""How near a coloured picture comes to the truth, and a set of them on average."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from photochrom.color.gamut import lab_to_samples
from photochrom.color.spaces import Floats, Samples, samples_to_lightness, srgb_to_lab
from photochrom.evaluation import metrics
from photochrom.evaluation.color_errors import Share, color_errors

FIGURES = ("CIEDE2000", "PSNR", "SSIM", "colourfulness", "AuC")
"""What is scored, in the order of the tables."""
SHARES = ("edges missed", "false edges", "left grey", "skin left grey", "false colour")
"""Shares that are scored besides, of all pictures together."""
_RESAMPLES = 1000


def score(
    predicted: Samples, truth: Samples, weights: Floats | None = None
) -> dict[str, float | Share]:
    """Score an sRGB picture against its truth, both (H, W, 3) uint8.

    Gives numbers by the names of `FIGURES` and shares by those of `SHARES`. With `weights` (H, W),
    one for each pixel, there is a "rebalanced AuC" too.
    """
    one, two = (samples.astype(np.float32) / 255 for samples in (predicted, truth))
    lab, true_lab = srgb_to_lab(one), srgb_to_lab(two)
    figures: dict[str, float | Share] = {
        "CIEDE2000": metrics.mean_ciede2000(lab, true_lab),
        "PSNR": metrics.psnr(one, two),
        "SSIM": metrics.ssim(one, two),
        "colourfulness": metrics.colorfulness(one),
        "AuC": metrics.area_under_errors(lab, true_lab),
        **color_errors(predicted, truth),
    }
    if weights is not None:
        figures["rebalanced AuC"] = metrics.area_under_errors(lab, true_lab, weights)
    return figures


@dataclass
class Scores:
    """The scores of one colorizer on a set of pictures."""

    name: str
    values: dict[str, list[float]] = field(default_factory=dict)
    """For each figure, a value for each picture, in one order for all colorizers."""
    shares: dict[str, list[Share]] = field(default_factory=dict)
    """The same for each share."""
    milliseconds: list[float] = field(default_factory=list)
    """Time of each picture, all of it: model, joining and gamut."""

    def add(self, scores: dict[str, float | Share], seconds: float) -> None:
        """Add a picture."""
        for name, value in scores.items():
            if isinstance(value, Share):
                self.shares.setdefault(name, []).append(value)
            else:
                self.values.setdefault(name, []).append(value)
        self.milliseconds.append(1000 * seconds)

    def mean(self, figure: str) -> float:
        """Mean over the pictures."""
        return float(np.mean(self.values[figure]))

    def interval(self, figure: str) -> tuple[float, float]:
        """95 % bootstrap interval of the mean over pictures."""
        return _middle(_resampled(self.values[figure]))

    def share(self, figure: str) -> float | None:
        """Share of all pictures together; None where none of them has what it is a share of."""
        amount, whole = np.sum(self.shares[figure], axis=0)
        return float(amount / whole) if whole else None

    def share_interval(self, figure: str) -> tuple[float, float] | None:
        """95 % bootstrap interval of `share`, None where there is no share."""
        amounts, wholes = (_resampled(list(one)) for one in zip(*self.shares[figure], strict=True))
        if not wholes.any():
            return None
        drawn = wholes > 0  # of few pictures, some draws have none with such a colour
        return _middle(amounts[drawn] / wholes[drawn])

    def each(self) -> dict[str, list[float | None]]:
        """Give every figure and share of each picture, None where a picture has no such share."""
        shares: dict[str, list[float | None]] = {
            name: [one.amount / one.whole if one.whole else None for one in found]
            for name, found in self.shares.items()
        }
        shares.update({name: [*found] for name, found in self.values.items()})
        return shares


def ratio(scores: Scores, whole: Scores, figure: str) -> float:
    """Share of one colorizer's mean in another's, such as colourfulness in the truth's."""
    return scores.mean(figure) / whole.mean(figure)


def ratio_interval(scores: Scores, whole: Scores, figure: str) -> tuple[float, float]:
    """95 % bootstrap interval of `ratio`, both means over the same pictures each time."""
    return _middle(_resampled(scores.values[figure]) / _resampled(whole.values[figure]))


def _resampled(values: list[float]) -> npt.NDArray[np.float64]:
    """Means of as many values drawn with repetition, many times: always the same places."""
    random = np.random.default_rng(0)
    chosen = random.integers(len(values), size=(_RESAMPLES, len(values)))
    return np.asarray(np.array(values)[chosen].mean(axis=1))


def _middle(found: npt.NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def to_grey(truth: Samples) -> npt.NDArray[np.uint8]:
    """Take the colour off an sRGB picture, (H, W, 3): neutral samples (H, W) of its lightness."""
    lightness = samples_to_lightness(truth)
    neutral = np.zeros_like(lightness)
    return lab_to_samples(lightness, neutral, neutral, np.uint8)[..., 0].astype(np.uint8)
