"""Print how fast and how large a colouring is, as a Markdown table; run it on a quiet machine."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import pyvips

COLORIZE = [sys.executable, "-m", "photochrom", "colorize"]
COPY = (
    "import pyvips, sys; "
    "pyvips.Image.new_from_file(sys.argv[1], access='sequential')"
    ".write_to_file(sys.argv[2], Q=92)"
)


def run(command: list[str]) -> tuple[float, float]:
    """Run a command; return its seconds and its peak memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed: {command}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def row(what: str, figure: str) -> None:
    """Print a line of the table."""
    sys.stdout.write(f"| {what} | {figure} |\n")
    sys.stdout.flush()


def large_picture(path: Path, width: int, height: int) -> None:
    """Write a JPEG of any size: the coffee example, enlarged."""
    source = Path(__file__).parents[1] / "examples/coffee.jpg"
    image = pyvips.Image.new_from_file(str(source))
    image = image.resize(width / image.width, vscale=height / image.height)
    image.crop(0, 0, width, height).write_to_file(str(path), Q=92)


def main() -> None:
    """Measure, and print the table."""
    example = str(Path(__file__).parents[1] / "examples/astronaut.jpg")
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
        row("24 megapixels, to libvips' decode and encode", f"{ratio:.1f} times")
        row("24 megapixels, peak memory", f"{peak:.0f} MB")
        row("300 megapixels, peak memory", f"{run([*COLORIZE, str(huge), '-o', *out])[1]:.0f} MB")


if __name__ == "__main__":
    main()
