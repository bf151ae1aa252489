"""Colourful pictures, made grey and coloured again by models or by other programs, scored."""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color import Floats, Samples, lab_to_samples, samples_to_lightness, srgb_to_lab
from photochrom.errors import DataError, ImageError, ModelError
from photochrom.evaluation.frechet import FeatureExtractor, frechet_distance
from photochrom.evaluation.learned import LearnedMetrics
from photochrom.evaluation.metrics import area_under_errors
from photochrom.evaluation.scores import Scores, ratio, score, to_grey
from photochrom.image import Picture, find_pictures, load_rgb
from photochrom.inference import Colorizer

SIDE = 256
"""Pictures are compared with their short side at this many pixels, if it is longer."""
DO_NOTHING = ("grey", "mean colour")
"""Lines beside the colorizers, for what is had without looking at the picture."""
_BIN = 10.0  # Lab units: colours of one square of this side count as one when weighted by rarity


@dataclass
class Comparison:
    """What an evaluation came to."""

    pictures: list[Path]
    scores: dict[str, Scores]
    """By colorizer, do-nothing lines first; "truth" last."""
    sets: dict[str, dict[str, float | str]]
    """Figures of whole sets, by colorizer: Frechet-Lite2, LPIPS, FID, or why one is not there."""
    memory: float
    """Peak memory of this process, in MB."""

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give each colorizer's figures, means with their 95 % intervals."""
        truth = self.scores["truth"]
        for name, one in self.scores.items():
            if name == "truth":
                continue
            line: dict[str, Any] = {
                figure: {"mean": one.mean(figure), "interval": one.interval(figure)}
                for figure in one.values
            }
            line["colourfulness ratio"] = ratio(one, truth, "colourfulness")
            line["CIEDE2000 ratio"] = ratio(one, self.scores["grey"], "CIEDE2000")
            line["milliseconds"] = float(np.median(one.milliseconds))
            yield name, {**line, **self.sets[name]}

    def write_json(self, path: Path) -> None:
        """Write all figures, and each picture's, as JSON."""
        content = {
            "pictures": [str(path) for path in self.pictures],
            "peak memory in MB": round(self.memory),
            "colorizers": dict(self.rows()),
            "each picture": {name: one.values for name, one in self.scores.items()},
        }
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


Painter = Callable[[int, Samples], Samples]
"""From a picture's number and its truth, (H, W, 3) uint8, to what a colorizer makes of it."""


def load(path: Path, side: int = SIDE) -> Samples:
    """Read a picture at the size at which it is compared, (H, W, 3) uint8."""
    picture = Picture(path)
    return load_rgb(path, min(side, picture.width, picture.height))


def model_painter(colorizer: Colorizer, **options: Any) -> Painter:
    """Colour by a model; `options` are those of `Colorizer.colorize`."""
    return lambda number, truth: colorizer.colorize(to_grey(truth), **options)


def constant_painter(ab: tuple[float, float]) -> Painter:
    """Give every pixel the same a and b, as far as its lightness allows."""

    def paint(number: int, truth: Samples) -> Samples:
        lightness = samples_to_lightness(truth)
        planes = [np.full_like(lightness, value) for value in ab]
        return lab_to_samples(lightness, planes[0], planes[1], np.uint8)

    return paint


def outputs_painter(folder: Path, pictures: list[Path], side: int = SIDE) -> Painter:
    """Take what another program made: a picture of the same name, whatever its ending.

    Raises `DataError` when pictures are missing, naming them, or when two fit.
    """
    made: dict[str, list[Path]] = {}
    for path in find_pictures(folder):
        made.setdefault(path.stem, []).append(path)
    missing = [path.name for path in pictures if path.stem not in made]
    if missing:
        some = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        raise DataError(f"{folder} lacks {len(missing)} of {len(pictures)} pictures: {some}")
    for path in pictures:
        if len(made[path.stem]) > 1:
            raise DataError(f"{folder} holds several pictures named {path.stem}")

    def paint(number: int, truth: Samples) -> Samples:
        path = made[pictures[number].stem][0]
        samples = load(path, side)
        if samples.shape != truth.shape:
            raise DataError(
                f"{path} is {_size(samples)}, but {pictures[number]} is {_size(truth)} pixels"
            )
        return samples

    return paint


def _size(samples: Samples) -> str:
    return f"{samples.shape[1]} x {samples.shape[0]}"


def compare(
    painters: dict[str, Painter],
    pictures: list[Path],
    report: Callable[[int, int], None] = lambda done, of: None,
    keep: Callable[[str, int, Samples], None] = lambda name, number, samples: None,
) -> Comparison:
    """Score each painter on each picture; `keep` is given every painted picture.

    Raises `DataError` when a picture cannot be read: a set is scored whole or not at all.
    """
    every = {"grey": constant_painter((0.0, 0.0)), **painters}
    rarity = _rarity(pictures)
    extract = FeatureExtractor()
    scores = {name: Scores(name) for name in (*every, "truth")}
    features: dict[str, list[Any]] = {name: [] for name in scores}
    learned = {name: LearnedMetrics() for name in every}
    for number, path in enumerate(pictures):
        truth = _truth(path)
        weights = _weights(truth, rarity)
        for name in scores:
            start = time.perf_counter()
            samples = every[name](number, truth) if name in every else truth
            seconds = time.perf_counter() - start
            figures = score(samples, truth)
            figures["rebalanced AuC"] = area_under_errors(_lab(samples), _lab(truth), weights)
            scores[name].add(figures, seconds)
            features[name].append(extract([samples]))
            if name in learned:
                learned[name].add(samples, truth)
            keep(name, number, samples)
        report(number + 1, len(pictures))
    whole = {name: np.concatenate(one) for name, one in features.items()}
    sets = {
        name: {
            "Frechet-Lite2": frechet_distance(whole[name], whole["truth"]),
            **learned[name].values(),
        }
        for name in every
    }
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
    return Comparison(pictures, scores, sets, memory)


def _truth(path: Path) -> Samples:
    try:
        return load(path)
    except ImageError as error:
        raise DataError(f"cannot evaluate on {error}") from error


def _lab(samples: Samples) -> Floats:
    return srgb_to_lab(samples.astype(np.float32) / 255)


def _cells(lab: Floats) -> Any:
    """Which square of the ab plane each pixel's colour lies in, (H, W)."""
    place = np.floor(lab[..., 1:] / _BIN).astype(int) + 13
    return place[..., 0] * 27 + place[..., 1]


def _rarity(pictures: list[Path]) -> Floats:
    """Inverse frequency of each square of the ab plane over all true pictures."""
    counts = np.zeros(27 * 27)
    for path in pictures:
        counts += np.bincount(_cells(_lab(_truth(path))).ravel(), minlength=len(counts))
    share = counts / counts.sum()
    rarity: Floats = np.where(counts > 0, 1 / np.maximum(share, 1e-12), 0).astype(np.float32)
    return rarity


def _weights(truth: Samples, rarity: Floats) -> Floats:
    weights: Floats = rarity[_cells(_lab(truth))]
    return weights


def parse(model: str) -> tuple[str, float | None]:
    """Split "vivid@0.2" into a model and a vividness; raises `ModelError` for what is no number."""
    name, at, value = model.rpartition("@")
    if not at:
        return model, None
    try:
        return name, float(value)
    except ValueError as error:
        raise ModelError(f"{model}: what follows @ is a vividness from 0 to 1") from error
