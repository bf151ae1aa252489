"""The ladder: Alpha, Beta, Full and Vivid on the same pictures, on one page."""

import io
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from photochrom import page, zoo
from photochrom.color import Samples, has_colour
from photochrom.errors import DataError, ImageError
from photochrom.evaluation.scores import Scores, ratio, score, to_grey
from photochrom.image import encode_rgb, find_pictures, load_rgb
from photochrom.inference import Colorizer
from photochrom.training.loop import Progress
from photochrom.training.run import export_run, load_config, train

RUNGS = {
    "alpha": "Learns the colours of one picture by heart: eight channels wide, a few seconds an "
    "epoch. It paints that picture back; on any other it lays the colours of the first over "
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


@dataclass(frozen=True)
class Climb:
    """What the ladder came to."""

    page: Path
    scores: dict[str, Scores]
    """By rung, and of "grey" and "truth", over the pictures that have colours; may be empty."""


def climb(
    data: Path,
    out: Path,
    photos: Path | None,
    report: Callable[[str], None] = lambda line: None,
    progress: Callable[[Progress], None] = lambda progress: None,
) -> Climb:
    """Colour the pictures of `data` with every rung and write `out`/ladder.html.

    A rung's model is `out`/RUNG/model.onnx when it is there, else the one that comes with
    Photochrom, else it is trained: Alpha on the first picture of `data` that has colours, the
    others on `photos`. Raises `DataError` when a rung must be trained and there is nothing to train
    it on.
    """
    paths = find_pictures(data)
    models = {rung: Colorizer(_model(rung, paths, out, photos, report, progress)) for rung in RUNGS}
    scores = {name: Scores(name) for name in ("grey", *RUNGS, "truth")}
    rows: list[str] = []
    for path in paths:
        try:
            truth = load_rgb(path, _SIDE)
        except ImageError as error:
            report(f"skipped: {error}")
            continue
        painted, seconds = _paint(truth, models)
        coloured = has_colour(truth / np.float32(255))
        if coloured:
            for name, samples in {**painted, "truth": truth}.items():
                scores[name].add(score(samples, truth), seconds.get(name, 0.0))
        if len(rows) < _SHOWN:
            rows.append(_row(path.name, painted, truth if coloured else None))
    if not rows:
        raise DataError(f"none of the pictures in {data} can be read")
    target = out / "ladder.html"
    target.write_text(page.page("The ladder", _parts(models, scores, rows)), encoding="utf-8")
    return Climb(target, scores if scores["truth"].values else {})


def _model(
    rung: str,
    paths: list[Path],
    out: Path,
    photos: Path | None,
    report: Callable[[str], None],
    progress: Callable[[Progress], None],
) -> str | Path:
    trained = out / rung / "model.onnx"
    if trained.exists():
        return trained
    if rung in zoo.names():
        return rung
    config = Path("configs") / f"{rung}.toml"
    data = _first_coloured(paths) if rung == "alpha" else photos
    if data is None:
        raise DataError(f"no model of {rung}: name photographs to train it on with --photos")
    report(f"training {rung} ({config}) in {out / rung}")
    train(load_config(config), data, out / rung, report=progress)
    return export_run(out / rung, data)[0]


def _first_coloured(paths: list[Path]) -> Path:
    """Find what Alpha can learn from; the first picture if there is none, for the error to name."""
    for path in paths:
        with suppress(ImageError):  # those that cannot be read are named where they are skipped
            if has_colour(load_rgb(path, _SIDE) / np.float32(255)):
                return path
    return paths[0]


def _paint(
    truth: Samples, models: dict[str, Colorizer]
) -> tuple[dict[str, Samples], dict[str, float]]:
    """Give the grey picture and every rung's, (H, W, 3) uint8, and the seconds of each rung."""
    grey = to_grey(truth)
    painted: dict[str, Samples] = {"grey": np.repeat(grey[..., None], 3, axis=2)}
    seconds = {}
    for rung, colorizer in models.items():
        start = time.perf_counter()
        painted[rung] = colorizer.colorize(grey)
        seconds[rung] = time.perf_counter() - start
    return painted, seconds


def _row(name: str, painted: dict[str, Samples], truth: Samples | None) -> str:
    shown = painted if truth is None else {**painted, "truth": truth}
    jpegs = {kind: encode_rgb(samples, ".jpg") for kind, samples in shown.items()}
    width = min(_WIDTH, painted["grey"].shape[1])
    sliders = [
        page.compare(jpegs[kind], jpegs["grey"], f"{name}: {kind}", width=width)
        for kind in jpegs
        if kind != "grey"
    ]
    return page.row(sliders)


def _parts(models: dict[str, Colorizer], scores: dict[str, Scores], rows: list[str]) -> list[str]:
    parts = [
        page.paragraph(
            "Four networks colour the same pictures from their lightness. Each slider uncovers "
            "the grey picture that the network was given."
        )
    ]
    parts += [page.heading("What changed from rung to rung")]
    parts += [page.paragraph(f"{rung.capitalize()}. {text}") for rung, text in RUNGS.items()]
    if scores["truth"].values:
        parts += [page.heading("The figures"), _table(models, scores)]
        parts += [
            page.paragraph(
                "Means over the pictures that have colours. CIEDE2000: lower is nearer; PSNR in "
                "dB and SSIM: higher is nearer; colourfulness (Hasler and Suesstrunk) as a share "
                "of the truth's; time of a whole picture on this machine. Alpha learnt one of "
                "these pictures, so its figures say little.",
                soft=True,
            )
        ]
    curves = {rung: model.info["curve"] for rung, model in models.items() if "curve" in model.info}
    if curves:
        parts += [page.heading("How they learnt"), _curves(curves)]
    return [*parts, page.heading("The pictures"), *rows]


def _table(models: dict[str, Colorizer], scores: dict[str, Scores]) -> str:
    head = ("", "CIEDE2000", "PSNR", "SSIM", "colourfulness", "parameters", "ms a picture")
    lines = []
    for name, one in scores.items():
        colour = f"{ratio(one, scores['truth'], 'colourfulness'):.0%}"
        near = [
            f"{one.mean('CIEDE2000'):.2f}",
            f"{one.mean('PSNR'):.2f}",
            f"{one.mean('SSIM'):.3f}",
        ]
        if name not in models:
            lines.append((name, *(near if name == "grey" else ["", "", ""]), colour, "", ""))
            continue
        size = f"{int(models[name].info.get('parameters', 0)) / 1e6:.2f} M"
        lines.append((name, *near, colour, size, f"{np.median(one.milliseconds):.0f}"))
    return page.table(head, lines)


def _curves(curves: dict[str, Any]) -> str:
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for rung, points in curves.items():
        passes, error, colour = np.array(points, float).T
        left.plot(passes, error, marker=".", label=rung)
        right.plot(passes, colour, marker=".", label=rung)
    left.set(title="CIEDE2000, as a share of the grey picture's", xlabel="pictures seen")
    right.set(title="colourfulness, as a share of the truth's", xlabel="pictures seen")
    for axes in (left, right):
        axes.set_xscale("log")
        axes.grid(alpha=0.3)
        axes.legend()
    file = io.BytesIO()
    figure.savefig(file, dpi=110)
    return page.picture(file.getvalue(), "validation curves of the rungs side by side")
