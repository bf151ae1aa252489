"""Print how fast and how large a colouring is, as a Markdown table; run it on a quiet machine."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median

import numpy as np
import pyvips

from photochrom import Colorizer
from photochrom.image import Picture

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # of who works on it: users have bytecode
ROOT = Path(__file__).parents[1]
COLORIZE = [sys.executable, "-m", "photochrom", "colorize"]
COPY = (
    "import pyvips, sys; "
    "pyvips.Image.new_from_file(sys.argv[1], access='sequential')"
    ".write_to_file(sys.argv[2], Q=92)"
)
OPEN = "import photochrom; photochrom.Colorizer()"
PARTS = {"onnxruntime": "ONNX Runtime", "numpy": "NumPy", "pyvips": "libvips", "photochrom": "ours"}
"""Of an install, by how the names of their folders begin."""

MEASURE = """
import resource, subprocess, sys, time
start = time.perf_counter()
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
took, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
print(took, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)
sys.exit(status)
"""


def run(command: list[str]) -> tuple[float, float]:
    """Run a command; return its seconds and its peak memory in MB."""
    return measured(command)[:2]


def measured(command: list[str]) -> tuple[float, float, float]:
    """Run a command; return its seconds, its peak memory in MB, and the processors' seconds.

    A small process measures it: a child's peak is never below that of the process that forked it.
    """
    measure = [sys.executable, "-S", "-c", MEASURE, *command]
    result = subprocess.run(measure, capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"failed: {command}\n{result.stderr}")
    seconds, peak, spent = map(float, result.stdout.split())
    return seconds, peak, spent


def row(what: str, figure: str) -> None:
    """Print a line of the table."""
    sys.stdout.write(f"| {what} | {figure} |\n")
    sys.stdout.flush()


def large_picture(path: Path, megapixels: float) -> None:
    """Write a grey picture, three to two: the coffee example, enlarged, with the grain of a film.

    Its format is that of the name's ending.
    """
    width = round((megapixels * 1.5e6) ** 0.5)
    height = round(megapixels * 1e6 / width)
    source = ROOT / "examples/coffee.jpg"
    image = pyvips.Image.new_from_file(str(source))
    image = image.resize(width / image.width, vscale=height / image.height)
    grain = pyvips.Image.gaussnoise(width, height, mean=0, sigma=4)
    (image.crop(0, 0, width, height) + grain).cast("uchar").write_to_file(str(path), Q=92)


def model_time(size: int) -> float:
    """Give the milliseconds that the model takes for a square of so many pixels, on 2 threads."""
    colorizer = Colorizer(threads=2)
    lightness = np.random.default_rng(0).uniform(0, 100, (size, size)).astype(np.float32)
    seconds = []
    for _ in range(30):
        start = time.perf_counter()
        colorizer.model.predict(lightness)
        seconds.append(time.perf_counter() - start)
    return 1000 * median(seconds)


def parts(picture: Path, out: Path) -> str:
    """Say where the time of one thread goes, once the model is loaded; a look is all it takes."""
    colorizer = Colorizer(threads=1)
    small, known, saved = np.median([_parts(colorizer, picture, out) for _ in range(5)], axis=0)
    names = ("decoding and a small copy", "the model", "colour and writing")
    seconds = (small, known - small, saved)
    return ", ".join(f"{name} {one:.2f}" for name, one in zip(names, seconds, strict=True)) + " s"


def _parts(colorizer: Colorizer, picture: Path, out: Path) -> tuple[float, float, float]:
    """Time what a colouring is made of; the second has the first in it."""
    width, height = colorizer.model.sees(Picture(picture).size, colorizer.model.size)
    start = time.perf_counter()
    Picture(picture).thumbnail(width, height)
    small = time.perf_counter() - start
    start = time.perf_counter()
    coloured = colorizer.colorize(picture, quality="fast")
    known = time.perf_counter() - start
    start = time.perf_counter()
    coloured.save(out, overwrite=True)
    return small, known, time.perf_counter() - start


def install_size(folder: Path) -> Counter[str]:
    """Install the core into a new environment; give what that adds to it, in bytes, by parts."""
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    before = _sizes(venv)
    pip = [str(venv / "bin/pip"), "install", "-q", str(ROOT)]
    subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
    return _sizes(venv) - before


def _sizes(venv: Path) -> Counter[str]:
    found = Counter[str]()
    for path in venv.rglob("*"):
        if path.is_file():
            found[_part(path.relative_to(venv).parts)] += path.lstat().st_size
    return found


def _part(names: tuple[str, ...]) -> str:
    """Tell which part a file of an environment belongs to."""
    if names[-1].endswith(".pyc"):
        return "bytecode, which pip makes"
    within = names[names.index("site-packages") + 1] if "site-packages" in names else ""
    return next((name for start, name in PARTS.items() if within.startswith(start)), "the rest")


def main() -> None:
    """Measure, and print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    example = str(ROOT / "examples/astronaut.jpg")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        medium, huge = folder / "24.jpg", folder / "300.jpg"
        large_picture(medium, 24)
        large_picture(huge, 300)
        out = [str(folder / "out.jpg"), "--overwrite"]
        row("what", "figure")
        row("---", "---")
        start = [sys.executable, "-m", "photochrom", "--help"]
        row("`photochrom --help`", f"{median(run(start)[0] for _ in range(5)):.2f} s")
        opening = [run([sys.executable, "-c", OPEN])[0] for _ in range(5)]
        row("a process that opens the model", f"{median(opening):.2f} s")
        small = [run([*COLORIZE, example, "-o", *out])[0] for _ in range(5)]
        row("a picture of 512 x 512", f"{median(small):.2f} s")
        ours, plain, peak = [], [], 0.0
        for _ in range(3):
            seconds, peak = run([*COLORIZE, str(medium), "-o", *out])
            ours.append(seconds)
            plain.append(run([sys.executable, "-c", COPY, str(medium), out[0]])[0])
        ratio = median(ours) / median(plain)
        row("24 megapixels", f"{median(ours):.2f} s")
        row("24 megapixels, to libvips' decode and encode", f"{ratio:.1f} times")
        row("24 megapixels on one thread", parts(medium, Path(out[0])))
        row("the model alone, 256 x 256, 2 threads", f"{model_time(256):.0f} ms")
        row("24 megapixels, peak memory", f"{peak:.0f} MB")
        row("300 megapixels, peak memory", f"{run([*COLORIZE, str(huge), '-o', *out])[1]:.0f} MB")
        install = install_size(folder)
        row("core install", f"{install.total() / 1e6:.0f} MB")
        for name, size in install.most_common():
            row(f"of it {name}", f"{size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
