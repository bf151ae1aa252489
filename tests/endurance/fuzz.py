"""Colour thousands of damaged files: each must end in a picture or in one line of text.

`python tests/endurance/fuzz.py [FILES]` works in processes of their own, so that a crash is seen.
The files are those of `seeds.py`: of every format that is read, also with the extras.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from seeds import seeds

from photochrom import Colorizer, Limits, PhotochromError
from photochrom.image.colorized import ColorizedPages
from photochrom.video.colorized import ColorizedFilm

CHUNK = 250  # files a process
SLOWEST = 20.0  # seconds that a file may take
MEMORY = 1500  # MB that a process may take
EXTENSIONS = (".png", ".tif", ".jpg")  # of what is written


def damage(data: bytes, random: np.random.Generator) -> bytes:
    """Change, cut out or double some bytes, and cut some files off."""
    changed = bytearray(data)
    for _ in range(int(random.integers(1, 8))):
        start = int(random.integers(len(changed)))
        end = start + int(random.integers(1, 40))
        choice = random.integers(5)
        if choice < 2:
            changed[start] = int(random.integers(256))
        elif choice == 2:
            changed[start:end] = random.bytes(end - start)
        elif choice == 3 and end < len(changed):
            changed[start:end] = b""
        else:
            changed[start:start] = changed[start:end]
    kept = int(random.integers(1, len(changed))) if random.random() < 0.1 else len(changed)
    return bytes(changed[:kept])


def colour(colorizer: Colorizer, source: Path | bytes, ending: str) -> None:
    """Colour a file, and write it to a format; documents as PDF or TIFF, films as MKV."""
    limits = Limits(bytes=1 << 20, pixels=4_000_000)
    painted = colorizer.colorize(source, size=32, limits=limits)
    if isinstance(painted, ColorizedFilm):
        painted.save(painted.film.path.with_name("out.mkv"), overwrite=True)
        return
    documents = {".png": ".pdf"}.get(ending, ".tif")
    painted.encode(documents if isinstance(painted, ColorizedPages) else ending)


def work(first: int) -> None:
    """Colour the files from number `first` on, in turns as bytes and as files of the disk.

    Print how many became pictures.
    """
    colorizer, files = Colorizer(threads=1), seeds()
    pictures, slowest = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + CHUNK):
            ending, data = files[number % len(files)]
            data = damage(data, np.random.default_rng(number))
            path = Path(folder) / f"x{ending}"
            path.write_bytes(data)
            start = time.perf_counter()
            try:
                turn = number // len(files)
                colour(colorizer, path if turn % 2 else data, EXTENSIONS[turn % len(EXTENSIONS)])
                pictures += 1
            except PhotochromError as error:
                if "\n" in str(error):
                    raise SystemExit(f"file {number}: more than one line: {error}") from error
            slowest = max(slowest, time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if slowest > SLOWEST or peak > MEMORY:
        raise SystemExit(f"from file {first} on: {slowest:.0f} s, {peak:.0f} MB")
    sys.stdout.write(f"{pictures} {slowest} {peak}\n")


def main() -> None:
    """Start the processes one after the other, and sum up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="?", type=int, default=10_000)
    parser.add_argument("--work", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work is not None:
        work(given.work)
        return
    found = []
    for first in range(0, given.files, CHUNK):
        command = [sys.executable, __file__, "--work", str(first)]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(f"from file {first} on: {result.returncode}\n{result.stderr}")
        found.append([float(figure) for figure in result.stdout.split()])
    pictures, slowest, peak = np.array(found).T
    sys.stdout.write(
        f"{len(found) * CHUNK} damaged files: {pictures.sum():.0f} became pictures, the others one "
        f"line of text each; the slowest took {slowest.max():.1f} s, the most memory was "
        f"{peak.max():.0f} MB\n"
    )


if __name__ == "__main__":
    main()
