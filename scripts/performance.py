"""Print how fast and how large a colouring is, as a Markdown table; run it on a quiet machine."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import pyvips

ROOT = Path(__file__).parents[1]
COLORIZE = [sys.executable, "-m", "photochrom", "colorize"]
COPY = (
    "import pyvips, sys; "
    "pyvips.Image.new_from_file(sys.argv[1], access='sequential')"
    ".write_to_file(sys.argv[2], Q=92)"
)


MEASURE = """
import resource, subprocess, sys, time
start = time.perf_counter()
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
sys.exit(status)
"""


def run(command: list[str]) -> tuple[float, float]:
    """Run a command; return its seconds and its peak memory in MB.

    A small process measures it: a child's peak is never below that of the process that forked it.
    """
    measure = [sys.executable, "-S", "-c", MEASURE, *command]
    result = subprocess.run(measure, capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"failed: {command}\n{result.stderr}")
    seconds, peak = map(float, result.stdout.split())
    return seconds, peak


def row(what: str, figure: str) -> None:
    """Print a line of the table."""
    sys.stdout.write(f"| {what} | {figure} |\n")
    sys.stdout.flush()


def large_picture(path: Path, width: int, height: int) -> None:
    """Write a grey JPEG of any size: the coffee example, enlarged, with the grain of a film."""
    source = ROOT / "examples/coffee.jpg"
    image = pyvips.Image.new_from_file(str(source))
    image = image.resize(width / image.width, vscale=height / image.height)
    grain = pyvips.Image.gaussnoise(width, height, mean=0, sigma=4)
    (image.crop(0, 0, width, height) + grain).cast("uchar").write_to_file(str(path), Q=92)


def model_time(size: int) -> float:
    """Give the milliseconds that the model takes for a square of so many pixels, on 2 threads."""
    import numpy as np

    from photochrom import Colorizer

    colorizer = Colorizer(threads=2)
    lightness = np.random.default_rng(0).uniform(0, 100, (size, size)).astype(np.float32)
    seconds = []
    for _ in range(30):
        start = time.perf_counter()
        colorizer.model.predict(lightness)
        seconds.append(time.perf_counter() - start)
    return 1000 * median(seconds)


def install_size(folder: Path) -> float:
    """Install the core into a new environment; give what that adds to it, in MB."""
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    before = _size(venv)
    pip = [str(venv / "bin/pip"), "install", "-q", str(ROOT)]
    subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
    return (_size(venv) - before) / 1e6


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Measure, and print the table."""
    example = str(ROOT / "examples/astronaut.jpg")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        medium, huge = folder / "24.jpg", folder / "300.jpg"
        large_picture(medium, 6000, 4000)
        large_picture(huge, 17320, 17320)
        out = [str(folder / "out.jpg"), "--overwrite"]
        row("what", "figure")
        row("---", "---")
        start = [sys.executable, "-m", "photochrom", "--help"]
        row("`photochrom --help`", f"{median(run(start)[0] for _ in range(5)):.2f} s")
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
        row("the model alone, 256 x 256, 2 threads", f"{model_time(256):.0f} ms")
        row("24 megapixels, peak memory", f"{peak:.0f} MB")
        row("300 megapixels, peak memory", f"{run([*COLORIZE, str(huge), '-o', *out])[1]:.0f} MB")
        row("core install", f"{install_size(folder):.0f} MB")


if __name__ == "__main__":
    main()
