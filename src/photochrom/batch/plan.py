"""Which file becomes which: pictures are found, and their outputs named, before any is coloured."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from photochrom import video
from photochrom.batch.naming import Job, Naming
from photochrom.batch.own_outputs import (
    CALLED,
    MADE,
    UNREAD,
    called_like_outputs,
    written_by_journals,
)
from photochrom.errors import ImageError, NoPictures, PhotochromError
from photochrom.image import READABLE, count_pages, find_pictures, holds_pages
from photochrom.storage import below, is_remote, reaching
from photochrom.video.sequence import is_sequence


@dataclass
class Plan:
    """Jobs, and the folder below which all their targets lie, if there is one."""

    jobs: list[Job]
    root: Path | None
    failed: list[tuple[Job, str]] = field(default_factory=list)
    """Folders in which nothing could be looked for, pictures whose outputs would be one file."""
    left_out: list[tuple[Path, str]] = field(default_factory=list)
    """What is not coloured, and why: Photochrom's own outputs, files that are not read."""
    is_single: bool = False
    """Whether one file was given: it is coloured, whoever made it."""


def plan(
    inputs: list[Path], out: Path | None, naming: Naming | None = None, *, into: bool = False
) -> Plan:
    """Pair each picture with its target; folders are searched and their trees mirrored.

    Where the output's format holds one page, each page of x.tif becomes a file: x-1.jpg, x-2.jpg.
    `out` is a picture's name (for a single input file) or a folder, which it is in any case when
    `into` says so. Without it, x.jpg becomes x-colour.jpg beside it. Where it lies in a folder
    that is searched, it is left out, and so are outputs of other runs. Raises `NoPictures` for a
    folder without pictures, and `ImageError` where each output would be an input or another one.
    """
    naming = naming or Naming()
    single = out is not None and not into and _is_single(inputs, out, naming)
    found = Plan([], None if single else out, is_single=len(inputs) == 1)
    for path in inputs:
        with reaching(path):
            if path.is_dir():
                base = out or _beside(path, naming)
                found.root = base if out or len(inputs) == 1 else None
                found.is_single = False
                _add_directory(found, path, base, naming if out else replace(naming, suffix=None))
            elif out is None:
                found.jobs.append(Job(path, naming.beside(path)))
            else:
                target = out if single else naming.target(path, out / path.name)
                found.jobs.append(Job(path, target))
    if not found.is_single:
        sources = [job.source for job in found.jobs]
        _leave_out(found, called_like_outputs(sources, naming.suffix_beside), CALLED)
    found.jobs = [one for job in found.jobs for one in _by_page(job)]
    if any(is_sequence(job.source) for job in found.jobs):
        found.root = None  # a journal knows files
    _resolve(found)
    return found


def _leave_out(found: Plan, sources: set[Path], reason: str) -> None:
    if sources:
        found.left_out += [(path, reason) for path in sorted(sources)]
        found.jobs = [job for job in found.jobs if job.source not in sources]


def _is_single(inputs: list[Path], out: Path, naming: Naming) -> bool:
    """Whether an output is named as a picture, not as a folder."""
    with reaching(out):
        if not out.suffix or out.is_dir():
            return False
    with reaching(inputs[0]):
        if len(inputs) == 1 and not inputs[0].is_dir():
            Job(inputs[0], out).check()
            naming.check_single(out)
            return True
    if out.suffix.lower() in (*READABLE, *video.EXTENSIONS):
        raise ImageError(
            f"{out}: this is one picture's name, and there are many; write {out}/ if it is a folder"
        )
    return False


def _beside(directory: Path, naming: Naming) -> Path:
    """Name the folder of outputs where none is given."""
    if directory.name in ("", "..") and not is_remote(directory):
        directory = directory.resolve()
    if not directory.name:
        raise ImageError(f"{directory}: no folder can be made beside it; pass out=FOLDER")
    return directory.with_name(directory.name + naming.suffix_beside)


