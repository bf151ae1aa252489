"""The evaluation as one self-contained page."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from photochrom import html
from photochrom.color.spaces import Samples, srgb_to_lab
from photochrom.evaluation.candidates import Candidate, load
from photochrom.evaluation.compare import DO_NOTHING, Comparison
from photochrom.evaluation.metrics import ciede2000
from photochrom.evaluation.scores import SHARES
from photochrom.image import encode_rgb

_POINTS = {
    "CIEDE2000": 2,
    "CIEDE2000 ratio": 3,
    "colourfulness": 1,
    "colourfulness ratio": 3,
    **dict.fromkeys(SHARES, 3),
    "PSNR": 2,
    "SSIM": 3,
    "AuC": 4,
    "rebalanced AuC": 4,
    "Frechet-Lite2": 1,
}
"""Decimal places of the figures that have an interval, in the order of the table."""
_HEADS = {"CIEDE2000 ratio": "to grey's", "colourfulness ratio": "to the truth's"}
_LEARNED = ("LPIPS", "FID")
_HOT = 30.0  # CIEDE2000 at which the heat map is brightest
_WIDTH = 240
_LABEL = 32  # characters
_SHOWN = 4  # pictures of a kind, at most


def table(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Head and lines of the table of figures, as text."""
    rows = dict(comparison.rows())
    missing = {name for row in rows.values() for name in row if isinstance(row[name], str)}
    with_interval = [figure for figure in _POINTS if figure not in missing]
    learned = [figure for figure in _LEARNED if figure not in missing]
    lines = []
    for name, row in rows.items():
        figures = [interval_text(row[figure], _POINTS[figure]) for figure in with_interval]
        figures += [f"{row[figure]:.3f}" for figure in learned]
        memory = row["peak memory in MB"]
        size = "-" if memory is None else f"{memory:.0f}"
        lines.append([name, *figures, f"{row['milliseconds']:.0f}", size])
    heads = [_HEADS.get(figure, figure) for figure in (*with_interval, *learned)]
    return ["", *heads, "ms a picture", "peak MB"], lines


def interval_text(figure: dict[str, Any], points: int) -> str:
    """Write a "value", and half of its "interval" if it has one; a dash for no value."""
    if figure["value"] is None:
        return "-"
    value = f"{figure['value']:.{points}f}"
    if figure["interval"] is None:
        return value
    low, high = figure["interval"]
    return f"{value} ±{(high - low) / 2:.{points}f}"


def reasons(comparison: Comparison) -> list[str]:
    """Say why figures are not there."""
    said = [value for one in comparison.sets.values() for value in one.values()]
    return list(dict.fromkeys(value for value in said if isinstance(value, str)))


def write(comparison: Comparison, candidates: dict[str, Candidate], out: Path) -> Path:
    """Write `out`/report.html, for which the pictures to show are painted again; give its path."""
    head, lines = table(comparison)
    sections = [
        html.paragraph(
            f"{len(comparison.pictures)} pictures, made grey and coloured again. Means over "
            "pictures, ± half of their 95 % bootstrap interval."
        ),
        html.table(head, lines),
        *(html.paragraph(text, soft=True) for text in reasons(comparison)),
        html.paragraph(
            "CIEDE2000: lower is nearer. AuC: area under the cumulative ab error (Zhang et al. "
            "2016), higher is nearer; rebalanced: rare colours count as much as frequent ones. "
            "At a short side of 64 pixels: what the gradient of a and b falls short of the "
            "truth's (edges missed) or exceeds it by (false edges); the share of coloured pixels, "
            "and of those with a colour of skin, that are left grey; and the share of neutral "
            "pixels that are coloured (false colour). "
            "Frechet-Lite2 compares EfficientNet-Lite2 features of the sets (its interval is a "
            "jackknife's); it is not FID. Memory is that of a process that colours one picture.",
            soft=True,
        ),
        html.heading("How the errors are spread"),
        html.picture(_distributions(comparison), "box plots of CIEDE2000 and colourfulness"),
    ]
    for name, colorize in candidates.items():
        if name not in DO_NOTHING:
            sections += _examples(comparison, name, colorize)
    path = out / "report.html"
    path.write_text(html.page("Evaluation", sections), encoding="utf-8")
    return path


def shown(errors: list[float]) -> dict[str, list[int]]:
    """Choose the best, the median and the worst pictures, a few of each, by their numbers."""
    order = [int(number) for number in np.argsort(errors)]
    count = min(_SHOWN, max(1, len(order) // 3))
    middle = max(0, (len(order) - count) // 2)
    return {
        "best": order[:count],
        "median": order[middle : middle + count],
        "worst": order[-count:][::-1],
    }


def _examples(comparison: Comparison, name: str, colorize: Candidate) -> list[str]:
    errors = comparison.scores[name].values["CIEDE2000"]
    sections = [html.heading(f"{name}: best, median, worst")]
    for label, numbers in shown(errors).items():
        figures = []
        for number in numbers:
            truth = load(comparison.pictures[number])
            samples = colorize(number, truth)
            title = f"{label}: {comparison.pictures[number].name}, CIEDE2000 {errors[number]:.1f}"
            figures += [
                html.compare(
                    _jpeg(samples),
                    _jpeg(truth),
                    f"{title}; left: painted, right: truth",
                    width=_WIDTH,
                ),
                html.picture(
                    _jpeg(heat(samples, truth)),
                    f"heat map of the error of {comparison.pictures[number].name}",
                    f"CIEDE2000 from 0, black, to {_HOT:.0f}, white",
                    subtype="jpeg",
                ),
            ]
        sections.append(html.row(figures, "heat"))
    return sections


def heat(predicted: Samples, truth: Samples) -> Samples:
    """Draw CIEDE2000 between two pictures, (H, W, 3) uint8: black 0, over red to white."""
    lab = [srgb_to_lab(samples.astype(np.float32) / 255) for samples in (predicted, truth)]
    share = np.clip(ciede2000(*lab) / _HOT, 0, 1)
    ramp = np.stack([share * 3, share * 3 - 1, share * 3 - 2], axis=-1)
    return np.asarray(np.clip(ramp, 0, 1) * 255).astype(np.uint8)


def _jpeg(samples: Samples) -> bytes:
    return encode_rgb(samples, ".jpg")


def _shortened(name: str) -> str:
    """Keep the end of a long name, such as a path's: a figure has no room for more."""
    return name if len(name) <= _LABEL else f"…{name[1 - _LABEL :]}"


def _distributions(comparison: Comparison) -> bytes:
    names = list(comparison.sets)
    labels = [_shortened(name) for name in names]
    figure = Figure(figsize=(11, 0.6 + 0.5 * len(names)), layout="constrained")
    for axes, label in zip(figure.subplots(1, 2), ("CIEDE2000", "colourfulness"), strict=True):
        values = [comparison.scores[name].values[label] for name in names]
        axes.boxplot(values, orientation="horizontal", tick_labels=labels, sym=".")
        axes.invert_yaxis()
        axes.set_title(label)
        axes.grid(alpha=0.3)
    file = io.BytesIO()
    figure.savefig(file, dpi=110)
    return file.getvalue()
