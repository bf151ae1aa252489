"""Draw how Beta begins: brown. `python docs/make/brown_beginning.py docs/images/brown.jpg`.

Trains the config `beta-ten` for 200 steps on three photographs that come with scikit-image (the
astronaut Eileen Collins, NASA, public domain; a coffee, Rachel Michetti, CC0; the cat Chelsea,
Stefan van der Walt, CC0) and puts its contact sheets side by side: grey, what it paints after 1, 4,
16, 64 and 200 steps, and the truth.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import skimage.data

from photochrom.image import load_rgb, save_rgb
from photochrom.training.toml_config import SHIPPED

CONFIG = SHIPPED / "beta-ten.toml"
STEPS = (1, 4, 16, 64, 200)
SIDE, GAP = 128, 6  # pixels; those of the config's crops, and between columns


def main() -> None:
    """Train, and write one picture: a row a photograph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT.jpg")
    out: Path = parser.parse_args().out
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "photos").mkdir()
        for photograph in ("astronaut", "coffee", "chelsea"):
            save_rgb(getattr(skimage.data, photograph)(), folder / f"photos/{photograph}.png")
        text = CONFIG.read_text(encoding="utf-8").replace("steps = 300", f"steps = {STEPS[-1]}")
        (folder / "beta.toml").write_text(text, encoding="utf-8")
        train = [sys.executable, "-m", "photochrom", "train", str(folder / "beta.toml")]
        photos, run = str(folder / "photos"), folder / "run"
        subprocess.run([*train, "--data", photos, "--val", photos, "--out", str(run)], check=True)
        sheets = [load_rgb(run / f"sheet-{step:07d}.png", 3 * SIDE) for step in STEPS]
        columns = [sheets[0][:, :SIDE], *(sheet[:, SIDE : 2 * SIDE] for sheet in sheets)]
        columns.append(sheets[0][:, -SIDE:])
    gap = np.full((len(columns[0]), GAP, 3), 255, np.uint8)
    parts = [part for column in columns for part in (gap, column)]
    save_rgb(np.concatenate(parts[1:], axis=1), out)


if __name__ == "__main__":
    main()
