"""Make the pictures of docs/ladder.md: `ladder_pictures.py MODELS BETA_RUN OUT`.

MODELS is a folder with RUNG/model.onnx for rungs that do not come with Photochrom (alpha), BETA_RUN
a run of configs/beta-ten.toml that was validated on the folder that `--write` makes.
"""

import argparse
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

from photochrom import Colorizer
from photochrom.evaluation.scores import to_grey

NAMES = ("astronaut", "chelsea", "coffee")
HEIGHT = 200
STEPS = (1, 8, 32, 128, 600)


def write(folder: Path) -> None:
    """Write the colour pictures, which come with scikit-image, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        Image.fromarray(getattr(skimage.data, name)()).save(folder / f"{name}.png")


def rungs(models: Path, target: Path) -> None:
    """Lay the pictures out: a line each, grey, the rungs, and the truth."""
    found = {
        rung: models / rung / "model.onnx" if (models / rung / "model.onnx").exists() else rung
        for rung in ("alpha", "beta", "full", "vivid")
    }
    colorizers = [Colorizer(model) for model in found.values()]
    lines = []
    for name in NAMES:
        truth = Image.fromarray(getattr(skimage.data, name)())
        truth = truth.resize((round(truth.width * HEIGHT / truth.height), HEIGHT))
        truth = truth.crop((0, 0, HEIGHT, HEIGHT))
        grey = to_grey(np.asarray(truth))
        cells = [np.repeat(grey[..., None], 3, axis=2)]
        cells += [colorizer.colorize(grey) for colorizer in colorizers]
        lines.append(np.concatenate([*cells, np.asarray(truth)], axis=1))
    Image.fromarray(np.concatenate(lines)).save(target, quality=88)


def beginning(run: Path, target: Path) -> None:
    """Lay out what Beta painted after its first steps, from the contact sheets of its run."""
    sheets = [Image.open(run / f"sheet-{step:07d}.png") for step in STEPS]
    width = sheets[0].width // 3
    cells = [sheets[0].crop((0, 0, width, sheets[0].height))]
    cells += [sheet.crop((width, 0, 2 * width, sheet.height)) for sheet in sheets]
    cells.append(sheets[0].crop((2 * width, 0, 3 * width, sheets[0].height)))
    Image.fromarray(np.concatenate(cells, axis=1)).save(target, quality=88)


def main() -> None:
    """Write both pictures, or the colour pictures that the run is validated on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="write the colour pictures here, and stop")
    for name in ("models", "beta_run", "out"):
        parser.add_argument(name, type=Path, nargs="?")
    given = parser.parse_args()
    if given.write:
        write(given.write)
        return
    given.out.mkdir(parents=True, exist_ok=True)
    rungs(given.models, given.out / "ladder.jpg")
    beginning(given.beta_run, given.out / "beta-begins.jpg")


if __name__ == "__main__":
    main()
