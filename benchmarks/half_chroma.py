"""Print what chroma at half size costs a JPEG, beside chroma at full size and a grey JPEG.

`python benchmarks/half_chroma.py` colours the grey of pictures of scikit-image, of letters and of
hard edges. The lightness of each output is compared with its input's, as mean, 99.9th percentile
and maximum, and its colours with those before they are encoded, by CIEDE2000.
"""

import argparse
import sys

import numpy as np
import numpy.typing as npt
import pyvips
import skimage.data
from skimage.color import deltaE_ciede2000, rgb2lab

from photochrom import Colorizer
from photochrom.color.spaces import samples_to_lightness
from photochrom.image import JPEG_QUALITY, luma

NAMES = ("astronaut", "camera", "chelsea", "coffee", "rocket", "page", "text")
ALL, NONE = (1, 10**8), (0, 0)
"""Which pictures get chroma at half size, by their pixels."""


def pictures() -> dict[str, npt.NDArray[np.uint8]]:
    """Give grey pictures, (H, W), by their names."""
    found = {}
    for name in NAMES:
        picture = getattr(skimage.data, name)()
        found[name] = picture if picture.ndim == 2 else np.ascontiguousarray(picture[..., 1])
    text = "The quick brown fox 0123456789 " * 80
    found["letters"] = 255 - pyvips.Image.text(text, width=900, dpi=110).numpy()
    random = np.random.default_rng(0)
    checks = (random.integers(0, 2, (40, 60)) * 215 + 20).astype(np.uint8)
    found["checks"] = np.kron(checks, np.ones((13, 11), np.uint8))
    return found


def read(data: bytes) -> npt.NDArray[np.uint8]:
    """Decode a file as any program does."""
    return np.asarray(pyvips.Image.new_from_buffer(data, "").numpy())


def lost(data: bytes, original: npt.NDArray[np.uint8]) -> str:
    """Say how far the lightness of a file is from the original's."""
    difference = np.abs(samples_to_lightness(read(data)) - samples_to_lightness(original))
    return f"{difference.mean():.2f}, {np.quantile(difference, 0.999):.1f}, {difference.max():.1f}"


def main() -> None:
    """Colour each picture on both roads, and print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    colorizer = Colorizer()
    head = ("picture", "grey", "full size", "half size", "CIEDE2000, full, half", "kB, full, half")
    sys.stdout.write(f"| {' | '.join(head)} |\n| {' | '.join(['---'] * len(head))} |\n")
    for name, picture in pictures().items():
        source = pyvips.Image.new_from_array(picture).jpegsave_buffer(Q=95)
        original = read(source)
        cells = [
            name,
            lost(pyvips.Image.new_from_array(original).jpegsave_buffer(Q=JPEG_QUALITY), original),
        ]
        differences, sizes = [], []
        for luma.PIXELS in (NONE, ALL):
            colored = colorizer.colorize(source)
            data, wanted = colored.encode(".jpg"), rgb2lab(colored.array())
            cells.append(lost(data, original))
            differences.append(f"{deltaE_ciede2000(wanted, rgb2lab(read(data))).mean():.2f}")
            sizes.append(f"{len(data) / 1000:.0f}")
        cells += [", ".join(differences), ", ".join(sizes)]
        sys.stdout.write(f"| {' | '.join(cells)} |\n")


if __name__ == "__main__":
    main()
