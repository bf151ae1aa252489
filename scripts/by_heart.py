"""How well Alpha knows its picture: `python scripts/by_heart.py PICTURES runs/alpha`.

Trains the config `alpha` on each picture of a folder, lets it paint the picture back at its own
size, and prints the mean CIEDE2000 to the original beside the grey picture's, and how long it
learnt, start and export included. A run that is there already is not trained again.
"""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from photochrom import Colorizer
from photochrom.evaluation.scores import score, to_grey
from photochrom.image import Picture, find_pictures, to_rgb8


def main() -> None:
    """Print a line a picture."""
    if len(sys.argv) != 3:
        raise SystemExit("usage: python scripts/by_heart.py PICTURES RUNS")
    for path in find_pictures(Path(sys.argv[1])):
        run, took = Path(sys.argv[2]) / path.stem, ""
        if not (run / "model.onnx").exists():
            start = time.perf_counter()
            train = [sys.executable, "-m", "photochrom", "train", "alpha"]
            subprocess.run([*train, "--data", str(path), "--out", str(run)], check=True)
            took = f", {time.perf_counter() - start:.0f} s"
        picture = Picture(path)
        truth = to_rgb8(picture.thumbnail(picture.width, picture.height))
        grey = to_grey(truth)
        painted = Colorizer(run / "model.onnx").colorize(grey)
        neutral = np.repeat(grey[..., None], 3, axis=2)
        near, far = (score(samples, truth)["CIEDE2000"] for samples in (painted, neutral))
        sys.stdout.write(f"{path.name}: CIEDE2000 {near:.2f}, grey {far:.2f}{took}\n")


if __name__ == "__main__":
    main()
