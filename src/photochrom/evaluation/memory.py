"""How much memory colouring takes: a process of its own colours one picture, and tells.

`python -m photochrom.evaluation.memory MODEL PICTURE` is that process.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

from photochrom.image import Picture
from photochrom.inference.colorizer import Colorizer


def peak_memory(model: str, picture: Path) -> float | None:
    """Give the most memory, in MB, of a process that colours one picture with one model.

    None on Windows, which does not count it.
    """
    if not importlib.util.find_spec("resource"):
        return None
    command = [sys.executable, "-m", __name__, model, str(picture)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(result.stdout)


def _own_peak() -> float:
    """Give the most memory, in MB, that this process has had."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux counts what its parent took into `ru_maxrss`, but not here
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
    import resource  # POSIX has it

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    Colorizer(sys.argv[1]).colorize(Picture(Path(sys.argv[2]))).encode(".jpg")
    sys.stdout.write(f"{_own_peak():.1f}\n")
