"""The log of a run: what it came to every few steps, and at every validation."""

import json
from pathlib import Path

from photochrom.training.config import LoopConfig


class Log:
    """JSON lines in a file, cut back to the step that a resumed run starts from if it `writes`."""

    def __init__(self, path: Path, step: int, writes: bool) -> None:
        self.path = path
        self._sums: dict[str, float] = {}
        self._count = 0
        if writes and path.exists():
            kept = []
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    entry = json.loads(line)
                except ValueError:
                    break  # half a line, from the moment when the process was killed
                if entry["step"] <= step:
                    kept.append(line + "\n")
            temporary = path.with_suffix(".part")
            temporary.write_text("".join(kept), encoding="utf-8")
            temporary.replace(path)

    def add(self, **figures: float) -> None:
        """Take in the figures of a step, "seconds", "waited" and "loading" among them."""
        for key, value in figures.items():
            self._sums[key] = self._sums.get(key, 0.0) + value
        self._count += 1

    def write(self, step: int, config: LoopConfig, rate: float) -> dict[str, float]:
        """Append the means since the last line, and how fast steps and loaders went."""
        line = {key: value / self._count for key, value in self._sums.items()}
        seconds, waited = line.pop("seconds"), line.pop("waited")
        line |= {
            "pictures/s": config.batch / seconds,
            "loader pictures/s": max(1, config.workers) / line.pop("loading"),
            "waiting": waited / seconds,
            "rate": rate,
        }
        self._sums, self._count = {}, 0
        self.append({"step": step, **line})
        return line

    def append(self, entry: dict[str, float]) -> None:
        """Write a line, numbers to five digits."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({key: _round(value) for key, value in entry.items()}) + "\n")


def _round(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.5g}")
