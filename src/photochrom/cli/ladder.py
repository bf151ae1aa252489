"""`photochrom ladder`."""

from pathlib import Path

import click

from photochrom.cli.help import DATA, OUTPUT, Command, option
from photochrom.cli.options import DIRECTORY, FILE, require
from photochrom.cli.train import show


@click.command(cls=Command)
@option(
    "--data",
    type=FILE,
    metavar="FOLDER",
    show_default="three that come along",
    group=DATA,
    help="Colour and compare these pictures.",
)
@option(
    "--photos",
    type=FILE,
    metavar="FOLDER",
    group=DATA,
    help="Train Beta and Full on these photographs, where they have no run yet.",
)
@option(
    "-o",
    "--out",
    type=DIRECTORY,
    metavar="FOLDER",
    default=Path("runs/ladder"),
    show_default=True,
    group=OUTPUT,
    help="Keep the page and the runs in this folder.",
)
def command(data: Path | None, out: Path, photos: Path | None) -> None:
    """Colour pictures with Alpha, Beta, Full and Vivid, and compare them on a page.

    A rung that has a run in OUT (OUT/beta/model.onnx) is taken from there, else
    the one that comes with Photochrom. Alpha is trained on the first picture with
    colours, and left out if all are grey. Grey pictures have no figures.

    \b
    Examples:
      photochrom ladder
      photochrom ladder --data holiday/ --photos photos/
    """
    require("train")
    from photochrom.evaluation.scores import ratio
    from photochrom.training.ladder import climb

    out.mkdir(parents=True, exist_ok=True)
    result = climb(data, out, photos, click.echo, show)
    for name, one in result.scores.items():
        if name == "truth":
            continue
        color = ratio(one, result.scores["truth"], "colourfulness")
        figures = f"CIEDE2000 {one.mean('CIEDE2000'):5.2f}  PSNR {one.mean('PSNR'):5.2f}"
        click.echo(f"{name:6}  {figures}  colourfulness {color:4.0%}")
    click.echo(str(result.page))
