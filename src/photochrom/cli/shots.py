"""`photochrom shots`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.cli import options as shared
from photochrom.cli.help import OUTPUT, Command, option
from photochrom.errors import ImageError, unwritten
from photochrom.video import is_film, open_film

if TYPE_CHECKING:
    from photochrom.video.shots import Shot

_SHEETS = (".png", ".jpg")


@click.command(cls=Command)
@click.argument("film", type=shared.FILE)
@option(
    "-o",
    "--out",
    type=shared.FILE,
    metavar="FILE",
    show_default="the film's name with .toml",
    group=OUTPUT,
    help="Write the project to this file.",
)
@option(
    "--sheet",
    type=shared.FILE,
    metavar="FILE",
    show_default="the film's name with -shots.jpg",
    group=OUTPUT,
    help="Write the contact sheet to this .jpg or .png.",
)
@shared.sequence_rate
@shared.overwrite
@option(
    "--json", "as_json", is_flag=True, group=OUTPUT, help="Print an object for each shot, as JSON."
)
def command(
    film: Path,
    out: Path | None,
    sheet: Path | None,
    fps: float | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """List the shots of FILM, and write a project and a contact sheet of them.

    The project is a text file that lists the shots. Write hints, references and
    palettes into it, and colour the film by it. The contact sheet shows a still of
    each shot, with its number, and the time at which it begins.

    \b
    Examples:
      photochrom shots holiday.mp4
      photochrom colorize holiday.mp4 --project holiday.toml
    """
    from photochrom.cli.progress import progress
    from photochrom.video import project_file
    from photochrom.video.shots import find_shots

    if not is_film(film):
        raise ImageError(f"{film}: shots are of films; give one, such as holiday.mp4")
    project = out or film.with_suffix(".toml")
    pictures = sheet or film.with_name(f"{film.stem}-shots.jpg")
    if pictures.suffix.lower() not in _SHEETS:
        raise ImageError(f"{pictures}: a contact sheet is written as .jpg or .png; name it so")
    for target in (project, pictures):
        if target.exists() and not overwrite:
            raise ImageError(
                f"{target}: exists already; add --overwrite to replace it and what was "
                "written into it"
            )
    opened = open_film(film, fps=fps)
    with progress("Reading", opened.length or 1, count=False) as bar:
        shots = find_shots(opened, on_progress=lambda done, of: bar.update(1))
    try:
        project_file.write(opened, shots, project)
        _write_sheet(shots, pictures)
    except OSError as error:
        raise unwritten(error.filename or project, error) from error
    for number, shot in enumerate(shots, 1):
        click.echo(_as_json(number, shot) if as_json else _line(number, shot))
    for target in () if as_json else (project, pictures):
        click.echo(click.format_filename(str(target)))


def _line(number: int, shot: "Shot") -> str:
    from photochrom.video.timecode import format_time

    begin, end = format_time(shot.begin), format_time(shot.end)
    frames = "frame" if shot.frames == 1 else "frames"
    return f"{number:<5}{begin}  {end}  {shot.frames} {frames}"


def _as_json(number: int, shot: "Shot") -> str:
    times = {"from": round(shot.begin, 3), "to": round(shot.end, 3)}
    return json.dumps({"shot": number, **times, "frames": shot.frames})


def _write_sheet(shots: "list[Shot]", path: Path) -> None:
    from photochrom.image import save_rgb
    from photochrom.video.contact_sheet import contact_sheet
    from photochrom.video.timecode import format_time

    captions = [f"{number}  {format_time(shot.begin)}" for number, shot in enumerate(shots, 1)]
    save_rgb(contact_sheet([shot.still for shot in shots], captions), path)
