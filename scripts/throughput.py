"""Print how many pictures a batch does, what a picture of any size costs, and how fast it resumes.

`python scripts/throughput.py docs/images/sizes.png` on a quiet machine; some ten minutes. The plot
shows time and peak memory from 0.1 to 300 megapixels.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from performance import COLORIZE, large_picture, row, run

from photochrom import Colorizer
from photochrom.color import samples_to_lightness
from photochrom.image import Picture
from photochrom.journal import Journal
from photochrom.places import change

PICTURES = 500
DONE = 100_000
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


def side_by_side(folder: Path) -> None:
    """Compare a batch with one worker that does one thing at a time."""
    large_picture(folder / "1.jpg", 1200, 833)
    scans = copies(folder / "1.jpg", folder / "scans", PICTURES)
    alone, _ = batch(scans, folder / "alone", "--jobs", "1", "--threads", "1")
    seconds, busy = batch(scans, folder / "together")
    row(
        f"{PICTURES} pictures of 1 megapixel, one thing at a time",
        f"{PICTURES / alone:.1f} a second",
    )
    row("the same, as it is", f"{PICTURES / seconds:.1f} a second, {alone / seconds:.2f} times")
    row("processor use meanwhile", f"{busy:.0%}")
    shutil.copy(folder / "1.jpg", folder / "y.jpg")
    parts(folder, 1)


def by_size(folder: Path, plot: Path) -> None:
    """Time single pictures from small to huge, and draw what they cost."""
    out = [str(folder / "out.jpg"), "--overwrite"]
    found = []
    for megapixels in MEGAPIXELS:
        width = round((megapixels * 1.5e6) ** 0.5)
        large_picture(folder / "x.jpg", width, round(megapixels * 1e6 / width))
        found.append(run([*COLORIZE, str(folder / "x.jpg"), "-o", *out]))
        row(f"{megapixels:g} megapixels", f"{found[-1][0]:.2f} s, {found[-1][1]:.0f} MB")
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    for axes, place, name in zip(
        figure.subplots(1, 2), (0, 1), ("seconds", "peak MB"), strict=True
    ):
        axes.plot(MEGAPIXELS, [one[place] for one in found], "o-")
        axes.margins(0.08)
        axes.set(xscale="log", xlabel="megapixels", title=name)
        axes.set(yscale="log" if place == 0 else "linear")
        if place == 1:
            axes.set_ylim(0, 1.1 * max(one[place] for one in found))
        axes.grid(alpha=0.3)
    figure.savefig(plot, dpi=100)


def rate(folder: Path, megapixels: int, count: int) -> None:
    """Time a batch of larger pictures."""
    width = round((megapixels * 1.5e6) ** 0.5)
    large_picture(folder / "y.jpg", width, round(megapixels * 1e6 / width))
    scans = copies(folder / "y.jpg", folder / f"scans-{megapixels}", count)
    seconds, _ = batch(scans, folder / f"out-{megapixels}")
    row(f"{count} pictures of {megapixels} megapixels", f"{count / seconds:.2f} a second")
    parts(folder, megapixels)


def parts(folder: Path, megapixels: int) -> None:
    """Say where the time of one thread goes: to look, to think, to make the pixels and write."""
    colorizer = Colorizer(threads=1)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        lightness = samples_to_lightness(Picture(folder / "y.jpg").thumbnail(352, 224))
        seen = time.perf_counter()
        colorizer.model.predict(lightness)
        known = time.perf_counter()
        colorizer.colorize(folder / "y.jpg", quality="fast").save(folder / "z.jpg", overwrite=True)
        seconds.append((seen - start, known - seen, time.perf_counter() - known))
    look, think, whole = np.median(seconds, axis=0)
    row(
        f"{megapixels} megapixels on one thread, fast: a small copy, the model, pixels and JPEG",
        f"{look:.2f} + {think:.2f} + {whole - look - think:.2f} s",
    )


def resume(folder: Path) -> None:
    """Time a run that finds everything done."""
    source, out = folder / "many", folder / "many-colour"
    source.mkdir()
    large_picture(source / f"{0:06d}.jpg", 32, 32)
    batch(source, out)  # the first is coloured; the others are copies, said to be done likewise
    with Journal(out) as journal:
        first = journal.entry(out / f"{0:06d}.jpg")
        for number in range(1, DONE):
            name = f"{number:06d}.jpg"
            for place in (source, out):
                shutil.copy(place / f"{0:06d}.jpg", place / name)
            stamp = replace(first.stamp, change=change(source / name))
            journal.note(out / name, replace(first, source=str(source / name), stamp=stamp))
    last = out / f"{DONE - 1:06d}.jpg"
    before = last.stat().st_mtime_ns
    seconds, _ = batch(source, out)
    if last.stat().st_mtime_ns != before:
        raise SystemExit("what was done was done again")
    row(f"a run that finds {DONE:,} done", f"{seconds:.1f} s")


def main() -> None:
    """Measure, and print a table."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python scripts/throughput.py PLOT.png")
    with tempfile.TemporaryDirectory() as name:
        row("what", "figure")
        row("---", "---")
        side_by_side(Path(name))
        rate(Path(name), 12, 60)
        rate(Path(name), 24, 40)
        by_size(Path(name), Path(sys.argv[1]))
        resume(Path(name))


if __name__ == "__main__":
    main()
