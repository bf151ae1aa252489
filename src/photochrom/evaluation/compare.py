"""Colourful pictures, made grey and coloured again by models or by other programs, scored."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from photochrom.color.spaces import Floats, Samples, srgb_to_lab
from photochrom.color.toning import has_color
from photochrom.errors import DataError, ImageError, MissingExtra, extra
from photochrom.evaluation.candidates import Candidate, constant_candidate, load
from photochrom.evaluation.metrics import WINDOW
from photochrom.evaluation.scores import Scores, ratio, ratio_interval, score

if TYPE_CHECKING:
    from photochrom.evaluation.learned import SetFigures

DO_NOTHING = ("grey", "mean colour")
"""Lines beside the colorizers, for what is had without looking at the picture."""
OF_SETS = ("Frechet-Lite2", "LPIPS", "FID")
"""Figures of whole sets of pictures, by networks: with the extra `train`."""
_BIN = 10.0  # Lab units: colours of one square of this side count as one when weighted by rarity


@dataclass
class Comparison:
    """What an evaluation came to."""

    pictures: list[Path]
    scores: dict[str, Scores]
    """By colorizer, do-nothing lines first; "truth" last."""
    sets: dict[str, dict[str, Any]]
    """Figures of whole sets, by colorizer: those of `OF_SETS`, or why one is not there."""
    memory: dict[str, float] = field(default_factory=dict)
    """Peak memory of a process that colours one of them, in MB, by colorizer, where measured."""

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give each colorizer's figures, with the 95 % intervals of what has one."""
        truth = self.scores["truth"]
        for name, one in self.scores.items():
            if name == "truth":
                continue
            line: dict[str, Any] = {
                figure: {"value": one.mean(figure), "interval": one.interval(figure)}
                for figure in one.values
            }
            for figure in one.shares:
                value, interval = one.share(figure), one.share_interval(figure)
                line[figure] = {"value": value, "interval": interval}
            for figure, whole in (("CIEDE2000", self.scores["grey"]), ("colourfulness", truth)):
                line[f"{figure} ratio"] = {
                    "value": ratio(one, whole, figure),
                    "interval": ratio_interval(one, whole, figure),
                }
            line["milliseconds"] = float(np.median(one.milliseconds))
            line["peak memory in MB"] = self.memory.get(name)
            yield name, {**line, **self.sets[name]}

    def write_json(self, path: Path) -> None:
        """Write all figures, and each picture's, as JSON."""
        content = {
            "pictures": [str(path) for path in self.pictures],
            "colorizers": dict(self.rows()),
            "each picture": {name: one.each() for name, one in self.scores.items()},
        }
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def compare(
    candidates: dict[str, Candidate],
    pictures: list[Path],
    report: Callable[[int, int], None] = lambda done, of: None,
    *,
    download: bool = False,
) -> Comparison:
    """Score each candidate on each picture: coloured one by one, for the time, then scored.

    With `download` the weights of LPIPS and FID are fetched when they are not on this machine.
    Raises `DataError` when a picture cannot be read, for a set is scored whole or not at all, and
    when none has colours.
    """
    every = {"grey": constant_candidate((0.0, 0.0)), **candidates}
    rarity = _rarity(pictures)
    sets = _set_figures(every, download=download)
    scores = {name: Scores(name) for name in (*every, "truth")}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, path in enumerate(pictures):
            truth = _truth(path)
            timed = {name: _timed(colorize, number, truth) for name, colorize in every.items()}
            timed["truth"] = truth, 0.0
            figures = pool.map(
                partial(score, truth=truth, weights=rarity[_cells(_lab(truth))]),
                [samples for samples, _ in timed.values()],
            )
            for (name, (samples, seconds)), found in zip(timed.items(), figures, strict=True):
                scores[name].add(found, seconds)
                if isinstance(sets, str):
                    continue
                if name == "truth":
                    sets.add_truth(samples)
                else:  # while the pool scores the next ones
                    sets.add(name, samples, truth)
            report(number + 1, len(pictures))
    if isinstance(sets, str):
        return Comparison(pictures, scores, {name: dict.fromkeys(OF_SETS, sets) for name in every})
    return Comparison(pictures, scores, sets.values())


def _set_figures(names: Iterable[str], *, download: bool) -> "SetFigures | str":
    """Give what figures of whole sets are made by, or a sentence that says what to install."""
    try:
        with extra(f"comparing whole sets by {', '.join(OF_SETS)}", "train"):
            from photochrom.evaluation.learned import SetFigures
    except MissingExtra as error:
        return str(error)
    return SetFigures(names, download=download)


def _timed(colorize: Candidate, number: int, truth: Samples) -> tuple[Samples, float]:
    """Paint a picture, and tell the seconds that it took."""
    start = time.perf_counter()
    return colorize(number, truth), time.perf_counter() - start


def _truth(path: Path) -> Samples:
    try:
        truth = load(path)
    except ImageError as error:
        raise DataError(f"cannot evaluate on {error}") from error
    if min(truth.shape[:2]) < WINDOW:
        raise DataError(
            f"cannot evaluate on {path}: it is less than {WINDOW} pixels wide or high; leave it out"
        )
    return truth


def _lab(samples: Samples) -> Floats:
    return srgb_to_lab(samples.astype(np.float32) / 255)


def _cells(lab: Floats) -> Any:
    """Which square of the ab plane each pixel's colour lies in, (H, W)."""
    index = np.floor(lab[..., 1:] / _BIN).astype(int) + 13
    return index[..., 0] * 27 + index[..., 1]


def _rarity(pictures: list[Path]) -> Floats:
    """Inverse frequency of each square of the ab plane over all true pictures."""
    counts, colorized = np.zeros(27 * 27), False
    for path in pictures:
        truth = _truth(path)
        colorized = colorized or has_color(truth / np.float32(255))
        counts += np.bincount(_cells(_lab(truth)).ravel(), minlength=len(counts))
    if not colorized:
        raise DataError("none of the pictures has colours to compare with; give pictures in colour")
    share = counts / counts.sum()
    rarity: Floats = np.where(counts > 0, 1 / np.maximum(share, 1e-12), 0).astype(np.float32)
    return rarity
