"""The log of a run: what it came to every few steps, and at every validation."""

import json
from pathlib import Path

from torch import Tensor

from photochrom.training.config import LoopConfig
from photochrom.training.watch import numbers


class Log:
    """JSON lines in a file, cut back to the step that a resumed run starts from if it `writes`."""

    def __init__(self, path: Path, step: int, writes: bool) -> None:
        self.path = path
        self._sums: dict[str, float | Tensor] = {}
        self._count = 0
        if writes and path.exists():
            lines = []
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    entry = json.loads(line)
                except ValueError:
                    break  # half a line, from the moment when the process was killed
                if entry["step"] <= step:
                    lines.append(line + "\n")
            temporary = path.with_suffix(".part")
            temporary.write_text("".join(lines), encoding="utf-8")
            temporary.replace(path)

    def add(self, **figures: float | Tensor) -> None:
        """Take in the figures of a step, "seconds", "waited" and "loading" among them.

        Those that are on the device are summed there.
        """
        for key, value in figures.items():
            self._sums[key] = self._sums.get(key, 0.0) + value
        self._count += 1

    def write(self, step: int, config: LoopConfig, rate: float) -> dict[str, float]:
        """Append the means since the last line, and how fast steps and loaders went."""
        line = {key: value / self._count for key, value in numbers(self._sums).items()}
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


def draw_curves(log: Path, target: Path) -> None:
    """Draw the loss, and every validation score, over the steps: `log` (JSON lines) to a PNG."""
    from matplotlib.figure import Figure  # a second to import, and only runs need it

    entries = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    losses = [entry for entry in entries if "loss" in entry]
    scores = [entry for entry in entries if "minutes" in entry]
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([entry["step"] for entry in losses], [entry["loss"] for entry in losses])
    left.set(title="loss", xlabel="step")
    for name in sorted(scores[-1].keys() - {"step", "minutes"}) if scores else ():
        seen = [entry for entry in scores if name in entry]
        steps = [entry["step"] for entry in seen]
        right.plot(steps, [entry[name] for entry in seen], marker=".", label=name)
    right.set(title="validation, as a share of grey's or the truth's", xlabel="step")
    if scores and right.lines:
        right.legend(fontsize="small")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.savefig(target, dpi=110)
