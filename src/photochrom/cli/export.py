"""`photochrom export`."""

from pathlib import Path

import click

from photochrom.cli.help import DATA, OUTPUT, Command, option
from photochrom.cli.options import FILE, require

_MODEL, _WEIGHTS = "Model", "Weights"  # groups of options


@click.command(cls=Command)
@click.argument("run", type=FILE)
@option(
    "-o",
    "--out",
    type=FILE,
    metavar="FILE",
    show_default="RUN/model.onnx",
    group=OUTPUT,
    help="Write to this file.",
)
@option(
    "--data",
    required=True,
    metavar="DATA",
    group=DATA,
    help="Check the model on these pictures: those of the training, or like them.",
)
@option(
    "--size",
    type=click.IntRange(32, 2048),
    metavar="PIXELS",
    show_default="the run's",
    group=_MODEL,
    help="Let pictures be shown to it with this short side, 32 to 2048.",
)
@option(
    "--vividness",
    type=click.FloatRange(0, 1),
    metavar="NUMBER",
    show_default="the run's",
    group=_MODEL,
    help="Let this be its vividness, 0 to 1, where none is asked for.",
)
@option("--version", metavar="TEXT", group=_MODEL, help="Let it call itself by this version.")
@option(
    "--bits",
    type=click.Choice(["8", "16"]),
    show_default="the run's",
    group=_WEIGHTS,
    help="Store large weights in so many bits.",
)
@option(
    "--recalibrate",
    "--settle",
    "recalibrate",
    type=click.IntRange(0),
    metavar="CROPS",
    group=_WEIGHTS,
    help="Measure batch normalization anew on so many crops of the pictures.",
)
@option(
    "--blend",
    type=FILE,
    metavar="RUN",
    group=_WEIGHTS,
    help="Take the mean of the weights with those of this run.",
)
@option(
    "--share",
    type=click.FloatRange(0, 1),
    metavar="NUMBER",
    default=0.5,
    show_default=True,
    group=_WEIGHTS,
    help="Let the other run have this share of the mean, 0 to 1.",
)
def command(
    run: Path,
    data: str,
    out: Path | None,
    size: int | None,
    vividness: float | None,
    bits: str | None,
    recalibrate: int | None,
    version: str | None,
    blend: Path | None,
    share: float,
) -> None:
    """Write the model of the training run RUN as one .onnx file, checked against torch.

    With --blend, its weights are the mean of two runs that began from one model,
    which is often better than either.

    \b
    Examples:
      photochrom export runs/vivid --data photos/ -o mine.onnx
      photochrom export runs/fine --blend runs/vivid --share 0.6 --data photos/
    """
    require("train")
    from photochrom.training.run import export_run

    given: dict[str, object] = {
        "size": size,
        "vividness": vividness,
        "bits": int(bits) if bits else None,
        "settle": recalibrate,
        "version": version,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    path, difference = export_run(
        run, data, None, out, (blend, share) if blend else None, **changes
    )
    click.echo(f"{path} (at most {difference:.2f} Lab units from torch)")
