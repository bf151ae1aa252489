"""Print how true what a model says of its own errors is, on photographs in colour.

`python benchmarks/uncertainty.py PHOTOS` takes up to 100 pictures of a folder. Places are ranked by
the error that the model expects there; of each fifth of them the expected and the real error are
told. Then one hint of the true colour is given, at the place that is named first, and for
comparison at one drawn by lot.
"""

import argparse
from pathlib import Path

import numpy as np
from performance import row

from photochrom import Colorizer
from photochrom.color.spaces import Floats, Samples, srgb_to_lab
from photochrom.evaluation.candidates import load
from photochrom.evaluation.hint_response import reveal
from photochrom.evaluation.metrics import mean_ciede2000
from photochrom.evaluation.scores import to_grey
from photochrom.guidance.hints import Hint
from photochrom.image import Picture, find_pictures

MAX_PHOTOGRAPHS = 100  # photographs
LOTS = 4  # hints by lot of each, whose mean is told


def ab(samples: Samples, shape: tuple[int, ...]) -> Floats:
    """Give the colours of samples at another size, (2, h, w) in Lab units."""
    small = Picture(samples).thumbnail(shape[1], shape[0])
    small = np.repeat(small[..., None], 3, axis=2) if small.ndim == 2 else small
    return np.moveaxis(srgb_to_lab(small / np.float32(255)), -1, 0)[1:]


def errors(colorizer: Colorizer, truth: Samples) -> Floats:
    """Give the expected and the real error of each place, (2, places) in Lab units."""
    grey = to_grey(truth)
    expected = colorizer.uncertainty(grey).values
    painted, real = (ab(one, expected.shape) for one in (colorizer.colorize(grey), truth))
    return np.stack([expected, np.linalg.norm(painted - real, axis=0)]).reshape(2, -1)


def one_hint(colorizer: Colorizer, truth: Samples, random: np.random.Generator) -> list[float]:
    """Give CIEDE2000 without a hint, with one at a random point, with one at the first listed."""
    grey, lab = to_grey(truth), srgb_to_lab(truth / np.float32(255))
    height, width = grey.shape

    def distance(*hints: Hint) -> float:
        painted = colorizer.colorize(grey, hints=hints)
        return mean_ciede2000(srgb_to_lab(painted / np.float32(255)), lab)

    lots = random.integers(0, (height, width), (LOTS, 2))
    by_lot = np.mean([distance(reveal(truth, *lot)) for lot in lots])
    first = colorizer.uncertainty(grey).points[0]
    return [distance(), float(by_lot), distance(reveal(truth, int(first.y), int(first.x)))]


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    found = sorted(find_pictures(parser.parse_args().photos))
    truths = [load(path) for path in found[:: -(-len(found) // MAX_PHOTOGRAPHS)]]
    colorizer, random = Colorizer(), np.random.default_rng(0)
    told, real = np.concatenate([errors(colorizer, truth) for truth in truths], axis=1)
    row(
        f"{len(truths)} photographs, points by the expected error",
        "expected, real, rms in Lab units",
    )
    row("---", "---")
    for number, fifth in enumerate(np.array_split(np.argsort(told), 5), 1):
        both = (np.sqrt((one[fifth] ** 2).mean()) for one in (told, real))
        row(f"fifth {number}", ", ".join(f"{one:.1f}" for one in both))
    row("all", f"correlation {np.corrcoef(told, real)[0, 1]:.2f}")
    figures = np.mean([one_hint(colorizer, truth, random) for truth in truths], axis=0)
    names = ("no hint", "one hint at a random point", "one hint at the first listed point")
    for name, figure in zip(names, figures, strict=True):
        row(f"CIEDE2000, {name}", f"{figure:.2f}")


if __name__ == "__main__":
    main()
