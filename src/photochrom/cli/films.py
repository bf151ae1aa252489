"""The options of `photochrom colorize` that are for films, and contact sheets."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.cli.help import FILMS, option
from photochrom.cli.progress import progress
from photochrom.errors import HintError, ImageError
from photochrom.video import is_film
from photochrom.video.timecode import parse_time

if TYPE_CHECKING:
    from photochrom.batch.naming import Job
    from photochrom.batch.plan import Plan
    from photochrom.cli.request import Request

CODECS = ("h264", "h265", "av1", "vp9", "prores", "ffv1")
COMPARISONS = ("side", "wipe")
_NOT_FOR_SHEETS = {
    "comparison": "compare",
    "variants": "variants",
    "dry_run": "dry-run",
    "watch": "watch",
    "cluster": "ray",
    "extension": "format",
    "as_json": "json",
    "summary": "report",
}
"""Fields of a request that a contact sheet does not go with, and how the command calls them."""


class _Time(click.ParamType[float]):
    """A time of a film, as seconds."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        try:
            return parse_time(value)
        except ImageError as error:
            self.fail(str(error), param, ctx)


_OPTIONS = (
    option(
        "--start",
        type=_Time(),
        metavar="TIME",
        show_default="its beginning",
        group=FILMS,
        help="Colour a film from this time on, such as 00:12:31.5 or, in seconds, 751.5.",
    ),
    option(
        "--end",
        type=_Time(),
        metavar="TIME",
        show_default="its end",
        group=FILMS,
        help="Colour a film up to this time.",
    ),
    option(
        "--every",
        type=_Time(),
        metavar="TIME",
        group=FILMS,
        help="Write a contact sheet, a picture with a frame about every TIME, such as 10s.",
    ),
    option(
        "--compare",
        "comparison",
        type=click.Choice(COMPARISONS),
        metavar="|".join(COMPARISONS),
        group=FILMS,
        help="Write a film before and after: both side by side, or with a line that moves.",
    ),
    option(
        "--fps",
        type=click.FloatRange(1, 120),
        metavar="NUMBER",
        show_default="24",
        group=FILMS,
        help="Take a sequence, such as frames/%05d.png, for a film of so many frames a second.",
    ),
    option(
        "--old-film/--no-old-film",
        default=True,
        group=FILMS,
        help="Let the model see grainy films without grain, dust and flicker, or as they are; "
        "the film itself keeps them.",
    ),
    option(
        "--every-frame",
        is_flag=True,
        group=FILMS,
        help="Ask the model about each frame, not about some that the others follow.",
    ),
    option(
        "--memory/--no-memory",
        default=True,
        group=FILMS,
        help="Give things the colours that they had in earlier shots of a scene, or do not.",
    ),
    option(
        "--codec",
        type=click.Choice(CODECS),
        metavar="NAME",
        show_default="h264, or vp9 in a .webm",
        group=FILMS,
        help=f"Encode films by {', '.join(CODECS[:-1])} or {CODECS[-1]}.",
    ),
    option(
        "--crf",
        type=int,
        metavar="NUMBER",
        show_default="17 for h264",
        group=FILMS,
        help="Encode films in this quality; lower is finer, and each codec has its own scale.",
    ),
    option(
        "--bits",
        type=click.Choice(["8", "10"]),
        metavar="8|10",
        show_default="8, which every player shows; av1, prores and ffv1 as the film",
        group=FILMS,
        help="Write films with so many bits.",
    ),
    option(
        "--pixel-format",
        metavar="NAME",
        show_default="yuv420p for h264",
        group=FILMS,
        help="Store a film's pixels so, by FFmpeg's name, such as yuv444p.",
    ),
)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options for films."""
    return reduce(lambda wrapped, one: one(wrapped), reversed(_OPTIONS), command)


def check(request: "Request", found: "Plan") -> None:
    """Raise `click.UsageError` where what is for films was asked of a picture.

    Raises `ImageError` for times that a film does not have, before any is coloured, and `HintError`
    where what is for one film is given for others.
    """
    films = [job for job in found.jobs if is_film(job.source)]
    if request.film_project and (len(films) > 1 or len(films) < len(found.jobs)):
        raise HintError(
            "a film's project and references with a time are for one film; name one, and no "
            "other file"
        )
    if request.cluster and is_one(found):
        _check_cluster(request, found.jobs[0])
    names = ("start", "end", "comparison", "fps")
    given = [flag for flag in names if getattr(request, flag) is not None]
    if not given:
        return
    flag = "--" + given[0].replace("comparison", "compare")
    for job in found.jobs:
        if not is_film(job.source):
            raise _for_films(flag, job.source)
    for job in found.jobs if request.start or request.end else ():
        _check_times(request, job.source)


def is_one(found: "Plan") -> bool:
    """Whether there is one film to colour, and nothing else, so that a cluster shares it."""
    return [is_film(job.source) for job in found.jobs] == [True]


def _check_cluster(request: "Request", job: "Job") -> None:
    from photochrom.storage import is_remote

    if request.memory:
        raise click.UsageError(
            "--ray colours the segments of a film side by side, and things are remembered in its "
            "order; say --no-memory, or leave --ray out"
        )
    for path in (job.source, job.target):
        if is_remote(path):
            raise click.UsageError(
                f"--ray colours a film on a disk that all machines see, and {path} is an address; "
                "give a path there, or leave --ray out"
            )


def tell_of_reading(request: "Request", paths: Iterable[Path]) -> None:
    """Say that a film is read once before it is coloured, where its shots are not known."""
    project = request.film_project
    if request.quiet or not project or project.shots or not project.needs_shots:
        return
    for path in paths:
        name = click.format_filename(str(path))
        click.echo(f"{name}: is read once first, to find its shots", err=True)


def _for_films(flag: str, path: Path) -> click.UsageError:
    name = click.format_filename(str(path))
    return click.UsageError(f"{flag} is for films; leave {name} out, or {flag}")


def _check_times(request: "Request", path: Path) -> None:
    from photochrom.storage import is_remote
    from photochrom.video import open_film

    if not is_remote(path):
        open_film(path, excerpt=request.colorize_options.excerpt)


def write_sheets(request: "Request") -> None:
    """Write a contact sheet of each film that was given."""
    from photochrom.inference.colorizer import Colorizer

    for flag in _NOT_FOR_SHEETS:
        if getattr(request, flag):
            name = _NOT_FOR_SHEETS[flag]
            raise click.UsageError(f"--every writes a contact sheet; leave --{name} out")
    for path in request.pictures:
        if path.is_dir():
            raise click.UsageError(f"--every is for films, not for the folder {path}; name them")
        if not is_film(path):
            raise _for_films("--every", path)
    targets = [(path, _sheet_of(path, request)) for path in request.pictures]
    for _, target in targets:
        if target.exists() and not request.overwrite:
            raise ImageError(f"{target}: exists already; add --overwrite to replace it")
    colorizer = Colorizer(request.model, threads=request.threads, device=request.device)
    options = replace(request.colorize_options, hints=tuple(request.given_hints))
    tell_of_reading(request, request.pictures)
    for path, target in targets:
        _write_sheet(colorizer.colorize(path, options), target, request)


def _write_sheet(film: Any, target: Path, request: "Request") -> None:
    with progress("Colouring", film.sheet_length(request.every)) as bar:
        target.parent.mkdir(parents=True, exist_ok=True)
        film.save_sheet(
            target, request.every, request.save_options, on_progress=lambda *_: bar.update(1)
        )
    if not request.quiet:
        click.echo(click.format_filename(str(target)))


def _sheet_of(path: Path, request: "Request") -> Path:
    """Name the contact sheet of a film."""
    if request.target is None:
        return path.with_name(f"{path.stem}-sheet.jpg")
    if request.names_directory or request.target.is_dir() or not request.target.suffix:
        return request.target / f"{path.stem}-sheet.jpg"
    if len(request.pictures) > 1:
        raise ImageError(
            f"{request.target}: this is one picture's name, and there are many; "
            f"write {request.target}/ if it is a folder"
        )
    return request.target
