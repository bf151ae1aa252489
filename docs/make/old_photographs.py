"""Make examples/old from three photographs in the package Gramps: `old_photographs.py FOLDER`.

FOLDER is the package's example/gramps, as in gramps-6.0.8.tar.gz (`pip download --no-deps
--no-binary :all: gramps==6.0.8`). Where they come from stands in examples/README.md.
"""

import argparse
import shutil
from pathlib import Path

from PIL import Image

TARGET = Path(__file__).parents[2] / "examples/old"
AS_THEY_ARE = {
    "1897_expeditionsmannschaft_rio_a.jpg": "expedition.jpg",
    "E_W_Dahlgren.jpg": "dahlgren.jpg",
}
BROTHERS = "O2.jpg"
CARD = (60, 230, 1160, 1730)  # what lies inside the card's printed frame: left, top, right, bottom
WIDTH = 720  # pixels


def main() -> None:
    """Copy two of them, and crop and shrink the third."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    source: Path = parser.parse_args().folder
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, new in AS_THEY_ARE.items():
        shutil.copyfile(source / name, TARGET / new)
    with Image.open(source / BROTHERS) as card:
        inside = card.convert("RGB").crop(CARD)
    inside.thumbnail((WIDTH, 2 * WIDTH), Image.Resampling.LANCZOS)
    inside.save(TARGET / "brothers.jpg", quality=88, optimize=True)


if __name__ == "__main__":
    main()
