"""Put each picture of a folder beside its coloured version: GREY COLOURED OUT."""

import sys
from pathlib import Path

from PIL import Image

grey, coloured, out = map(Path, sys.argv[1:4])
out.mkdir(parents=True, exist_ok=True)
for path in sorted(coloured.glob("*.jpg")):
    before, after = (Image.open(folder / path.name).convert("RGB") for folder in (grey, coloured))
    pair = Image.new("RGB", (2 * before.width, before.height))
    pair.paste(before, (0, 0))
    pair.paste(after, (before.width, 0))
    pair.thumbnail((900, 900))
    pair.save(out / path.name, quality=88)
