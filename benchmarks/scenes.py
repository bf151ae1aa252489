"""Print how much the colour of a thing differs across cuts, without the memory of things and with.

`python benchmarks/scenes.py`, or with films in colour behind it, such as bikes.mp4. Films are drawn
of photographs of scikit-image, and of the films: scenes follow each other, and then each comes back
in another framing, a little darker, in windows whose pixels are known to show the same. The chroma
difference is that of the same points, in the last frame of a scene and in the first one when it
comes back; beside it stands how far both are from the true colours. All are in Lab units.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import skimage.data
from skimage.transform import resize

from photochrom import Colorizer
from photochrom.color.spaces import Floats, Samples, srgb_to_lab
from photochrom.video.reader import Film
from photochrom.video.shots import find_shots

RATE, FRAMES = 12, 10  # a second, and of each shot
SIZE = 320, 240  # pixels of the drawn film
PHOTOGRAPHS = "astronaut", "chelsea", "coffee", "rocket"
WINDOWS = (0.0, 0.0, 0.8, 0.8), (0.25, 0.15, 0.65, 0.65)  # left, top, width, height: shares
DARKER = 0.9  # what comes back, in shares of its brightness
PAN = 0.01  # of the width, from frame to frame


@dataclass(frozen=True)
class Shot:
    """A window that moves over pictures, one a frame."""

    scene: int
    pictures: list[Samples]
    window: tuple[float, float, float, float]
    brightness: float

    def points(self, number: int) -> tuple[Floats, Floats]:
        """Tell which share of the picture, across and down, each pixel of a frame shows."""
        left, top, width, height = self.window
        rows, columns = np.indices((SIZE[1], SIZE[0]), np.float32) + 0.5
        across = left + PAN * number + width * columns / SIZE[0]
        return across, top + height * rows / SIZE[1]

    def frame(self, number: int) -> Samples:
        """Draw a frame, in the true colours."""
        picture = self.pictures[number]
        across, down = self.points(number)
        y = np.clip((down * picture.shape[0]).astype(int), 0, picture.shape[0] - 1)
        x = np.clip((across * picture.shape[1]).astype(int), 0, picture.shape[1] - 1)
        return np.rint(self.brightness * picture[y, x]).astype(np.uint8)


def shots(scenes: list[list[Samples]]) -> list[Shot]:
    """Let each scene, of 2 FRAMES pictures, be seen, and then come back."""
    found = []
    for back, window in enumerate(WINDOWS):
        for number, pictures in enumerate(scenes):
            some = pictures[back * FRAMES :][:FRAMES]
            found.append(Shot(number, some, window, DARKER if back else 1.0))
    return found


def photographs() -> list[list[Samples]]:
    """Give scenes of which nothing moves but the window."""
    found = [getattr(skimage.data, name)() for name in PHOTOGRAPHS]
    return [[small(one)] * 2 * FRAMES for one in found]


def small(picture: Samples) -> Samples:
    """Shrink a picture, so that a pixel of a frame is about one of it."""
    scale = 1.25 * SIZE[1] / min(picture.shape[:2])
    shape = [round(side * scale) for side in picture.shape[:2]]
    made = resize(picture, (*shape, 3), anti_aliasing=True, preserve_range=True)
    return np.rint(made).astype(np.uint8)


def pieces(path: Path, count: int = 3) -> list[list[Samples]]:
    """Take scenes out of a film, from moments that are far from each other, without a cut."""
    with av.open(str(path)) as file:
        frames = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    film, wanted = Film(path), 2 * FRAMES
    begins = [round(shot.begin * film.rate) for shot in find_shots(film)]
    starts = range(0, len(frames) - wanted, FRAMES)
    whole = [at for at in starts if not any(at < begin < at + wanted for begin in begins)]
    chosen = [whole[number] for number in np.linspace(0, len(whole) - 1, count).astype(int)]
    return [[small(one) for one in frames[start : start + wanted]] for start in chosen]


def write(path: Path, frames: Iterator[Samples]) -> None:
    """Write frames as a film in grey, without loss."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("ffv1", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "gray"
        for number, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="gray")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def colored(film: Path, colorizer: Colorizer, *, memory: bool) -> list[Floats]:
    """Give ab of each frame of a film in colour, (H, W, 2)."""
    out = film.with_name("out.mkv")
    colorizer.colorize(film, memory=memory).save(out, codec="ffv1", overwrite=True)
    with av.open(str(out)) as file:
        frames = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    return [srgb_to_lab(one / np.float32(255))[..., 1:] for one in frames]


def across_cuts(found: list[Shot], ab: list[Floats]) -> list[float]:
    """Give the chroma difference of the same points, before a scene is left and when it is back."""
    gaps = []
    count = len(found) // 2
    for number in range(count):
        before, after = found[number], found[number + count]
        left, top, width, height = before.window
        across, down = after.points(0)
        x = ((across - left - PAN * (FRAMES - 1)) / width * SIZE[0]).astype(int)
        y = ((down - top) / height * SIZE[1]).astype(int)
        seen = (x >= 0) & (x < SIZE[0]) & (y >= 0) & (y < SIZE[1])
        old, new = ab[(number + 1) * FRAMES - 1], ab[(number + count) * FRAMES]
        gap = np.linalg.norm(new[seen] - old[y[seen], x[seen]], axis=-1)
        gaps.append(float(gap.mean()))
    return gaps


def measure(name: str, scenes: list[list[Samples]], colorizer: Colorizer, folder: Path) -> None:
    """Print a row for some scenes."""
    found = shots(scenes)
    frames = [shot.frame(number) for shot in found for number in range(FRAMES)]
    film = folder / "film.mkv"
    write(film, iter(frames))
    truth = [srgb_to_lab(one / np.float32(255))[..., 1:] for one in frames]
    cells = [name]
    for memory in (False, True):
        ab = colored(film, colorizer, memory=memory)
        error = np.mean([np.linalg.norm(a - b, axis=-1) for a, b in zip(ab, truth, strict=True)])
        each = across_cuts(found, ab)
        cells += [
            f"{np.mean(each):.1f} ({', '.join(f'{gap:.1f}' for gap in each)})",
            f"{error:.1f}",
        ]
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def main() -> None:
    """Print all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="*", type=Path)
    films = parser.parse_args().films
    heads = (
        "scenes",
        "across cuts, without",
        "from the truth",
        "across cuts, with",
        "from the truth",
    )
    sys.stdout.write(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}\n")
    colorizer = Colorizer()
    with tempfile.TemporaryDirectory() as name:
        measure("photographs", photographs(), colorizer, Path(name))
        for path in films:
            measure(path.stem, pieces(path), colorizer, Path(name))


if __name__ == "__main__":
    main()
