"""`photochrom uncertainty`."""

from pathlib import Path
from typing import Any

import click

from photochrom.cli import options as shared
from photochrom.cli.help import OUTPUT, Command, option


@click.command(cls=Command)
@click.argument("picture", type=shared.FILE)
@option(
    "-o", "--out", type=shared.FILE, metavar="FILE", group=OUTPUT, help="Write to this picture."
)
@shared.overwrite
@shared.model
@shared.vividness
@shared.size
@shared.device
@shared.hint
def command(
    picture: Path,
    out: Path | None,
    model: str,
    hint: tuple[str, ...],
    overwrite: bool,
    device: str,
    **options: Any,
) -> None:
    """Show where the colours of PICTURE are uncertain: the redder, the less certain.

    Without -o, x.jpg becomes x-uncertainty.jpg beside it. Uncertain points are
    listed, one of each kind of thing, with the error that the model expects there, in
    Lab units, and colours that are likely there, for `photochrom colorize --hint`.

    \b
    Examples:
      photochrom uncertainty grandma.jpg
      photochrom uncertainty grandma.jpg --hint 310,420,#2c4a7c
    """
    from photochrom.batch.naming import Job, Naming
    from photochrom.batch.plan import checked
    from photochrom.guidance.hints import parse
    from photochrom.inference.colorizer import Colorizer

    target = out or Naming(suffix="-uncertainty").beside(picture)
    checked([Job(picture, target)])
    hints = [parse(text) for text in hint]
    found = Colorizer(model, device=device).uncertainty(picture, hints=hints, **options)
    found.shown.save(target, overwrite=overwrite)
    click.echo(click.format_filename(str(target)))
    for point in found.points:
        at = f"{point.x:g},{point.y:g}"
        click.echo(f"{at:<13} ±{point.uncertainty:<3.0f} {' '.join(point.colors)}")
