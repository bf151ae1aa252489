"""Make the picture of palettes in "Steering colours" by running the commands on that page.

`python docs/make/palettes.py`; the first of the row is the automatic one.
"""

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/guide/steering.md"
TARGET = ROOT / "docs/images/palettes.jpg"
OLD = ROOT / "examples/old/dahlgren.jpg"
WIDTH = 300  # pixels of each


def chosen() -> list[list[str]]:
    """Give the options of the page's commands that name a palette or a warmth."""
    section = re.search(
        r"^## Colours of the whole picture$(.*?)^## ", PAGE.read_text(), re.M | re.S
    )
    lines = [line for line in section[1].splitlines() if line.startswith("photochrom ")]
    words = [shlex.split(line)[5:] for line in lines]
    return [[], *(one for one in words if "reference.jpg" not in one)]


def main() -> None:
    """Colour the old photograph with each of them, side by side."""
    row = []
    with tempfile.TemporaryDirectory() as folder:
        for number, options in enumerate(chosen()):
            out = Path(folder) / f"{number}.png"
            command = [sys.executable, "-m", "photochrom", "colorize", str(OLD), "-o", str(out)]
            subprocess.run([*command, *options], check=True)
            with Image.open(out) as picture:
                height = round(WIDTH * picture.height / picture.width)
                row.append(picture.convert("RGB").resize((WIDTH, height)))
    sheet = Image.new("RGB", (WIDTH * len(row), row[0].height))
    for number, picture in enumerate(row):
        sheet.paste(picture, (WIDTH * number, 0))
    sheet.save(TARGET, quality=88)


if __name__ == "__main__":
    main()
