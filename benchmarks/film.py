"""Print how much a film flickers, its frames coloured alone and together, and how fast that is.

`python benchmarks/film.py`, or with films of yours behind it, such as bikes.mp4. "Every frame
asked" is what `--every-frame` gives. Chroma is the mean, in Lab units; of a film in colour
CIEDE2000 tells how far from the truth each is. Without films, one is drawn: a window moves over a
photograph of scikit-image, with grain. Flicker is the mean change of ab, in Lab units, from
frame to frame, at points that the motion finds again.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
import skimage.data
from performance import COLORIZE, row, run
from skimage.color import deltaE_ciede2000

from photochrom import Colorizer
from photochrom.color.spaces import Floats, Samples, srgb_to_lab
from photochrom.color.upsampling import block_mean
from photochrom.image import Picture
from photochrom.video import open_film
from photochrom.video.colorized import ColorizedFilm
from photochrom.video.optical_flow import CELL, between, warped

MAX_FRAMES = 120  # frames of a film
SIDE = 96  # pixels of the short side at which films are compared
SURE = 0.8  # trust in a place from which it is compared


def draw(path: Path, size: tuple[int, int], count: int) -> Path:
    """Draw a film in grey: a window of a photograph, which is doubled, moves with grain."""
    photograph = np.kron(skimage.data.coffee()[..., 1], np.ones((4, 4), np.uint8))
    grain = np.random.default_rng(0)
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=24, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(count):
            left = 4 * number % (photograph.shape[1] - size[0])
            window = photograph[200 : 200 + size[1], left : left + size[0]]
            noisy = np.clip(window + grain.normal(0, 3, window.shape), 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(noisy, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def frames(path: Path) -> Iterator[Samples]:
    """Decode a film as sRGB, (H, W, 3) each."""
    with av.open(str(path)) as file:
        for frame in islice(file.decode(video=0), MAX_FRAMES):
            yield frame.reformat(format="rgb24").to_ndarray()


def small(rgb: Samples) -> Floats:
    """Shrink a frame, and give it as Lab, (3, 2 h, 2 w)."""
    height, width = rgb.shape[:2]
    scale = SIDE / min(height, width)
    seen = Picture(rgb).thumbnail(*(4 * round(side * scale / 4) for side in (width, height)))
    return np.moveaxis(srgb_to_lab(np.atleast_3d(seen)[..., [0, -2, -1]] / np.float32(255)), -1, 0)


def flicker(shown: list[Floats], lightness: list[Floats]) -> float:
    """Mean change of ab along the motion; cuts are left out."""
    changes = []
    for number in range(1, len(shown)):
        motion = between(lightness[number - 1], lightness[number])
        if not motion.is_cut:
            new, old = (block_mean(one[1:], CELL) for one in (shown[number], shown[number - 1]))
            change = np.linalg.norm(new - warped(old, motion.back), axis=0)
            changes.append(change[motion.back_trust > SURE])
    return float(np.concatenate(changes).mean())


def beginning(path: Path, colorizer: Colorizer, **how: Any) -> ColorizedFilm:
    """Colour the frames of a film that are compared."""
    film = open_film(path)
    end = MAX_FRAMES / float(film.rate)
    how |= {"end": end if end < film.seconds else None}
    coloured: ColorizedFilm = colorizer.colorize(path, **how)
    return coloured


def compare(path: Path, colorizer: Colorizer, folder: Path) -> None:
    """Print how a film flickers, and how far from its own colours it is, if it has any."""
    out = folder / "together.mkv"
    beginning(path, colorizer, every_frame=True).save(out, overwrite=True)
    every = [small(rgb) for rgb in frames(out)]
    coloured = beginning(path, colorizer)
    coloured.save(out, overwrite=True)
    grey = [frame.samples for frame in islice(coloured.film.frames(), MAX_FRAMES)]
    lightness = [small(np.repeat(samples[..., None], 3, axis=2))[0] for samples in grey]
    ways = {
        "alone": [small(colorizer.colorize(samples)) for samples in grey],
        "together": [small(rgb) for rgb in frames(out)],
        "every frame asked": every,
    }
    truth = [small(rgb) for rgb in frames(path)] if coloured.had_color else []
    shown = ways | ({"the truth": truth} if truth else {})
    said = {"flicker": {way: f"{flicker(lab, lightness):.2f}" for way, lab in shown.items()}}
    said["chroma"] = {way: f"{chroma(lab):.1f}" for way, lab in shown.items()}
    if truth:
        said["CIEDE2000"] = {way: f"{difference(lab, truth):.2f}" for way, lab in ways.items()}
    for figure, each in said.items():
        row(f"{path.name}, {figure}", ", ".join(f"{way} {value}" for way, value in each.items()))


def chroma(shown: list[Floats]) -> float:
    """Mean chroma of colours."""
    return float(np.mean([np.linalg.norm(lab[1:], axis=0).mean() for lab in shown]))


def difference(shown: list[Floats], truth: list[Floats]) -> float:
    """Mean CIEDE2000 of colours, at the true lightness."""
    gaps = []
    for lab, true in zip(shown, truth, strict=True):
        pair = true, np.concatenate([true[:1], lab[1:]])
        gaps.append(deltaE_ciede2000(*(np.moveaxis(one, 0, -1) for one in pair)).mean())
    return float(np.mean(gaps))


def speed(folder: Path, size: tuple[int, int], count: int) -> None:
    """Print how fast the command colours a film, and its peak memory."""
    path = draw(folder / f"{size[1]}.mp4", size, count)
    seconds, peak = run([*COLORIZE, str(path), "-o", str(folder / f"{size[1]}-colour.mp4")])
    row(f"{size[0]} x {size[1]}, {count} frames", f"{count / seconds:.1f} a second, {peak:.0f} MB")


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="*", type=Path)
    films = parser.parse_args().films
    sys.stdout.write("| what | figure |\n| --- | --- |\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        colorizer = Colorizer()
        for path in films or [draw(folder / "drawn.mp4", (640, 480), 72)]:
            compare(path, colorizer, folder)
        if not films:
            for size in ((640, 480), (1280, 720), (1920, 1080)):
                speed(folder, size, 72)


if __name__ == "__main__":
    main()
