"""`photochrom info`."""

import json
from pathlib import Path

import click

from photochrom.film import is_film, open_film


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> None:
    """Tell what FILE, a picture, a film or an .onnx model, holds.

    \b
    Examples:
      photochrom info grandma.jpg
      photochrom info mine.onnx
    """
    if file.suffix == ".onnx":
        from photochrom.model import Model

        click.echo(json.dumps(Model(file, threads=1).info, indent=2))
        return
    if is_film(file):
        film = open_film(file)
        count = f"{film.length} frames, " if film.length else ""
        told = ", interlaced" if film.is_interlaced else ""
        rate = f"{float(film.rate):.4g} a second"
        click.echo(f"{film.width} x {film.height} pixels, {count}{rate}, {film.bits} bits{told}")
        return
    from photochrom.image import Picture

    picture = Picture(file, page=0)
    alpha = ", with alpha" if picture.has_alpha else ""
    pages = f"{picture.pages} pages, the first of " if picture.pages > 1 else ""
    click.echo(f"{pages}{picture.width} x {picture.height} pixels, {picture.bits} bits{alpha}")
