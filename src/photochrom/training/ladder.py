"""The ladder: Alpha, Beta, Full and Vivid on the same pictures, on one page."""

import io
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import skimage.data
from matplotlib.figure import Figure

from photochrom import html
from photochrom.color.spaces import Samples
from photochrom.color.toning import has_color
from photochrom.errors import DataError, ImageError
from photochrom.evaluation.scores import Scores, ratio, score, to_grey
from photochrom.image import encode_rgb, find_pictures, load_rgb, save_rgb
from photochrom.inference import zoo
from photochrom.inference.colorizer import Colorizer
from photochrom.training.data.sources import find_photos
from photochrom.training.loop import Progress
from photochrom.training.run import export_run, load_config, train

RUNGS = {
    "alpha": "Learns the colours of one picture by heart, in minutes, with 33 thousand weights. "
    "It paints that picture back; on any other it lays the colours of the first over "
    "places of like lightness, because that is all it knows.",
    "beta": "The same idea with 64 to 512 channels and thousands of photographs, trained for the "
    "smallest mean squared error. Where a thing might be red or blue that error is least at the "
    "colour between, so Beta begins brown and stays pale.",
    "full": "Beta's encoder-decoder is told by a classifier what the picture shows, and large "
    "errors count less than squared, so that a doubt is decided and not averaged. It knows a beach "
    "from a kitchen and skin from stone; what the classifier has no word for stays pale.",
    "vivid": "A pretrained encoder with skip connections predicts how likely each of some 300 "
    "colours is, at every place, instead of one colour. Their mean is painted, drawn towards the "
    "likeliest; --vividness sets with how much chroma.",
}
"""What changed from rung to rung, and why it looks so."""

_SIDE = 256  # pixels: the short side at which pictures are compared
_WIDTH = 212  # pixels: five sliders stand side by side on a wide screen
_SHOWN = 16  # pictures on the page
_NO_ALPHA = "alpha is left out: it learns from a picture with colours, and all are grey"
_PHOTOGRAPHS = ("astronaut", "coffee", "chelsea")  # of scikit-image, free to show


@dataclass(frozen=True)
class Climb:
    """What the ladder came to."""

    page: Path
    scores: dict[str, Scores]
    """By rung, and of "grey" and "truth", over the pictures with colours; empty without any."""


def climb(
    data: Path | None,
    out: Path,
    photos: Path | None,
    report: Callable[[str], None] = lambda line: None,
    progress: Callable[[Progress], None] = lambda progress: None,
) -> Climb:
    """Colour the pictures of `data` with every rung and write `out`/ladder.html.

    Without `data`, they are three photographs that come with scikit-image. A rung's model is
    `out`/RUNG/model.onnx when it is there, else the one that comes with Photochrom. Alpha is
    trained on the first picture that has colours; without one it is left out, and `report` and the
    page say so. With `photos`, Beta and Full are trained on them instead of those that come along.
    """
    paths = find_pictures(data or _photographs(out / "pictures"))
    models, missing = _models(paths, out, photos, report, progress)
    scores, rows = _compare(paths, models, report)
    if not rows:
        raise DataError(f"none of the pictures in {data} can be read; name others")
    target = out / "ladder.html"
    sections = _sections(models, missing, scores, rows)
    target.write_text(html.page("The ladder", sections), encoding="utf-8")
    return Climb(target, scores)


def _photographs(directory: Path) -> Path:
    """Write the photographs that the ladder shows when it is given none."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in _PHOTOGRAPHS:
        save_rgb(getattr(skimage.data, name)(), directory / f"{name}.png")
    return directory


def _models(
    paths: list[Path],
    out: Path,
    photos: Path | None,
    report: Callable[[str], None],
    progress: Callable[[Progress], None],
) -> tuple[dict[str, Colorizer], list[str]]:
    """Load or train every rung; the second are sentences on those that cannot be had."""
    lessons = {"alpha": _first_in_color(paths), "beta": photos, "full": photos}
    found: dict[str, str | Path] = {rung: rung for rung in RUNGS if rung in zoo.shipped_names()}
    found |= {rung: path for rung in RUNGS if (path := out / rung / "model.onnx").exists()}
    wanted = {
        rung: lesson for rung, lesson in lessons.items() if lesson and found.get(rung, rung) == rung
    }
    for lesson in wanted.values():
        find_photos(lesson)  # a wrong --photos is named before Alpha has learnt for minutes
    for rung, lesson in wanted.items():
        found[rung] = _train(rung, lesson, out, report, progress)
    missing = [] if "alpha" in found else [_NO_ALPHA]
    for sentence in missing:
        report(sentence)
    return {rung: Colorizer(found[rung]) for rung in RUNGS if rung in found}, missing


def _first_in_color(paths: list[Path]) -> Path | None:
    """Find what Alpha can learn from."""
    for path in paths:
        with suppress(ImageError):  # those that cannot be read are named where they are skipped
            if has_color(load_rgb(path, _SIDE) / np.float32(255)):
                return path
    return None


def _train(
    rung: str,
    data: Path,
    out: Path,
    report: Callable[[str], None],
    progress: Callable[[Progress], None],
) -> Path:
    report(f"training {rung} on {data} in {out / rung}")
    train(load_config(Path(rung)), data, out / rung, report=progress)
    return export_run(out / rung, data)[0]


def _compare(
    paths: list[Path], models: dict[str, Colorizer], report: Callable[[str], None]
) -> tuple[dict[str, Scores], list[str]]:
    """Score the pictures that have colours, if any, and lay the first ones out."""
    scores: dict[str, Scores] = {}
    rows: list[str] = []
    for path in paths:
        try:
            truth = load_rgb(path, _SIDE)
        except ImageError as error:
            report(f"skipped: {error}")
            continue
        colorized, seconds = _colorize(truth, models)
        in_color = has_color(truth / np.float32(255))
        if in_color:
            for name, samples in {**colorized, "truth": truth}.items():
                one = scores.setdefault(name, Scores(name))
                one.add(score(samples, truth), seconds.get(name, 0.0))
        if len(rows) < _SHOWN:
            rows.append(_row(path.name, colorized, truth if in_color else None))
    return scores, rows


def _colorize(
    truth: Samples, models: dict[str, Colorizer]
) -> tuple[dict[str, Samples], dict[str, float]]:
    """Give the grey picture and every rung's, (H, W, 3) uint8, and the seconds of each rung."""
    grey = to_grey(truth)
    colorized: dict[str, Samples] = {"grey": np.repeat(grey[..., None], 3, axis=2)}
    seconds = {}
    for rung, colorizer in models.items():
        start = time.perf_counter()
        colorized[rung] = colorizer.colorize(grey)
        seconds[rung] = time.perf_counter() - start
    return colorized, seconds


