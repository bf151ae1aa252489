"""The evaluation as one self-contained page."""

import io
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from photochrom import page
from photochrom.color import Samples, ciede2000, srgb_to_lab
from photochrom.evaluation.compare import DO_NOTHING, Comparison, load
from photochrom.image import encode_rgb

_PLACES = {"CIEDE2000": 2, "PSNR": 2, "SSIM": 3, "colourfulness": 1, "AuC": 4, "rebalanced AuC": 4}
_HOT = 30.0  # CIEDE2000 at which the heat map is brightest
_WIDTH = 240


def table(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Head and lines of the table of figures, as text."""
    lines = []
    for name, figures in comparison.rows():
        line = [name]
        for figure, places in _PLACES.items():
            low, high = figures[figure]["interval"]
            mean = figures[figure]["mean"]
            line.append(f"{mean:.{places}f} ±{(high - low) / 2:.{places}f}")
        line.append(f"{figures['CIEDE2000 ratio']:.3f}")
        line.append(f"{figures['colourfulness ratio']:.3f}")
        for figure in ("Frechet-Lite2", "LPIPS", "FID"):
            value = figures[figure]
            line.append("-" if isinstance(value, str) else f"{value:.3f}")
        line.append(f"{figures['milliseconds']:.0f}")
        lines.append(line)
    head = ["", *_PLACES, "CIEDE2000 to grey", "colourfulness to truth"]
    return [*head, "Frechet-Lite2", "LPIPS", "FID", "ms a picture"], lines


def reasons(comparison: Comparison) -> list[str]:
    """Say why figures are not there."""
    said = [value for one in comparison.sets.values() for value in one.values()]
    return list(dict.fromkeys(value for value in said if isinstance(value, str)))


def write(comparison: Comparison, painted: dict[tuple[str, int], Samples], out: Path) -> Path:
    """Write `out`/report.html; `painted` holds the pictures to show, by colorizer and number.

    Returns the page's path.
    """
    head, lines = table(comparison)
    parts = [
        page.paragraph(
            f"{len(comparison.pictures)} pictures, made grey and coloured again. Means over "
            "pictures, ± half of their 95 % bootstrap interval. "
            f"Peak memory {comparison.memory:.0f} MB."
        ),
        page.table(head, lines),
        *(page.paragraph(text, soft=True) for text in reasons(comparison)),
        page.paragraph(
            "CIEDE2000: lower is nearer. AuC: area under the cumulative ab error (Zhang et al. "
            "2016), higher is nearer; rebalanced: rare colours count as much as frequent ones. "
            "Frechet-Lite2 compares EfficientNet-Lite2 features of the sets; it is not FID.",
            soft=True,
        ),
        page.heading("How the errors are spread"),
        page.picture(_distributions(comparison), "box plots of CIEDE2000 and colourfulness"),
    ]
    for name in comparison.sets:
        if name not in DO_NOTHING and any(key == name for key, _ in painted):
            parts += _examples(comparison, name, painted)
    path = out / "report.html"
    path.write_text(page.page("Evaluation", parts), encoding="utf-8")
    return path


def shown(errors: list[float]) -> dict[str, list[int]]:
    """Choose the best, the median and the worst pictures, four of each, by their numbers."""
    order = [int(number) for number in np.argsort(errors)]
    middle = max(0, len(order) // 2 - 2)
    return {"best": order[:4], "median": order[middle : middle + 4], "worst": order[-4:][::-1]}


def _examples(
    comparison: Comparison, name: str, painted: dict[tuple[str, int], Samples]
) -> list[str]:
    errors = comparison.scores[name].values["CIEDE2000"]
    parts = [page.heading(f"{name}: best, median, worst")]
    for kind, numbers in shown(errors).items():
        figures = []
        for number in numbers:
            truth, samples = load(comparison.pictures[number]), painted[name, number]
            title = f"{kind}: {comparison.pictures[number].name}, CIEDE2000 {errors[number]:.1f}"
            figures += [
                page.compare(
                    _jpeg(samples),
                    _jpeg(truth),
                    f"{title}; left: painted, right: truth",
                    width=_WIDTH,
                ),
                page.picture(
                    _jpeg(heat(samples, truth)),
                    f"heat map of the error of {comparison.pictures[number].name}",
                    f"error, white from {_HOT:.0f}",
                    kind="jpeg",
                ),
            ]
        parts.append(page.row(figures, "heat"))
    return parts


def heat(painted: Samples, truth: Samples) -> Samples:
    """Draw CIEDE2000 between two pictures, (H, W, 3) uint8: black 0, over red to white."""
    lab = [srgb_to_lab(samples.astype(np.float32) / 255) for samples in (painted, truth)]
    share = np.clip(ciede2000(*lab) / _HOT, 0, 1)
    ramp = np.stack([share * 3, share * 3 - 1, share * 3 - 2], axis=-1)
    return np.asarray(np.clip(ramp, 0, 1) * 255).astype(np.uint8)


def _jpeg(samples: Samples) -> bytes:
    return encode_rgb(samples, ".jpg")


def _distributions(comparison: Comparison) -> bytes:
    names = list(comparison.sets)
    figure = Figure(figsize=(11, 0.6 + 0.5 * len(names)), layout="constrained")
    for axes, kind in zip(figure.subplots(1, 2), ("CIEDE2000", "colourfulness"), strict=True):
        values = [comparison.scores[name].values[kind] for name in names]
        axes.boxplot(values, orientation="horizontal", tick_labels=names, showfliers=False)
        axes.set_title(kind)
        axes.grid(alpha=0.3)
    file = io.BytesIO()
    figure.savefig(file, dpi=110)
    return file.getvalue()
