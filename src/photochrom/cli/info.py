"""`photochrom info`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.cli.help import OUTPUT, Command, option
from photochrom.cli.options import FILE
from photochrom.errors import ImageError
from photochrom.video import is_film, open_film

if TYPE_CHECKING:
    from photochrom.video.reader import Film


@click.command(cls=Command)
@click.argument("file", type=FILE)
@option(
    "--still",
    type=FILE,
    metavar="FILE",
    group=OUTPUT,
    help="Write the frame that a film's hints are set on, as .png or .jpg.",
)
def command(file: Path, still: Path | None) -> None:
    """Tell what FILE, a picture, a film or an .onnx model, holds.

    \b
    Examples:
      photochrom info grandma.jpg
      photochrom info holiday.mp4 --still still.png
      photochrom info mine.onnx
    """
    if still and not is_film(file):
        raise click.UsageError("--still is for films")
    if file.suffix == ".onnx":
        from photochrom.inference.model import Model

        click.echo(json.dumps(Model(file, threads=1).info, indent=2))
        return
    if is_film(file):
        film = open_film(file)
        count = f"{film.length} frames, " if film.length else ""
        interlaced = ", interlaced" if film.is_interlaced else ""
        rate = f"{float(film.rate):.4g} a second"
        click.echo(
            f"{film.width} x {film.height} pixels, {count}{rate}, {film.bits} bits{interlaced}"
        )
        if still:
            _write_still(film, still)
        return
    from photochrom.image import Picture

    picture = Picture(file, page=0)
    alpha = ", with alpha" if picture.has_alpha else ""
    pages = f"{picture.pages} pages, the first of " if picture.pages > 1 else ""
    click.echo(f"{pages}{picture.width} x {picture.height} pixels, {picture.bits} bits{alpha}")


def _write_still(film: "Film", target: Path) -> None:
    from photochrom.image import save_rgb

    if target.suffix.lower() not in (".png", ".jpg"):
        raise ImageError(f"{target}: a still is written as .png or .jpg; name it so")
    if target.exists():
        raise ImageError(f"{target}: exists already; choose another name")
    try:
        save_rgb(film.still(min(film.width, film.height)), target)
    except OSError as error:
        raise ImageError(f"{target}: cannot be written ({error.strerror})") from error
