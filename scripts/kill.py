"""Kill a batch at random moments, go on each time, and compare with a batch that was left alone.

Prints what it did; ends with an error when an output is missing or differs, or a temporary file is
left behind.
"""

import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyvips

PICTURES, KILLS = 200, 50


def pictures(folder: Path) -> None:
    """Draw pictures with grain, each another."""
    random = np.random.default_rng(0)
    folder.mkdir()
    for number in range(PICTURES):
        smooth = np.add.outer(np.linspace(0, 150, 300), np.linspace(0, random.uniform(0, 90), 400))
        grain = random.normal(0, 6, smooth.shape)
        samples = np.clip(smooth + grain, 0, 255).astype(np.uint8)
        pyvips.Image.new_from_array(samples).write_to_file(str(folder / f"{number:03}.png"))


def digests(folder: Path) -> dict[str, str]:
    """Hash every picture in a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in _files(folder)}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix == ".png")


def main() -> None:
    """Run, kill, go on, compare."""
    random = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        pictures(root / "in")
        command = [sys.executable, "-m", "photochrom", "colorize", str(root / "in"), "-o"]
        start = time.perf_counter()
        subprocess.run([*command, str(root / "whole")], check=True, stdout=subprocess.DEVNULL)
        whole = time.perf_counter() - start
        for _ in range(KILLS):
            run = subprocess.Popen(
                [*command, str(root / "killed")],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            time.sleep(random.uniform(0.2, 0.6 + whole / KILLS))
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        done = len(_files(root / "killed"))
        subprocess.run([*command, str(root / "killed")], check=True, stdout=subprocess.DEVNULL)
        left = [path.name for path in (root / "killed").iterdir() if path.suffix == ".part"]
        if digests(root / "whole") != digests(root / "killed") or left:
            raise SystemExit(f"the outputs differ, or are not alone: {left}")
        sys.stdout.write(
            f"{PICTURES} pictures, killed {KILLS} times ({done} were done by then): every output "
            "is as if it had been left alone, and no temporary file is left\n"
        )


if __name__ == "__main__":
    main()
