"""Print how many pictures a batch does, what a picture of any size costs, and how fast it resumes.

`python benchmarks/throughput.py docs/images/sizes.png` on a quiet machine; some fifteen minutes
and 2 GB of disk. The plot shows time and peak memory from 0.1 to 300 megapixels. Less is tried by
`--pictures 4 --large 2 --most 1 --done 100`. Fails when a picture takes more memory than is
promised.
"""

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from matplotlib.figure import Figure
from performance import COLORIZE, large_picture, parts, row, run

from photochrom.batch.journal import Journal
from photochrom.storage import revision

EXTENSIONS = ("jpg", "tif")
MEMORY = 500  # MB that a JPEG or TIFF of any size may take
MEGAPIXELS = (0.1, 0.3, 1, 3, 12, 24, 50, 100, 300)


def batch(source: Path, out: Path, *options: str) -> tuple[float, float]:
    """Colour a folder; return the seconds, and the share of this machine's cores that were busy."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [*COLORIZE, str(source), "-o", str(out), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, busy / seconds / (os.cpu_count() or 1)


def copies(picture: Path, folder: Path, count: int) -> Path:
    """Fill a folder with so many copies of a picture."""
    folder.mkdir()
    for number in range(count):
        shutil.copy(picture, folder / f"{number:04d}.jpg")
    return folder


def side_by_side(folder: Path, count: int) -> None:
    """Compare a batch with one worker that does one thing at a time."""
    large_picture(folder / "1.jpg", 1)
    scans = copies(folder / "1.jpg", folder / "scans", count)
    alone, _ = batch(scans, folder / "alone", "--jobs", "1", "--threads", "1")
    seconds, busy = batch(scans, folder / "together")
    row(f"{count} pictures of 1 megapixel, one thing at a time", f"{count / alone:.1f} a second")
    row("the same, as it is", f"{count / seconds:.1f} a second, {alone / seconds:.2f} times")
    row("processor use meanwhile", f"{busy:.0%}")
    row("1 megapixel on one thread", parts(folder / "1.jpg", folder / "z.jpg"))


def rate(folder: Path, megapixels: int, count: int) -> None:
    """Time a batch of larger pictures."""
    picture = folder / f"{megapixels}.jpg"
    large_picture(picture, megapixels)
    scans = copies(picture, folder / f"scans-{megapixels}", count)
    seconds, _ = batch(scans, folder / f"out-{megapixels}")
    row(f"{count} pictures of {megapixels} megapixels", f"{count / seconds:.2f} a second")
    row(f"{megapixels} megapixels on one thread", parts(picture, folder / "z.jpg"))


def by_size(folder: Path, most: float, plot: Path) -> None:
    """Time single pictures from small to huge, JPEG and TIFF, and draw what they cost."""
    sizes = [size for size in MEGAPIXELS if size <= most]
    found = {ending: [single(folder, size, ending) for size in sizes] for ending in EXTENSIONS}
    draw(sizes, found, plot)
    for ending, costs in found.items():
        peak = max(memory for _, memory in costs)
        row(f"{ending}, most memory up to {sizes[-1]:g} megapixels", f"{peak:.0f} MB")
        if peak > MEMORY:
            raise SystemExit(f"{ending} took {peak:.0f} MB; what is promised is {MEMORY}")


def single(folder: Path, megapixels: float, ending: str) -> tuple[float, float]:
    """Colour a picture of a size; give the seconds and the peak memory in MB."""
    source, out = folder / f"x.{ending}", folder / f"x-colour.{ending}"
    large_picture(source, megapixels)
    seconds, memory = run([*COLORIZE, str(source), "-o", str(out), "--overwrite"])
    for path in (source, out):
        path.unlink()
    row(f"{megapixels:g} megapixels, {ending}", f"{seconds:.2f} s, {memory:.0f} MB")
    return seconds, memory


def draw(sizes: list[float], found: dict[str, list[tuple[float, float]]], plot: Path) -> None:
    """Draw seconds and peak memory over megapixels, a line a format."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for ending, costs in found.items():
        for axes, values in zip((left, right), zip(*costs, strict=True), strict=True):
            axes.plot(sizes, values, "o-", label=ending)
    left.set(xscale="log", yscale="log", xlabel="megapixels", title="seconds")
    right.set(xscale="log", ylim=(0, MEMORY), xlabel="megapixels", title="peak MB")
    for axes in (left, right):
        axes.margins(0.08)
        axes.grid(alpha=0.3)
    left.legend()
    figure.savefig(plot, dpi=100)


def resume(folder: Path, count: int) -> None:
    """Time a run that finds everything done."""
    source, out = folder / "many", folder / "many-colour"
    source.mkdir()
    large_picture(source / f"{0:06d}.jpg", 0.001)
    batch(source, out)  # the first is coloured; the others are copies, said to be done likewise
    with Journal(out) as journal:
        first = journal.entry(out / f"{0:06d}.jpg")
        for number in range(1, count):
            name = f"{number:06d}.jpg"
            for each in (source, out):
                shutil.copy(each / f"{0:06d}.jpg", each / name)
            fingerprint = replace(first.fingerprint, revision=revision(source / name))
            journal.note(
                out / name, replace(first, source=str(source / name), fingerprint=fingerprint)
            )
    last = out / f"{count - 1:06d}.jpg"
    before = last.stat().st_mtime_ns
    seconds, _ = batch(source, out)
    if last.stat().st_mtime_ns != before:
        raise SystemExit("what was done was done again")
    row(f"a run that finds {count:,} done", f"{seconds:.1f} s")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="How fast batches and pictures of any size are.")
    parser.add_argument("plot", type=Path, help="to draw, such as sizes.png")
    parser.add_argument("--pictures", type=int, default=500, help="of 1 megapixel")
    parser.add_argument("--large", type=int, default=50, help="of 12, and of 24 megapixels")
    parser.add_argument("--most", type=float, default=300, help="megapixels of one picture")
    parser.add_argument("--done", type=int, default=100_000, help="pictures of the resume")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        row("what", "figure")
        row("---", "---")
        side_by_side(Path(name), given.pictures)
        for megapixels in (12, 24):
            rate(Path(name), megapixels, given.large)
        by_size(Path(name), given.most, given.plot)
        resume(Path(name), given.done)


if __name__ == "__main__":
    main()
