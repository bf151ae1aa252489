"""`photochrom uncertainty`."""

from pathlib import Path
from typing import Any

import click

from photochrom.cli import options as shared


@click.command()
@click.argument("picture", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Picture to write.")
@shared.model
@shared.vividness
@shared.size
@shared.hint
@click.option("--overwrite", is_flag=True, help="Replace an output that exists.")
def command(
    picture: Path,
    out: Path | None,
    model: str,
    hint: tuple[str, ...],
    overwrite: bool,
    **options: Any,
) -> None:
    """Show where the colours of PICTURE are in doubt: the redder, the more.

    Without -o, x.jpg becomes x-uncertainty.jpg beside it. Places in doubt are
    listed, one of each kind of thing, with the error that the model expects there, in
    Lab units, and colours that it may well have, for `photochrom colorize --hint`.

    \b
    Examples:
      photochrom uncertainty grandma.jpg
      photochrom uncertainty grandma.jpg --hint 310,420,#2c4a7c
    """
    from photochrom.batch.plan import Job, Naming, checked
    from photochrom.guidance.hints import parse
    from photochrom.inference.colorizer import Colorizer

    target = out or Naming().target(picture, "-uncertainty")
    checked([Job(picture, target)])
    hints = [parse(text) for text in hint]
    found = Colorizer(model).uncertainty(picture, hints=hints, **options)
    found.shown.save(target, overwrite=overwrite)
    click.echo(click.format_filename(str(target)))
    for to_path in found.points:
        at = f"{to_path.x:g},{to_path.y:g}"
        click.echo(f"{at:<13} ±{to_path.uncertainty:<3.0f} {' '.join(to_path.colors)}")
