"""Which file becomes which: pictures are found, and their outputs named, before any is coloured."""

import os
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path

from photochrom import video
from photochrom.errors import ImageError, NoPictures, PhotochromError
from photochrom.guidance.hints import Hint
from photochrom.image import (
    FORMATS,
    RAW,
    READABLE,
    check_target,
    count_pages,
    find_pictures,
    holds_pages,
)
from photochrom.storage import below, is_remote, reaching

_UNWRITTEN = {".heic": ".avif", ".heif": ".avif"}  # HEVC encoders are rare
_UNWRITTEN |= dict.fromkeys(RAW, ".tif")
_UNWRITTEN |= {".jpe": ".jpg", ".jfif": ".jpg"}
_UNWRITTEN |= dict.fromkeys(video.EXTENSIONS - set(video.WRITTEN), ".mkv")  # which holds any sound
_NAMED = {*READABLE, *video.EXTENSIONS, *_UNWRITTEN}
_UNTOLD = ".png"  # of the output, where the input's name tells no format: nothing is lost in it


@dataclass(frozen=True)
class Job:
    """One picture to colour, or one page of a file."""

    source: Path
    target: Path
    hints: tuple[Hint, ...] = ()
    page: int | None = None
    """From 0; all of them, or the only one, if it is None."""

    def check(self, *, pyramid: bool = False) -> None:
        """Raise `ImageError` when the target's ending tells no format of a picture, or a film."""
        if video.is_film(self.source):
            video.check_target(self.target)
        else:
            check_target(self.target, pyramid=pyramid)


@dataclass(frozen=True)
class Naming:
    """Which pictures of a folder are taken, and how outputs are called."""

    include: tuple[str, ...] = ()
    """Patterns such as "*.tif" or "1910/*", of paths below the folder; all if there are none."""
    exclude: tuple[str, ...] = ()
    extension: str | None = None
    """Of the outputs, such as ".png"; as the input's if it is not given."""
    name: str = "{stem}"
    """Of the outputs, without ending."""
    recursive: bool = True

    def takes(self, path: str) -> bool:
        """Whether a picture, by its path below the folder, is wanted."""
        if not self.recursive and "/" in path:
            return False
        wanted = not self.include or any(fnmatch(path, one) for one in self.include)
        return wanted and not any(fnmatch(path, one) for one in self.exclude)

    def searches(self, directory: str) -> bool:
        """Whether pictures are wanted of a folder in the folder."""
        return self.recursive and not any(fnmatch(f"{directory}/", one) for one in self.exclude)

    def target(self, path: Path, suffix_of_stem: str = "") -> Path:
        """Name the output of a picture, beside it, with `suffix_of_stem` behind its stem."""
        stem, suffix = os.path.splitext(path.name)
        if suffix.lower() not in _NAMED:
            stem, suffix = path.name, _UNTOLD
        extension = self.extension if self.extension and not video.is_film(path) else suffix
        name = self._fill(stem + suffix_of_stem) + _UNWRITTEN.get(extension.lower(), extension)
        return path if name == path.name else path.with_name(name)

    def check_single(self, target: Path) -> None:
        """Raise `ImageError` when an output's own name is to be another one as well."""
        suffix_of_target = target.suffix.lower()
        if self.extension and FORMATS.get(self.extension, self.extension) != FORMATS.get(
            suffix_of_target, suffix_of_target
        ):
            raise ImageError(f"{target}: --format says {self.extension}; leave one of them away")
        if self.name != "{stem}":
            raise ImageError(f"{target}: --name says {self.name!r}; leave one of them away")

    def _fill(self, stem: str) -> str:
        try:
            filled = self.name.format(stem=stem)
        except (LookupError, ValueError, AttributeError, TypeError) as error:
            raise self._wrong() from error
        if not filled.strip(".") or set(filled) & set("/\0"):
            raise self._wrong()
        return filled

    def _wrong(self) -> ImageError:
        return ImageError(f"no name for outputs: {self.name!r}; write it as '{{stem}}-colour'")


