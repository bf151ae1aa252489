"""Make the pictures of "How to fix a wrong colour" by running the commands on that page.

`python docs/make/wrong_colour.py`; the hints of each command are marked on its picture, and so are
the points that `photochrom uncertainty` lists, with the colours that it suggests.
"""

import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/guide/wrong-colour.md"
TARGET = ROOT / "docs/images/wrong-colour"
WIDTH = 460  # pixels
RADIUS = 9
_LISTED = re.compile(r"^([\d.]+),([\d.]+) +±\S+ +(.*)$", re.MULTILINE)

Mark = tuple[float, float, list[str]]


def commands() -> list[list[str]]:
    """Give the commands of the page that write a picture, as lists of arguments."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [shlex.split(line) for line in lines if line.startswith("photochrom ") and "-o" in line]


def hints(arguments: list[str]) -> list[Mark]:
    """Give the hints of a command: x, y in pixels of the picture, and the one color of each."""
    given = [arguments[at + 1] for at, word in enumerate(arguments) if word == "--hint"]
    parts = [text.split(",") for text in given]
    return [(float(x), float(y), [color]) for x, y, color in parts]


def marked(path: Path, marks: list[Mark]) -> Image.Image:
    """Shrink a picture and draw a ring at each mark, and beside it a square of each color."""
    with Image.open(path) as whole:
        scale = WIDTH / whole.width
        size = (WIDTH, round(whole.height * scale))
        picture = whole.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(picture)
    for x, y, colors in marks:
        left, top = x * scale, y * scale
        ring = (left - RADIUS, top - RADIUS, left + RADIUS, top + RADIUS)
        draw.ellipse(ring, outline="white", width=3)
        wide = 2 * RADIUS * len(colors)
        start = min(left + RADIUS + 4, WIDTH - wide - 2)
        down = top - RADIUS if start > left + RADIUS else top + RADIUS + 4
        draw.rectangle((start - 2, down - 2, start + wide, down + 2 * RADIUS), fill="white")
        for at, color in enumerate(colors):
            box = (start + 2 * RADIUS * at, down, start + 2 * RADIUS * (at + 1) - 2)
            draw.rectangle((*box, down + 2 * RADIUS - 2), fill=color)
    return picture


def main() -> None:
    """Run each command, and write its picture with marks."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "examples").symlink_to(ROOT / "examples")
        for arguments in commands():
            command = [sys.executable, "-m", *arguments]
            shown = subprocess.run(
                command, cwd=folder, check=True, stdout=subprocess.PIPE, encoding="utf-8"
            ).stdout
            listed = [(float(x), float(y), c.split()) for x, y, c in _LISTED.findall(shown)]
            target = arguments[arguments.index("-o") + 1]
            picture = marked(folder / target, hints(arguments) + listed)
            picture.save(TARGET / target, quality=85, optimize=True)
            sys.stdout.write(shown)


if __name__ == "__main__":
    main()