def _row(name: str, colorized: dict[str, Samples], truth: Samples | None) -> str:
    shown = colorized if truth is None else {**colorized, "truth": truth}
    jpegs = {label: encode_rgb(samples, ".jpg") for label, samples in shown.items()}
    width = min(_WIDTH, colorized["grey"].shape[1])
    sliders = [
        html.compare(jpegs[label], jpegs["grey"], f"{name}: {label}", width=width)
        for label in jpegs
        if label != "grey"
    ]
    return html.row(sliders)


def _sections(
    models: dict[str, Colorizer], missing: list[str], scores: dict[str, Scores], rows: list[str]
) -> list[str]:
    sections = [
        html.paragraph(
            "Networks, each an answer to what the one before could not do, colour the same "
            "pictures from their lightness. Each slider uncovers the grey picture that the network "
            "was given."
        )
    ]
    sections += [html.heading("What changed from rung to rung")]
    sections += [html.paragraph(f"{rung.capitalize()}. {text}") for rung, text in RUNGS.items()]
    sections += [html.paragraph(f"{line[0].upper()}{line[1:]}.", soft=True) for line in missing]
    if scores:
        sections += [html.heading("The figures"), _table(models, scores)]
        sections += [
            html.paragraph(
                "Means over the pictures that have colours. CIEDE2000: lower is nearer; PSNR in "
                "dB and SSIM: higher is nearer; colourfulness (Hasler and Suesstrunk) as a share "
                "of the truth's; time of a whole picture on this machine. Alpha learnt one of "
                "these pictures, so its figures say little.",
                soft=True,
            )
        ]
    curves = {rung: model.info["curve"] for rung, model in models.items() if "curve" in model.info}
    if curves:
        sections += [html.heading("How they learnt"), _curves(curves)]
    return [*sections, html.heading("The pictures"), *rows]


def _table(models: dict[str, Colorizer], scores: dict[str, Scores]) -> str:
    head = ("", "CIEDE2000", "PSNR", "SSIM", "colourfulness", "parameters", "ms a picture")
    lines = []
    for name, one in scores.items():
        color = f"{ratio(one, scores['truth'], 'colourfulness'):.0%}"
        near = [
            f"{one.mean('CIEDE2000'):.2f}",
            f"{one.mean('PSNR'):.2f}",
            f"{one.mean('SSIM'):.3f}",
        ]
        if name not in models:
            lines.append((name, *(near if name == "grey" else ["", "", ""]), color, "", ""))
            continue
        size = f"{int(models[name].info.get('parameters', 0)) / 1e6:.2f} M"
        lines.append((name, *near, color, size, f"{np.median(one.milliseconds):.0f}"))
    return html.table(head, lines)


def _curves(curves: dict[str, Any]) -> str:
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for rung, points in curves.items():
        samples_seen, error, color = np.array(points, float).T
        left.plot(samples_seen, error, marker=".", label=rung)
        right.plot(samples_seen, color, marker=".", label=rung)
    left.set(title="CIEDE2000, as a share of the grey picture's", xlabel="pictures seen")
    right.set(title="colourfulness, as a share of the truth's", xlabel="pictures seen")
    for axes in (left, right):
        axes.set_xscale("log")
        axes.grid(alpha=0.3)
        axes.legend()
    file = io.BytesIO()
    figure.savefig(file, dpi=110)
    return html.picture(file.getvalue(), "validation curves of the rungs side by side")
