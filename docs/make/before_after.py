"""Set grey pictures beside their coloured ones: `before_after.py GREY COLOURED OUT`.

For the pictures of the README: `python docs/make/before_after.py examples coloured docs/images`.
"""

import argparse
import sys
from pathlib import Path

from PIL import Image

WIDTH = 900  # of both pictures and the gap between them
GAP = 8
QUALITY = 88
EXTENSIONS = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp"}


def pairs(grey: Path, coloured: Path) -> list[tuple[Path, Path]]:
    """Match each grey picture with the coloured one whose name starts with its name."""
    found = []
    for before in sorted(path for path in grey.iterdir() if path.suffix.lower() in EXTENSIONS):
        matches = sorted(
            path
            for path in coloured.glob(f"{before.stem}*")
            if path.suffix.lower() in EXTENSIONS and path.resolve() != before.resolve()
        )
        if not matches:
            sys.exit(f"no coloured picture of {before} in {coloured}")
        found.append((before, matches[0]))
    return found


def side_by_side(before: Path, after: Path) -> Image.Image:
    """Join two pictures of one shape on white, before at the left."""
    width = (WIDTH - GAP) // 2
    with Image.open(before) as first, Image.open(after) as second:
        if first.size != second.size:
            sys.exit(f"{before} is {first.size}, but {after} is {second.size}")
        height = round(first.height * width / first.width)
        joined = Image.new("RGB", (WIDTH, height), "white")
        for picture, left in ((first, 0), (second, WIDTH - width)):
            small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
            joined.paste(small, (left, 0))
    return joined


def main() -> None:
    """Write one JPEG for each pair."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("grey", "coloured", "out"):
        parser.add_argument(name, type=Path)
    folders = parser.parse_args()
    folders.out.mkdir(parents=True, exist_ok=True)
    for before, after in pairs(folders.grey, folders.coloured):
        joined = side_by_side(before, after)
        joined.save(folders.out / f"{before.stem}.jpg", quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
