"""Print the colourfulness (Hasler and Suesstrunk) of every picture in a folder."""

import sys
from pathlib import Path

import numpy as np

from photochrom.evaluation.metrics import colorfulness
from photochrom.image import find_pictures, load_rgb


def main() -> None:
    """Print a line a picture."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python scripts/colourfulness.py FOLDER")
    for path in find_pictures(Path(sys.argv[1])):
        rgb = load_rgb(path, 256, enlarge=False) / np.float32(255)
        sys.stdout.write(f"{colorfulness(rgb):6.1f}  {path.name}\n")


if __name__ == "__main__":
    main()
