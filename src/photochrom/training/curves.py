"""The learning curves of a run, drawn from its log."""

import json
from pathlib import Path


def draw(log: Path, target: Path) -> None:
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
