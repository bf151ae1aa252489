"""`photochrom site`."""

from pathlib import Path

import click

from photochrom.cli import options as shared
from photochrom.cli.help import OTHER, Command, option
from photochrom.cli.options import DIRECTORY


@click.command(cls=Command)
@click.argument("out", type=DIRECTORY)
@shared.model
@option(
    "--runtime",
    type=DIRECTORY,
    metavar="DIR",
    show_default="fetched from npm",
    group=OTHER,
    help="Take the files of ONNX Runtime Web from this folder, offline.",
)
def command(out: Path, model: str, runtime: Path | None) -> None:
    """Write a page into the folder OUT that colours photos in the browser alone.

    Put the folder on any host. Photos never leave the device on which the page is
    opened, and it works offline once it was loaded.

    \b
    Examples:
      photochrom site public/
      photochrom site public/ --runtime package/dist
      python -m http.server -d public/
    """
    from photochrom.web.site import make

    files = make(out, model, runtime)
    size = sum(path.stat().st_size for path in files)
    click.echo(f"{click.format_filename(str(out))}: {len(files)} files, {size / 1e6:.1f} MB")
