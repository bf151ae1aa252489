"""Reckon what colouring very many pictures takes, as a Markdown table.

`python benchmarks/scale.py --pictures 1e9 --core-hour 0.02` measures this machine first (a minute,
quiet), unless `--rate`, in pictures a core-hour, tells. Prices are yours: a core's hour, a million
requests that read and that write, a gigabyte's month.
"""

import argparse
import math
import os
import sys
import tempfile
import time
from pathlib import Path

from performance import COLORIZE, large_picture, run

SAMPLE = 40  # pictures to measure with
JOURNAL_ROW = 700  # bytes a picture, where it is not measured
SHARD = 1_000_000  # pictures a journal: SQLite and one thread keep up with them easily


def measured(megapixels: float) -> tuple[float, int]:
    """Colour a sample on this machine: pictures a core-hour, and bytes of a journal's row."""
    with tempfile.TemporaryDirectory() as name:
        source, out = Path(name, "scans"), Path(name, "colour")
        source.mkdir()
        for number in range(SAMPLE):
            large_picture(source / f"{number}.jpg", megapixels)
        start = time.perf_counter()
        run([*COLORIZE, str(source), "-o", str(out)])
        seconds = time.perf_counter() - start
        row = (out / ".photochrom.sqlite").stat().st_size / SAMPLE
    return SAMPLE / seconds * 3600 / (os.cpu_count() or 1), round(row)


def main() -> None:
    """Print the plan."""
    parser = argparse.ArgumentParser(description="What colouring very many pictures takes.")
    parser.add_argument("--pictures", type=float, default=1e9)
    parser.add_argument("--megapixels", type=float, default=12, help="of a picture")
    parser.add_argument("--megabytes", type=float, default=4, help="of a picture, in and out each")
    parser.add_argument("--rate", type=float, help="pictures a core-hour; measured if not given")
    parser.add_argument("--days", type=float, default=30, help="in which it is to be done")
    parser.add_argument("--core-hour", type=float, default=0.02, help="price")
    parser.add_argument("--reads", type=float, default=0.4, help="price of a million")
    parser.add_argument("--writes", type=float, default=5.0, help="price of a million")
    parser.add_argument("--gigabyte-month", type=float, default=0.023, help="price")
    given = parser.parse_args()
    rate, row_bytes = (given.rate, JOURNAL_ROW) if given.rate else measured(given.megapixels)
    count = given.pictures
    hours = count / rate
    shards = math.ceil(count / SHARD)
    gigabytes = count * given.megabytes / 1000
    network = 2 * gigabytes * 8 / (given.days * 86400)
    # A picture and its output are listed (1000 at once); it is asked for 3 times and read once; the
    # output is written once, and each journal once a minute.
    reads, writes = count * (4 + 2 / 1000), count + shards * given.days * 1440
    lines = [
        ("pictures", f"{count:,.0f} of {given.megapixels:g} megapixels"),
        ("pictures a core-hour", f"{rate:,.0f}"),
        ("core-hours", f"{hours:,.0f}"),
        (f"cores for {given.days:g} days", f"{hours / given.days / 24:,.0f}"),
        ("computing", f"{hours * given.core_hour:,.0f}"),
        ("requests that read", f"{reads:,.0f}, {reads / 1e6 * given.reads:,.0f}"),
        ("requests that write", f"{writes:,.0f}, {writes / 1e6 * given.writes:,.0f}"),
        ("outputs", f"{gigabytes:,.0f} GB, {gigabytes * given.gigabyte_month:,.0f} a month"),
        ("network, in and out", f"{network:,.1f} gigabits a second"),
        ("journals", f"{shards:,} of {SHARD * row_bytes / 1e6:,.0f} MB"),
    ]
    sys.stdout.write("| what | figure |\n| --- | --- |\n")
    sys.stdout.writelines(f"| {what} | {figure} |\n" for what, figure in lines)


if __name__ == "__main__":
    main()
