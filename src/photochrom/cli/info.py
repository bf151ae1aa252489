"""`photochrom info`: what files and models say of themselves."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.cli.help import OUTPUT, Command, option
from photochrom.cli.messages import in_flags
from photochrom.cli.options import FILE
from photochrom.errors import ImageError, PhotochromError, did_you_mean, unwritten
from photochrom.image import READABLE, Limits, find_pictures
from photochrom.inference import zoo
from photochrom.storage import is_remote, local_copy, reaching, to_path
from photochrom.video import EXTENSIONS, is_film, open_film
from photochrom.video.sequence import facts, is_sequence

if TYPE_CHECKING:
    from photochrom.image.inspection import Inspection
    from photochrom.video.reader import Film

Facts = dict[str, Any]
_MEASURED = 1 << 30  # bytes of a film, up to which its frames are counted where it does not tell
_MODEL_LINES = ("summary", "parameters", "size", "vividness", "licence")
"""What is told of a model, of all that its file says, in this order."""


@click.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=to_path, metavar="FILES...")
@option(
    "--json", "as_json", is_flag=True, group=OUTPUT, help="Print an object for each file, as JSON."
)
@option(
    "--still",
    type=FILE,
    metavar="FILE",
    group=OUTPUT,
    help="Write the frame that a film's hints are set on, as .png or .jpg.",
)
@option(
    "--at",
    metavar="TIME",
    group=OUTPUT,
    help="Write the frame of this time with --still, such as 00:12:31.5.",
)
def command(files: tuple[Path, ...], as_json: bool, still: Path | None, at: str | None) -> None:
    """Tell what FILES hold, and whether Photochrom coloured them.

    FILES are pictures, films, folders of them, .onnx files, or names of models.

    \b
    Examples:
      photochrom info grandma.jpg
      photochrom info scans/ --json
      photochrom info holiday.mp4 --still still.png --at 00:12:31.5
      photochrom info vivid
    """
    if still and not (len(files) == 1 and is_film(files[0])):
        raise click.UsageError("--still is for films; give one film, and no other file")
    if at and not still:
        raise click.UsageError("--at says which frame is written; add --still FILE")
    failed = False
    for path in _each(files):
        try:
            facts, lines = _inspected(path)
            if still:
                _write_still(open_film(path), still, at)
        except PhotochromError as error:
            if len(files) == 1 and path == files[0]:
                raise
            failed = True
            facts, lines = {"error": in_flags(str(error))}, []
            click.echo(f"failed: {facts['error']}", err=True)
        name = click.format_filename(str(path))
        if as_json:
            click.echo(json.dumps({"file": name, **facts}))
        elif lines:
            click.echo("\n".join([name, *(f"  {title}: {text}" for title, text in lines if text)]))
    if failed:
        click.get_current_context().exit(1)


def _each(files: tuple[Path, ...]) -> Iterator[Path]:
    """Give the files; of folders, the pictures and films below them."""
    for path in files:
        with reaching(path):
            is_directory = path.is_dir()
        yield from find_pictures(path, extensions=READABLE | EXTENSIONS) if is_directory else [path]


def _inspected(path: Path) -> tuple[Facts, list[tuple[str, str]]]:
    """Say what a file or a model is: for a program, and line by line."""
    if path.suffix == ".onnx" or (str(path) in zoo.names() and not path.exists()):
        return _model(path)
    if is_sequence(path):
        return _film(open_film(path), facts(path)[1])
    if not (is_remote(path) or path.exists()):
        similar = did_you_mean(str(path), zoo.names()) if not path.suffix else ""
        raise ImageError(f"{path}: there is no such file{similar}; check its name")
    with local_copy(path, Limits().bytes) as copy:
        if is_film(path):
            return _film(open_film(copy), copy.stat().st_size)
        from photochrom.image.inspection import inspect

        return _picture(inspect(copy, Limits(allow_damaged=True)))


def _picture(found: "Inspection") -> tuple[Facts, list[tuple[str, str]]]:
    from photochrom.image.provenance import COLORIZED_BY, listed

    across, down = found.dpi or (0.0, 0.0)
    dpi = f"{across:.4g}" if f"{across:.4g}" == f"{down:.4g}" else f"{across:.4g} x {down:.4g}"
    alpha = " with alpha" if found.alpha else ""
    made = listed(found.colorized)
    lines = [
        ("format", f"{found.format}, {found.bytes:,} bytes"),
        ("size", f"{found.width} x {found.height} pixels, {found.bits} bits, {found.color}{alpha}"),
        ("frames" if found.animated else "pages", str(found.pages) if found.pages > 1 else ""),
        ("resolution", f"{dpi} dpi" if found.dpi else ""),
        ("profile", found.profile),
        ("camera", found.camera),
        ("date", found.date),
        ("colours", f"{COLORIZED_BY}: {made}" if made else ""),
        ("credentials", found.credentials),
    ]
    return {"kind": "picture", **asdict(found)}, lines


def _film(film: "Film", size: int) -> tuple[Facts, list[tuple[str, str]]]:
    from photochrom.image.provenance import COLORIZED_BY

    rate = float(film.rate)
    made = film.comment if film.comment.startswith(COLORIZED_BY) else ""
    count, seconds, is_exact = film.length, film.seconds, film.is_counted
    if not is_exact and size <= _MEASURED:
        (count, seconds), is_exact = film.measured(), True
    frames = f"{'' if is_exact else 'about '}{count} frames, " if count else ""
    duration = f"{seconds:.4g} s, " if seconds else ""
    shape = film.shape_of_pixels
    pixels = "" if shape == 1 else f", each {float(shape):.4g} times as wide as high"
    turned = f", stored turned by {film.turned} degrees" if film.turned else ""
    interlaced = ", interlaced" if film.is_interlaced else ""
    interlaced += ", in pull-down" if film.is_telecined else ""
    lines = [
        ("format", f"film, {film.codec}, {size:,} bytes"),
        ("size", f"{film.width} x {film.height} pixels, {film.depth} bits{pixels}{turned}"),
        ("length", f"{duration}{frames}{rate:.4g} a second{interlaced}"),
        ("sound", ", ".join(film.sound)),
        ("colours", made),
    ]
    facts = {
        "kind": "film",
        "bytes": size,
        "width": film.width,
        "height": film.height,
        "bits": film.depth,
        "codec": film.codec,
        "seconds": seconds,
        "frames": count,
        "frames_are_exact": is_exact,
        "pixel_aspect": float(shape),
        "turned": film.turned,
        "sound": list(film.sound),
        "rate": rate,
        "interlaced": film.is_interlaced,
        "telecined": film.is_telecined,
        "colorized": made,
    }
    return facts, lines


def _model(path: Path) -> tuple[Facts, list[tuple[str, str]]]:
    from photochrom.inference.model import Model

    model = Model(str(path), threads=1)
    info = model.info
    training = info.get("training", {})
    learned = [f"{value:,} {name}" for name, value in training.items() if isinstance(value, int)]
    said = [(name, info[name]) for name in _MODEL_LINES if name in info]
    lines = [
        ("model", model.title),
        ("file", f"{model.path}, {model.path.stat().st_size:,} bytes"),
        *((name, f"{value:,}" if isinstance(value, int) else str(value)) for name, value in said),
        ("training", ", ".join(learned)),
        ("hints", "yes" if model.takes_hints else "no"),
        ("suggestions", "yes" if model.gives_suggestions else "no"),
    ]
    return {"kind": "model", "path": str(model.path), **info}, lines


def _write_still(film: "Film", target: Path, at: str | None) -> None:
    """Write the frame that is shown at a time, or the one that hints are set on."""
    from photochrom.image import save_rgb
    from photochrom.video.timecode import LATE, format_time, parse_time

    if target.suffix.lower() not in (".png", ".jpg"):
        raise ImageError(f"{target}: a still is written as .png or .jpg; name it so")
    if target.exists():
        raise ImageError(f"{target}: exists already; choose another name")
    seconds = None if at is None else parse_time(at)
    if seconds and film.seconds and seconds > film.seconds + LATE:
        raise ImageError(
            f"{film.path}: {format_time(seconds)} is beyond its end, {format_time(film.seconds)}; "
            "give an earlier time"
        )
    try:
        save_rgb(film.still(min(film.width, film.height), seconds), target)
    except OSError as error:
        raise unwritten(target, error) from error
