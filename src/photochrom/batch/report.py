"""A batch's report as a file: CSV, JSON, or a page with thumbnails."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from photochrom import html
from photochrom.batch.naming import Job
from photochrom.batch.outcome import REASONS, Report, State
from photochrom.errors import ImageError, PhotochromError, unwritten
from photochrom.image import encode_rgb, load_rgb
from photochrom.storage import is_remote, local_copy, make_directory, written_to
from photochrom.video import is_film, open_film

EXTENSIONS = (".html", ".csv", ".json")
_HEAD = ("state", "picture", "output", "reason")
DROPPED = "its own colours were dropped"
_THUMBNAIL = 120  # pixels of the short side
_SHOWN = 500  # pictures with thumbnails on a page
_ODD = "backslashreplace"  # for names that are not UTF-8


def check(path: Path) -> None:
    """Raise `ImageError` when a report's name tells no kind of report, or it cannot be written.

    An address is not tried.
    """
    if path.suffix.lower() not in EXTENSIONS:
        raise ImageError(
            f"{path}: the name of a report ends in {', '.join(EXTENSIONS)}; name it so"
        )
    if is_remote(path):
        return
    with _writing(path):
        there = path.exists()
        path.open("ab").close()
        if not there:
            path.unlink()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Have a report's folder, and say in one line why it cannot be written."""
    make_directory(path.parent)
    try:
        yield
    except OSError as error:
        raise unwritten(path, error) from error


def write(report: Report, path: Path) -> None:
    """Write a report, of the kind that the name's ending tells; failed pictures come first.

    Raises `ImageError` when it cannot be written.
    """
    rows = list(_rows(report))
    with _writing(path), written_to(path) as file:
        if path.suffix.lower() == ".html":
            file.write_bytes(_page(report, rows).encode("utf-8", _ODD))
        elif path.suffix.lower() == ".json":
            entries = [dict(zip(_HEAD, row, strict=True)) for row in rows]
            file.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
        else:
            with file.open("w", encoding="utf-8", errors=_ODD, newline="") as table:
                csv.writer(table).writerows([_HEAD, *rows])


def _rows(report: Report) -> Iterator[tuple[str, str, str, str]]:
    said = dict.fromkeys(report.had_color, DROPPED)
    for job, note in report.notes:
        said[job] = f"{said[job]}; {note}" if job in said else note
    for job, reason in report.failed:
        yield "failed", str(job.source), "", reason
    for state, jobs in (
        (State.DONE, report.done),
        (State.EDITED, report.edited),
        (State.LEFT_ALONE, report.left_alone),
        (State.SKIPPED, report.skipped),
    ):
        for job in jobs:
            reason = said.get(job, REASONS.get(state, ""))
            yield state, str(job.source), str(job.target), reason
    for path, reason in report.left_out:
        yield State.LEFT_OUT, str(path), "", reason


def _page(report: Report, rows: list[tuple[str, str, str, str]]) -> str:
    counts = {
        name: len(jobs) for name, jobs in vars(report).items() if name not in ("had_color", "notes")
    }
    summary = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
    sections = [html.paragraph(summary)]
    if report.failed:
        failed = [(picture, reason) for state, picture, _, reason in rows if state == "failed"]
        sections += [html.heading("Failed"), html.table(("picture", "reason"), failed)]
    if report.done:
        sections += [html.heading("Done"), html.row(map(_thumbnail, report.done[:_SHOWN]))]
    sections += [html.heading("All pictures"), html.table(_HEAD, rows)]
    return html.page("Coloured pictures", sections)


def _small(target: Path) -> npt.NDArray[np.uint8]:
    if is_film(target):
        return open_film(target).still(_THUMBNAIL)
    return load_rgb(target, _THUMBNAIL, page=0)


def _thumbnail(job: Job) -> str:
    try:
        with local_copy(job.target) as target:
            small = encode_rgb(_small(target), ".jpg")
    except (PhotochromError, OSError) as error:  # such as an extra that only a cluster has
        return html.paragraph(str(error))
    return html.picture(small, f"{job.source} in colour", job.target.name, subtype="jpeg")
