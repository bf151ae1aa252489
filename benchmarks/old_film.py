"""Print what it brings that a model sees old film cleaned: on copies of films that are made old.

`python benchmarks/old_film.py`, or with films in colour behind it, such as bikes.mp4. Of each film
it takes three pieces, makes them grey, and makes three copies: one as it is, one with a little
grain, and one old, with grain, dust, scratches, and light that flickers. Each is coloured with
`old_film` and without. CIEDE2000 is the mean distance of the colours from the film's own, at the
film's own lightness; flicker is as in `film.py`. Without films, one is drawn: a window moves over a
photograph of scikit-image.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import film
import numpy as np
import skimage.data
from performance import row
from skimage.color import deltaE_ciede2000

from photochrom import Colorizer
from photochrom.color.spaces import Floats, Samples

PIECE = 15  # frames; three of them are taken
HEIGHT = 360  # lines, at most
RATE = 25
COPIES = ("as it is", "a little grain", "old")


def drawn() -> list[Samples]:
    """Frames in colour, (H, W, 3): a window moves over a photograph."""
    photograph = np.kron(skimage.data.coffee(), np.ones((2, 2, 1), np.uint8))
    return [photograph[200:560, 4 * n : 4 * n + 480].copy() for n in range(3 * PIECE)]


def pieces(path: Path) -> list[Samples]:
    """Three pieces of a film, at its beginning, middle and end."""
    frames = list(film.frames(path))
    step = max(0, len(frames) - PIECE) // 2
    found = [frame for n in range(3) for frame in frames[n * step : n * step + PIECE]]
    height, width = found[0].shape[:2]
    if height <= HEIGHT:
        return found
    size = 2 * round(width * HEIGHT / height / 2), HEIGHT
    return [cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in found]


def grey(frame: Samples) -> Samples:
    """Give luma, (H, W), of a frame, (H, W, 3)."""
    shown = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format="gray")
    return np.ascontiguousarray(shown.to_ndarray())


def old(frames: list[Samples], copy: str) -> Iterator[Samples]:
    """Make grey frames, (H, W), as old as a copy's name says."""
    random = np.random.default_rng(0)
    height, width = frames[0].shape
    coarse = max(1.0, height / 240)
    scratches: list[int] = []
    for number, frame in enumerate(frames):
        samples = frame.astype(np.float32)
        if copy == "a little grain":
            samples += random.normal(0, 5, frame.shape).astype(np.float32)
        if copy == "old":
            grain = random.normal(0, 14, (round(height / coarse), round(width / coarse)))
            samples += cv2.resize(grain.astype(np.float32), (width, height))
            samples = samples * (1 + random.normal(0, 0.12)) + random.normal(0, 8)
            if number % 4 == 0:
                scratches = [int(x) for x in random.integers(0, width, 2)]
            draw_damage(samples, scratches, random)
        yield np.clip(samples, 0, 255).astype(np.uint8)


def draw_damage(samples: Floats, scratches: list[int], random: np.random.Generator) -> None:
    """Draw dust and scratches on a frame."""
    height, width = samples.shape
    for _ in range(random.poisson(6)):
        y, x = (int(random.integers(0, side)) for side in (height, width))
        radius = int(random.integers(1, max(2, height // 40)))
        shade = float(random.choice([15, 240]))
        axes = radius, max(1, radius // 2)
        cv2.ellipse(samples, (x, y), axes, float(random.uniform(0, 180)), 0, 360, shade, -1)
    for x in scratches:
        above = x + int(random.integers(-1, 2))
        cv2.line(samples, (above, 0), (x, height), 230.0, max(1, height // 300))


def write(path: Path, frames: Iterator[Samples]) -> Path:
    """Write grey frames, (H, W), without loss."""
    with av.open(str(path), "w") as file:
        stream = None
        for number, samples in enumerate(frames):
            if stream is None:
                stream = file.add_stream("ffv1", rate=RATE)
                stream.height, stream.width = samples.shape
                stream.pix_fmt = "gray"
            frame = av.VideoFrame.from_ndarray(samples, format="gray")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def scores(colored: Path, truth: list[Floats]) -> tuple[float, float]:
    """Give CIEDE2000 from the truth, Lab (3, h, w) each, and flicker."""
    shown = [np.concatenate([own[:1], film.small(rgb)[1:]]) for own, rgb in _pairs(truth, colored)]
    gaps = [
        deltaE_ciede2000(*(np.moveaxis(lab, 0, -1) for lab in pair)).mean()
        for pair in zip(truth, shown, strict=True)
    ]
    return float(np.mean(gaps)), film.flicker(shown, [own[0] for own in truth])


def _pairs(truth: list[Floats], colored: Path) -> Iterator[tuple[Floats, Samples]]:
    return zip(truth, film.frames(colored), strict=True)


def compare(name: str, frames: list[Samples], colorizer: Colorizer, folder: Path) -> None:
    """Print the scores of each copy of a film, with and without."""
    truth = [film.small(frame) for frame in frames]
    for copy in COPIES:
        source = write(folder / "in.mkv", old([grey(frame) for frame in frames], copy))
        found = {}
        for way, old_film in (("without", False), ("with", True)):
            out = folder / f"{way}.mkv"
            coloured = colorizer.colorize(source, old_film=old_film)
            coloured.save(out, overwrite=True, codec="ffv1")
            found[way] = scores(out, truth)
        errors, flickers = zip(*found.values(), strict=True)
        words = [f"CIEDE2000 {errors[0]:.2f}, {errors[1]:.2f} with"]
        words.append(f"flicker {flickers[0]:.2f}, {flickers[1]:.2f} with")
        row(f"{name}, {copy}", "; ".join(words))


def main() -> None:
    """Print all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="*", type=Path)
    films = parser.parse_args().films
    film.MAX_FRAMES = 1 << 20
    sys.stdout.write("| what | figure |\n| --- | --- |\n")
    colorizer = Colorizer()
    with tempfile.TemporaryDirectory() as name:
        for path in films or [None]:
            frames = pieces(path) if path else drawn()
            compare(path.name if path else "drawn", frames, colorizer, Path(name))


if __name__ == "__main__":
    main()
