"""One picture through a pipe: "-" stands for standard input, and for standard output."""

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from photochrom.storage import is_remote, named, spool

if TYPE_CHECKING:
    from photochrom.image import SaveOptions
    from photochrom.inference.colorizer import AnyColorized, Colorizer
    from photochrom.inference.options import ColorizeOptions

STANDARD = Path("-")
_TAKEN = {"pictures", "out", "overwrite", "extension", "model", "vividness", "size", "quality"}
_TAKEN |= {"device", "threads", "strength", "tone", "note", "profile", "pyramid", "jpeg_quality"}
_TAKEN |= {
    "hint",
    "hints",
    "hint_layer",
    "project",
    "reference",
    "reference_strength",
    "palette",
    "warmth",
    "quiet",
    "sign",
    "allow_damaged",
}
"""Parameters of the command that a pipe takes; the others are for many pictures."""


def check(pictures: tuple[Path, ...]) -> None:
    """Raise `click.UsageError` for what does not go with a pipe."""
    if len(pictures) > 1:
        raise click.UsageError(f"- is for one picture, not for {len(pictures)}; name one")
    if is_remote(pictures[0]) or pictures[0].is_dir():
        raise click.UsageError(f"{pictures[0]}: a pipe is for a file of this machine; give one")
    context = click.get_current_context()
    for one in context.command.params:
        given = one.name and context.get_parameter_source(one.name) is ParameterSource.COMMANDLINE
        if given and one.name not in _TAKEN:
            raise click.UsageError(f"- is for one picture in a pipe; leave {one.opts[0]} out")


def colorize(
    colorizer: "Colorizer",
    source: Path,
    out: str | None,
    extension: str | None,
    options: "ColorizeOptions",
    saving: "SaveOptions",
) -> None:
    """Colour a picture, from standard input, to standard output, or both.

    `extension` is the format of what goes to standard output. Raises the errors of
    `Colorizer.colorize` and `Colorized.save`.
    """
    target = Path(out or "-")
    if target == STANDARD and sys.stdout.isatty():
        raise click.UsageError(
            "the picture would go to this terminal; name a file with -o, or redirect it with >"
        )
    picture = sys.stdin.buffer.read() if source == STANDARD else source
    colorized: AnyColorized = colorizer.colorize(picture, options)
    if target != STANDARD:
        colorized.save(target, saving)
    else:
        with spool() as directory:
            made = directory / f"picture.{extension or 'jpg'}"
            with named(made, "standard output"):
                colorized.save(made, saving)
            with made.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
    if colorized.had_color:
        name = "the picture" if source == STANDARD else source
        click.echo(f"note: {name} had colours of its own; they were dropped", err=True)
