"""`photochrom things`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.cli import options as shared
from photochrom.cli.help import COLORS, FILMS, OUTPUT, Command, option
from photochrom.color.names import nearest_name
from photochrom.errors import HintError, ImageError, unwritten
from photochrom.video import is_film
from photochrom.video.timecode import format_time

if TYPE_CHECKING:
    from photochrom.video.project import FilmThing


@click.command(cls=Command)
@click.argument("film", type=shared.FILE)
@option(
    "--project",
    type=shared.FILE,
    metavar="FILE",
    show_default="the film's name with .toml",
    group=FILMS,
    help="Take the shots from this project, and write into it (see photochrom shots).",
)
@option(
    "--color",
    "colors",
    multiple=True,
    metavar="NUMBER=COLOR",
    group=COLORS,
    help="Give the thing of this number another colour, such as 3=navy. Repeat it for more.",
)
@option(
    "--forget",
    multiple=True,
    type=int,
    metavar="NUMBER",
    group=COLORS,
    help="Let later shots not take the colour of the thing of this number. Repeat it for more.",
)
@shared.model
@shared.sequence_rate
@option(
    "--json", "as_json", is_flag=True, group=OUTPUT, help="Print an object for each thing, as JSON."
)
def command(
    film: Path,
    project: Path | None,
    colors: tuple[str, ...],
    forget: tuple[int, ...],
    model: str,
    fps: float | None,
    as_json: bool,
) -> None:
    """List the things that are remembered of FILM, and choose their colours.

    A thing has a number, its colour, where it was first seen, and the shots that
    show it. A frame in the middle of each shot is looked at. Colours that are
    chosen here are written into the project of the film, and hold where it is
    coloured by it.

    \b
    Examples:
      photochrom things holiday.mp4
      photochrom things holiday.mp4 --color 3=navy --forget 5
      photochrom colorize holiday.mp4 --project holiday.toml
    """
    from photochrom.cli.progress import progress
    from photochrom.inference.colorizer import Colorizer
    from photochrom.video import project_file

    if not is_film(film):
        raise ImageError(f"{film}: things are of films; give one, such as holiday.mp4")
    path = project or film.with_suffix(".toml")
    if not path.exists():
        raise HintError(f"there is no project {path}; write one first: photochrom shots {film}")
    given = project_file.read(path)
    if not given.shots:
        raise HintError(f"{path}: has no shots; write a new one of the film: photochrom shots")
    with progress("Looking", len(given.shots)) as bar:
        found = Colorizer(model).things(
            film, project=given, fps=fps, on_progress=lambda done, of: bar.update(1)
        )
    chosen = _chosen(found, colors, forget)
    try:
        project_file.add_things(path, chosen)
    except OSError as error:
        raise unwritten(path, error) from error
    for number, thing in enumerate(found, 1):
        click.echo(_as_json(number, thing) if as_json else _line(number, thing))
    if chosen and not as_json:
        click.echo(click.format_filename(str(path)))


def _chosen(
    found: "list[FilmThing]", colors: tuple[str, ...], forget: tuple[int, ...]
) -> "dict[FilmThing, str]":
    """Give the colours of things that are to have others; raises `click.UsageError`."""
    from photochrom.guidance.hints import to_color
    from photochrom.video.project import NO_COLOR

    chosen = {str(number): NO_COLOR for number in forget}
    for text in colors:
        number, is_there, color = text.partition("=")
        if not is_there:
            raise click.UsageError(f"--color {text!r} has no number; write one such as 3=navy")
        chosen[number.strip()] = to_color(color)
    numbers = {str(number): thing for number, thing in enumerate(found, 1)}
    for number in chosen:
        if number not in numbers:
            raise click.UsageError(
                f"there is no thing {number}; the film has {len(found)}: list them without "
                "--color and --forget"
            )
    return {numbers[number]: color for number, color in chosen.items()}


def _line(number: int, thing: "FilmThing") -> str:
    shots = ", ".join(str(shot + 1) for shot in thing.shots)
    forgotten = "  forgotten" if thing.is_forgotten else ""
    where = f"{format_time(thing.at)}  {thing.x},{thing.y}"
    name = f"{thing.color}  {nearest_name(thing.color)}"
    plural = "s" * (len(thing.shots) > 1)
    return f"{number:<5}{name:<29}{where:<24}shot{plural} {shots}{forgotten}"


def _as_json(number: int, thing: "FilmThing") -> str:
    shots = [shot + 1 for shot in thing.shots]
    about = {**asdict(thing), "name": nearest_name(thing.color), "shots": shots}
    return json.dumps({"thing": number, **about, "at": round(thing.at, 3)})
