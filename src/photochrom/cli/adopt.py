"""`photochrom adopt`."""

from pathlib import Path

import click

from photochrom.cli.help import OUTPUT, Command, option
from photochrom.cli.options import FILE, require
from photochrom.inference.families import FAMILIES, VALUES

_NETWORK = "Network"  # a group of options


@click.command(cls=Command)
@click.argument("file", type=FILE, metavar="FILE.onnx")
@option(
    "--kind",
    "family",
    type=click.Choice(list(FAMILIES)),
    required=True,
    metavar="KIND",
    group=_NETWORK,
    help=f"Say what the network is: {', '.join(FAMILIES)}.",
)
@option(
    "--licence",
    "--license",
    "licence",
    metavar="TEXT",
    required=True,
    group=OUTPUT,
    help="State the licence of the weights, as their authors publish it.",
)
@option(
    "--name",
    metavar="NAME",
    default="",
    show_default="the file's",
    group=OUTPUT,
    help="Call the model by this name.",
)
@option("--overwrite", is_flag=True, group=OUTPUT, help="Replace an adopted model of the name.")
@option(
    "--range",
    "values",
    type=click.Choice(list(VALUES)),
    metavar="RANGE",
    show_default="the kind's",
    group=_NETWORK,
    help=f"Say in which range it has RGB: {', '.join(VALUES)}.",
)
@option(
    "--scale",
    type=float,
    metavar="NUMBER",
    default=1.0,
    show_default=True,
    group=_NETWORK,
    help="Multiply its ab by this, such as 110, to have Lab units.",
)
@option(
    "--size",
    type=click.IntRange(32, 2048),
    metavar="PIXELS",
    show_default="the file's or the kind's",
    group=_NETWORK,
    help="Let pictures be shown to it with this short side, 32 to 2048.",
)
def command(
    file: Path,
    family: str,
    licence: str,
    name: str,
    overwrite: bool,
    values: str | None,
    scale: float,
    size: int | None,
) -> None:
    """Make a model of FILE.onnx, a colorizer that others published.

    The layers before and after the network are added, grey pictures are shown to
    it, and it is kept on this machine. Every command then takes it with -m NAME.

    \b
    Examples:
      photochrom adopt ddcolor.onnx --kind ddcolor --licence Apache-2.0
      photochrom colorize grandma.jpg -m ddcolor
      photochrom models --remove ddcolor
    """
    require("adopt")
    from photochrom.inference.adoption import Adoption, adopt

    how = Adoption(family, licence, name, values or "", scale, size)
    adopted = adopt(file, how, overwrite=overwrite)
    for title, text in adopted.found.items():
        click.echo(f"{title}: {text}")
    click.echo(f"use it with: -m {adopted.name}")