def _add_directory(found: Plan, directory: Path, base: Path, naming: Naming) -> None:
    unread: dict[Path, str] = {}
    others: list[Path] = []
    extensions = READABLE | video.EXTENSIONS
    pictures = {
        path: below(path, directory)
        for path in find_pictures(directory, base, unread, extensions, others)
    }
    wanted = [path for path in pictures if naming.takes(pictures[path])]
    if pictures and not wanted:
        raise NoPictures(
            f"{directory}: none of its {len(pictures)} pictures is included; check the patterns"
        )
    found.jobs += [Job(path, naming.target(path, base / pictures[path])) for path in wanted]
    found.left_out += [(path, UNREAD) for path in others if naming.takes(below(path, directory))]
    _leave_out(found, written_by_journals(directory, wanted), MADE)
    for path, reason in unread.items():
        if naming.searches(below(path, directory)):
            found.failed.append((Job(path, base / below(path, directory)), reason))


def _by_page(job: Job) -> list[Job]:
    """Make a job of each page, where the output has no place for more than one."""
    try:
        is_one = video.is_film(job.source) or holds_pages(job.target)
        pages = 1 if is_one else count_pages(job.source)
    except PhotochromError:  # the job itself tells
        pages = 1
    if pages == 1:
        return [job]
    digits = len(str(pages))  # the same for all, so that names sort as pages do
    return [
        replace(job, target=job.target.with_stem(f"{job.target.stem}-{n + 1:0{digits}}"), page=n)
        for n in range(pages)
    ]


@dataclass(frozen=True)
class _Real:
    """A job, and where its files really are."""

    job: Job
    source: str
    target: str

    @property
    def is_its_own_output(self) -> bool:
        return self.source == self.target


def checked(jobs: list[Job]) -> list[Job]:
    """Give the jobs, each once; raises `ImageError` where an output's name will not do."""
    found = Plan(jobs, None)
    _resolve(found)
    for job, reason in found.failed:
        raise ImageError(f"{job.source}: {reason}")
    return found.jobs


def _resolve(found: Plan) -> None:
    """Leave out inputs that are outputs of others; put aside those whose outputs clash.

    Raises `ImageError` where all clash.
    """
    directories: dict[str, str] = {}
    every = [
        _Real(job, _real(job.source, directories), _real(job.target, directories))
        for job in found.jobs
    ]
    for one in every:
        one.job.check()
    inputs = {one.source for one in every}
    inputs |= {_real(path, directories) for path, reason in found.left_out if reason == CALLED}
    outputs = {one.target for one in every if not one.is_its_own_output}
    by_target: dict[str, dict[str, Job]] = {}
    for one in every:
        if one.source not in outputs:
            by_target.setdefault(one.target, {}).setdefault(one.source, one.job)
    clashes = [reason for target, jobs in by_target.items() for reason in _clashes(target, jobs)]
    if clashes and len(clashes) == sum(map(len, by_target.values())):
        job, reason = clashes[0]
        raise ImageError(f"{job.source}: {reason}")
    found.failed += clashes
    own = {one.job.source for one in every if one.source in outputs}
    found.left_out += [(path, CALLED) for path in sorted(own)]
    clashing = {job for job, _ in clashes}
    found.jobs = [
        replace(job, is_input=True) if target in inputs else job
        for target, jobs in by_target.items()
        for job in jobs.values()
        if job not in clashing
    ]


def _clashes(target: str, jobs: dict[str, Job]) -> Iterator[tuple[Job, str]]:
    """Give the jobs, by their pictures, that cannot all become one target, and why not."""
    given = list(jobs.values())
    if len(given) == 1:
        if target in jobs:
            yield given[0], "its output would replace it; pass another out=PATH"
        return
    for job, other in zip(given, given[1:] + given[:1], strict=True):
        differ = "{parent}-{stem}" if job.source.name == other.source.name else "{stem}-{ext}"
        yield (
            job,
            f"it would become {job.target}, as would {other.source}; pass name='{differ}' to tell "
            "them apart",
        )


def _real(path: Path, directories: dict[str, str]) -> str:
    """Follow links; those that lead nowhere are followed as far as they go.

    `directories` keeps where folders really are, which are far fewer than their files.
    """
    if is_remote(path):
        return str(path.resolve())
    if os.path.islink(path):
        return os.path.realpath(path)
    directory, name = os.path.split(path)
    if directory not in directories:
        directories[directory] = os.path.realpath(directory)
    return f"{directories[directory]}/{name}"
