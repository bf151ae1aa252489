"""Many pictures: which file becomes which, and a report of what came of each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from photochrom.errors import ImageError, PhotochromError
from photochrom.image import check_target, find_pictures
from photochrom.inference import Colorizer

_UNWRITTEN = {".heic": ".avif", ".heif": ".avif"}  # HEVC encoders are rare


@dataclass(frozen=True)
class Job:
    """One picture to colour."""

    source: Path
    target: Path


@dataclass
class Report:
    """What came of the jobs."""

    done: list[Job] = field(default_factory=list)
    skipped: list[Job] = field(default_factory=list)
    failed: list[tuple[Job, str]] = field(default_factory=list)
    had_colour: list[Job] = field(default_factory=list)
    """Those done whose own colour was dropped."""


def plan(inputs: list[Path], out: Path | None) -> list[Job]:
    """Pair each picture with its target; folders are searched and their trees mirrored.

    `out` is a picture's name (for a single input file) or a folder. Without it, x.jpg becomes
    x-colour.jpg beside it. Raises `ImageError` for a folder without pictures, and where an output
    would be an input or two outputs would be one file.
    """
    jobs: list[Job] = []
    for path in inputs:
        if path.is_dir():
            base = out or path.with_name(path.name + "-colour")
            found = find_pictures(path)
            jobs += [Job(one, _ending(base / one.relative_to(path))) for one in found]
        elif out is None:
            jobs.append(Job(path, _ending(path.with_stem(path.stem + "-colour"))))
        elif out.suffix and not out.is_dir() and len(inputs) == 1:
            check_target(out)
            jobs.append(Job(path, out))
        else:
            jobs.append(Job(path, _ending(out / path.name)))
    _check(jobs)
    return jobs


def _ending(target: Path) -> Path:
    return target.with_suffix(_UNWRITTEN.get(target.suffix.lower(), target.suffix))


def _check(jobs: list[Job]) -> None:
    sources = {job.source.resolve() for job in jobs}
    targets: dict[Path, Path] = {}
    for job in jobs:
        target = job.target.resolve()
        if target in sources:
            raise ImageError(f"{job.target}: output equal to an input; choose another with -o")
        if target in targets:
            raise ImageError(f"{job.source} and {targets[target]} would both become {job.target}")
        targets[target] = job.source


def run(
    jobs: list[Job],
    colorizer: Colorizer,
    *,
    overwrite: bool = False,
    advance: Callable[[Job], None] = lambda job: None,
    **options: Any,
) -> Report:
    """Colour all jobs; a picture that fails is reported and does not stop the others.

    `options` are those of `Colorizer.colorize`. `advance` is called after each job.
    """
    report = Report()
    for job in jobs:
        if job.target.exists() and not overwrite:
            report.skipped.append(job)
        else:
            try:
                coloured = colorizer.colorize(job.source, **options)
                _make_folder(job.target.parent)
                coloured.save(job.target, overwrite=overwrite)
                report.done.append(job)
                if coloured.had_colour:
                    report.had_colour.append(job)
            except PhotochromError as error:
                report.failed.append((job, str(error)))
        advance(job)
    return report


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImageError(f"{folder}: cannot be made ({error.strerror})") from error
