"""Colour thousands of damaged files: each must end in a picture or in one line of text.

`python scripts/fuzz.py [FILES]` works in processes of their own, so that a crash is seen.
"""

import io
import resource
import subprocess
import sys
import time

import numpy as np
import skimage.data
import tifffile
from PIL import Image

from photochrom import Colorizer, Limits, PhotochromError

CHUNK = 250  # files a process
SLOWEST = 20.0  # seconds that a file may take
MEMORY = 1500  # MB that a process may take
KINDS = {
    "jpeg": {},
    "png": {},
    "tiff": {"compression": "tiff_lzw"},
    "webp": {},
    "avif": {"speed": 10},
}


def seeds() -> list[bytes]:
    """Make a small file of each kind, grey and in colour, with metadata."""
    found = []
    for kind, options in KINDS.items():
        for picture in (skimage.data.camera()[::8, ::8], skimage.data.astronaut()[::8, ::8]):
            file = io.BytesIO()
            exif = Image.Exif()
            exif[0x0112], exif[0x010E] = 6, "a letter"
            Image.fromarray(picture).save(file, kind, exif=exif, **options)
            found.append(file.getvalue())
    return [*found, *scans()]


def scans() -> list[bytes]:
    """Make what archives have: a TIFF and a PDF of pages, a float TIFF, a PNG of 16 bits."""
    camera, chelsea = skimage.data.camera()[::8, ::8], skimage.data.chelsea()[::8, ::8]
    pages = [Image.fromarray(page) for page in (camera, chelsea, camera[:, ::2])]
    found = []
    for kind in ("tiff", "pdf"):
        file = io.BytesIO()
        pages[0].save(file, kind, save_all=True, append_images=pages[1:])
        found.append(file.getvalue())
    floats, deep = io.BytesIO(), io.BytesIO()
    tifffile.imwrite(floats, camera / np.float32(255), compression="zlib")
    Image.fromarray(camera.astype(np.uint16) * 257).save(deep, "png")
    return [*found, floats.getvalue(), deep.getvalue()]


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


def work(first: int) -> None:
    """Colour the files from number `first` on; print how many became pictures."""
    colorizer, limits = Colorizer(threads=1), Limits(bytes=1 << 20, pixels=4_000_000)
    files, pictures, slowest = seeds(), 0, 0.0
    for number in range(first, first + CHUNK):
        data = damage(files[number % len(files)], np.random.default_rng(number))
        start = time.perf_counter()
        try:
            colorizer.colorize(data, size=32, limits=limits).encode()
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
    if sys.argv[1:2] == ["--work"]:
        work(int(sys.argv[2]))
        return
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    found = []
    for first in range(0, files, CHUNK):
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
