"""Kill a batch at random moments, go on each time, and compare with a batch that was left alone.

    python tests/endurance/kill.py [SEED [KILLS [PICTURES]]]

Every kill falls while pictures are being made: some time after a run has finished some of them.
Prints what it did; ends with an error when an output is missing or differs, or a temporary file is
left behind.
"""

import argparse
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyvips


def pictures(folder: Path, count: int) -> None:
    """Draw pictures with grain, each another."""
    random = np.random.default_rng(0)
    folder.mkdir()
    for number in range(count):
        smooth = np.add.outer(np.linspace(0, 150, 300), np.linspace(0, random.uniform(0, 90), 400))
        grain = random.normal(0, 6, smooth.shape)
        samples = np.clip(smooth + grain, 0, 255).astype(np.uint8)
        pyvips.Image.new_from_array(samples).write_to_file(str(folder / f"{number:03}.png"))


def digests(folder: Path) -> dict[str, str]:
    """Hash every picture in a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in _files(folder)}


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.png"))


def kill_at_work(command: list[str], out: Path, until: int, pause: float) -> None:
    """Start a run, and kill it some seconds after there are so many pictures."""
    run = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while len(_files(out)) < until and run.poll() is None:
        time.sleep(0.01)
    time.sleep(pause)
    os.killpg(run.pid, signal.SIGKILL)
    if run.wait() != -signal.SIGKILL:
        raise SystemExit("a run had ended before it was killed; start again with another seed")


def begun(out: Path) -> int:
    """How many pictures a killed run was at."""
    base = sqlite3.connect(out / ".photochrom.sqlite")
    (count,) = base.execute("SELECT count(*) FROM pictures WHERE output = ''").fetchone()
    base.close()
    return int(count)


def main() -> None:
    """Run, kill, go on, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("seed", 0), ("kills", 50), ("pictures", 200)):
        parser.add_argument(name, nargs="?", type=int, default=default)
    given = parser.parse_args()
    random = np.random.default_rng(given.seed)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        pictures(root / "in", given.pictures)
        command = [sys.executable, "-m", "photochrom", "colorize", str(root / "in"), "-o"]
        start = time.perf_counter()
        subprocess.run([*command, str(root / "whole")], check=True, stdout=subprocess.DEVNULL)
        whole = time.perf_counter() - start
        out, halved = root / "killed", 0
        for left in range(given.kills, 0, -1):
            done = len(_files(out))
            more = random.integers(1, max(2, (given.pictures - done) // (left + 1)))
            pause = random.uniform(0, whole / given.pictures)
            kill_at_work([*command, str(out)], out, done + int(more), pause)
            halved += begun(out)
        done = len(_files(out))
        subprocess.run([*command, str(out)], check=True, stdout=subprocess.DEVNULL)
        parts = [path.name for path in out.iterdir() if path.suffix == ".part"]
        if digests(root / "whole") != digests(out) or parts:
            raise SystemExit(f"the outputs differ, or are not alone: {parts}")
        sys.stdout.write(
            f"{given.pictures} pictures, killed {given.kills} times at work ({halved} pictures "
            f"were begun at a kill, {done} done by the last): every output is as if it had been "
            "left alone, and no temporary file is left\n"
        )


if __name__ == "__main__":
    main()