@dataclass
class Plan:
    """Jobs, and the folder below which all their targets lie, if there is one."""

    jobs: list[Job]
    root: Path | None
    failed: list[tuple[Job, str]] = field(default_factory=list)
    """Folders in which nothing could be looked for, and why."""


def plan(
    inputs: list[Path], out: Path | None, naming: Naming | None = None, *, into: bool = False
) -> Plan:
    """Pair each picture with its target; folders are searched and their trees mirrored.

    Where the output's format holds one page, each page of x.tif becomes a file: x-1.jpg, x-2.jpg.
    `out` is a picture's name (for a single input file) or a folder, which it is in any case when
    `into` says so. Without it, x.jpg becomes x-colour.jpg beside it. Where it lies in a folder
    that is searched, it is left out. Raises `NoPictures` for a folder without pictures, and
    `ImageError` where an output would be an input or two outputs would be one file.
    """
    naming = naming or Naming()
    single = out is not None and not into and _is_single(inputs, out, naming)
    found = Plan([], None if single else out)
    for path in inputs:
        with reaching(path):
            if path.is_dir():
                base = out or _beside(path)
                found.root = base if out or len(inputs) == 1 else None
                _add_directory(found, path, base, naming)
            elif out is None:
                found.jobs.append(Job(path, naming.target(path, "-colour")))
            else:
                target = out if single else naming.target(out / path.name)
                found.jobs.append(Job(path, target))
    found.jobs = checked([one for job in found.jobs for one in _by_page(job)])
    return found


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
        raise ImageError(f"{out}: one picture's name, for many; write {out}/ if it is a folder")
    return False


def _beside(directory: Path) -> Path:
    """Name the folder of outputs where none is given."""
    if directory.name in ("", "..") and not is_remote(directory):
        directory = directory.resolve()
    if not directory.name:
        raise ImageError(f"{directory}: no folder can be made beside it; choose one with -o")
    return directory.with_name(directory.name + "-colour")


def _add_directory(found: Plan, directory: Path, base: Path, naming: Naming) -> None:
    unread: dict[Path, str] = {}
    extensions = READABLE | video.EXTENSIONS
    pictures = {
        path: below(path, directory) for path in find_pictures(directory, base, unread, extensions)
    }
    wanted = [path for path in pictures if naming.takes(pictures[path])]
    if pictures and not wanted:
        raise NoPictures(f"{directory}: none of its {len(pictures)} pictures is included")
    found.jobs += [Job(path, naming.target(base / pictures[path])) for path in wanted]
    for path, reason in unread.items():
        if naming.searches(below(path, directory)):
            found.failed.append((Job(path, base / below(path, directory)), reason))


def _by_page(job: Job) -> list[Job]:
    """Make a job of each page, where the output has no place for more than one."""
    try:
        pages = 1 if holds_pages(job.target) else count_pages(job.source)
    except PhotochromError:  # the job itself tells
        pages = 1
    if pages == 1:
        return [job]
    digits = len(str(pages))  # the same for all, so that names sort as pages do
    return [
        replace(job, target=job.target.with_stem(f"{job.target.stem}-{n + 1:0{digits}}"), page=n)
        for n in range(pages)
    ]


def checked(jobs: list[Job]) -> list[Job]:
    """Give the jobs, each once; raises `ImageError` where an output's name will not do."""
    directories: dict[str, str] = {}
    sources = [_real(job.source, directories) for job in jobs]
    inputs = set(sources)
    by_target: dict[str, tuple[str, Job]] = {}
    for source, job in zip(sources, jobs, strict=True):
        job.check()
        target = _real(job.target, directories)
        if target in inputs:
            raise ImageError(f"{job.target}: output equal to an input; choose another with -o")
        first, other = by_target.setdefault(target, (source, job))
        if first != source:
            raise ImageError(f"{job.source} and {other.source} would both become {job.target}")
    return [job for _, job in by_target.values()]


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
