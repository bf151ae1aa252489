"""`photochrom evaluate`."""

from pathlib import Path
from typing import Any

import click

from photochrom.cli import options as shared
from photochrom.cli.help import DATA, OTHER, OUTPUT, Command, option
from photochrom.cli.messages import in_flags
from photochrom.cli.options import DIRECTORY, FILE, require


@click.command(cls=Command)
@click.argument("models", nargs=-1)
@option(
    "--data",
    required=True,
    type=FILE,
    metavar="FOLDER",
    group=DATA,
    help="Compare with the pictures of this folder, which have colours.",
)
@option(
    "--outputs",
    multiple=True,
    type=FILE,
    metavar="FOLDER",
    group=DATA,
    help="Score what another program made of them, too. Repeat it for more programs.",
)
@option(
    "-o",
    "--out",
    type=DIRECTORY,
    metavar="FOLDER",
    group=OUTPUT,
    help="Write report.html and .json into this folder; with --hints, hints.html and .json.",
)
@shared.quality
@option(
    "--hints", is_flag=True, group=OTHER, help="Score how well MODELS follow hints, and no more."
)
@option(
    "--true-palette",
    is_flag=True,
    group=OTHER,
    help="Score MODELS once more when they are given the palette of each true picture.",
)
@option(
    "--download",
    is_flag=True,
    group=OTHER,
    help="Fetch the weights of LPIPS and FID, 324 MB, if they are not on this machine.",
)
def command(
    models: tuple[str, ...],
    data: Path,
    outputs: tuple[Path, ...],
    out: Path | None,
    quality: str,
    hints: bool,
    true_palette: bool,
    download: bool,
) -> None:
    """Colour the pictures of a folder again with MODELS, and score them.

    MODELS are names or .onnx files, with a vividness after @ if wanted. Two lines
    that do nothing stand beside them: grey, and the mean colour of the training
    pictures. The figures Frechet-Lite2, LPIPS and FID need the extra train.

    \b
    Examples:
      photochrom evaluate vivid vivid@0 vivid@1 beta --data photos/val
      photochrom evaluate vivid --data val/ --outputs deoldify/ --out report/
      photochrom evaluate vivid --data val/ --hints
      photochrom evaluate vivid --data val/ --true-palette
    """
    require("evaluate")
    from photochrom.cli.progress import progress
    from photochrom.evaluation import compare, report
    from photochrom.evaluation.candidates import parse
    from photochrom.evaluation.memory import peak_memory
    from photochrom.image import find_pictures

    if not models and not outputs:
        raise click.UsageError("there is nothing to evaluate; name models, or give --outputs")
    pictures = find_pictures(data)
    if hints:
        if outputs:
            raise click.UsageError("--hints goes with models; leave --outputs out")
        _hint_response(models, quality, pictures, out)
        return
    candidates_ = _candidates(models, quality, true_palette, outputs, data, pictures)
    with progress("Evaluating", len(pictures)) as bar:
        result = compare.compare(
            candidates_, pictures, lambda done, of: bar.update(1), download=download
        )
    peaks = {model: peak_memory(parse(model)[0], pictures[0]) for model in models}
    result.memory = {model: peak for model, peak in peaks.items() if peak is not None}
    result.sets = {
        name: {key: in_flags(one) if isinstance(one, str) else one for key, one in row.items()}
        for name, row in result.sets.items()
    }
    for line in _text(result):
        click.echo(line)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        result.write_json(out / "report.json")
        click.echo(str(report.write(result, candidates_, out)))


def _hint_response(
    models: tuple[str, ...], quality: str, pictures: list[Path], out: Path | None
) -> None:
    """Score how models follow hints: points of the truth, one saturated hint, recoloured things."""
    from photochrom.cli.progress import progress
    from photochrom.evaluation import hint_report, thing_hints
    from photochrom.evaluation.candidates import parse
    from photochrom.inference.colorizer import Colorizer

    colorizers = {model: Colorizer(parse(model)[0]) for model in models}
    things = thing_hints.recolored_things(pictures)
    with progress("Evaluating", len(models) * (2 * len(pictures) + len(things))) as bar:
        reports = [
            hint_report.measure(
                model,
                colorizer,
                pictures,
                things,
                vividness=parse(model)[1],
                quality=quality,
                on_progress=lambda: bar.update(1),
            )
            for model, colorizer in colorizers.items()
        ]
    for line in hint_report.text(reports):
        click.echo(line)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        click.echo(str(hint_report.write(reports, out)))


def _candidates(
    models: tuple[str, ...],
    quality: str,
    true_palette: bool,
    outputs: tuple[Path, ...],
    data: Path,
    pictures: list[Path],
) -> Any:
    """Give who paints by the name of its line: the mean colour first, of the first that knows."""
    from photochrom.evaluation import candidates
    from photochrom.evaluation.compare import DO_NOTHING
    from photochrom.inference import zoo
    from photochrom.inference.colorizer import Colorizer

    colorizers = {model: Colorizer(candidates.parse(model)[0]) for model in models}
    means = [one.info.get("training", {}).get("mean_ab") for one in colorizers.values()]
    mean = next(filter(None, means), None) or Colorizer(zoo.DEFAULT).info["training"]["mean_ab"]
    found = {DO_NOTHING[1]: candidates.constant_candidate(tuple(mean))}
    for model, colorizer in colorizers.items():
        vividness = candidates.parse(model)[1]
        chosen = {"vividness": vividness, "quality": quality}
        found[model] = candidates.model_candidate(colorizer, **chosen)
        if true_palette:
            found[f"{model}, true palette"] = candidates.palette_candidate(colorizer, **chosen)
    for directory in outputs:
        name = str(directory)
        while name in (*found, *DO_NOTHING, "truth"):
            name = f"./{name}"
        found[name] = candidates.outputs_candidate(directory, data, pictures)
    return found


def _text(result: Any) -> list[str]:
    """Lay the figures out for a terminal: a line each, a column a colorizer."""
    from photochrom.evaluation import report

    head, lines = report.table(result)
    wide = [max(len(line[0]), *(len(cell) for cell in line[1:])) for line in lines]
    text = [" " * 24 + "  ".join(line[0].rjust(w) for line, w in zip(lines, wide, strict=True))]
    for to_path, name in enumerate(head[1:], 1):
        cells = (line[to_path].rjust(w) for line, w in zip(lines, wide, strict=True))
        text.append(f"{name:24}" + "  ".join(cells))
    return [*text, *report.reasons(result)]
