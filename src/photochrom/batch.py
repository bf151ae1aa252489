"""Many pictures: which file becomes which, colouring them side by side, and what came of each."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from contextlib import nullcontext
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from photochrom.errors import ImageError, PhotochromError
from photochrom.hints import Hint
from photochrom.image import RAW, check_target, find_pictures, remove_leftovers
from photochrom.inference import Colorizer
from photochrom.journal import Entry, Journal, Stamp, digest, recipe
from photochrom.places import (
    change,
    is_remote,
    local_copy,
    make_folder,
    reaching,
    those_there,
    written_to,
)

_UNWRITTEN = {".heic": ".avif", ".heif": ".avif"}  # HEVC encoders are rare
_UNWRITTEN |= dict.fromkeys(RAW, ".tif")


@dataclass(frozen=True)
class Job:
    """One picture to colour."""

    source: Path
    target: Path
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True)
class Naming:
    """Which pictures of a folder are taken, and how outputs are called."""

    include: tuple[str, ...] = ()
    """Patterns such as "*.tif" or "1910/*", of paths below the folder; all if there are none."""
    exclude: tuple[str, ...] = ()
    ending: str | None = None
    """Of the outputs, such as ".png"; as the input's if it is not given."""
    name: str = "{stem}"
    """Of the outputs, without ending."""
    recursive: bool = True

    def takes(self, path: PurePosixPath) -> bool:
        """Whether a picture, by its path below the folder, is wanted."""
        if not self.recursive and len(path.parts) > 1:
            return False
        text = path.as_posix()
        wanted = not self.include or any(fnmatch(text, one) for one in self.include)
        return wanted and not any(fnmatch(text, one) for one in self.exclude)

    def target(self, path: Path) -> Path:
        """Name the output of a picture, beside it."""
        try:
            stem = self.name.format(stem=path.stem)
        except (KeyError, ValueError, IndexError) as error:
            raise ImageError(
                f"no name for outputs: {self.name!r}; write it as '{{stem}}-colour'"
            ) from error
        ending = self.ending or path.suffix
        return path.with_name(stem + _UNWRITTEN.get(ending.lower(), ending))


@dataclass
class Plan:
    """Jobs, and the folder below which all their targets lie, if there is one."""

    jobs: list[Job]
    root: Path | None


@dataclass
class Report:
    """What came of the jobs."""

    done: list[Job] = field(default_factory=list)
    skipped: list[Job] = field(default_factory=list)
    """Those whose output was there already."""
    kept: list[Job] = field(default_factory=list)
    """Those that have colours of their own, and were to be left alone."""
    failed: list[tuple[Job, str]] = field(default_factory=list)
    had_colour: list[Job] = field(default_factory=list)
    """Those done whose own colour was dropped."""


def plan(inputs: list[Path], out: Path | None, naming: Naming | None = None) -> Plan:
    """Pair each picture with its target; folders are searched and their trees mirrored.

    `out` is a picture's name (for a single input file) or a folder. Without it, x.jpg becomes
    x-colour.jpg beside it. Raises `ImageError` for a folder without pictures, and where an output
    would be an input or two outputs would be one file.
    """
    naming = naming or Naming()
    jobs: list[Job] = []
    root = out
    for path in inputs:
        with reaching(path), reaching(out or path):
            if path.is_dir():
                base = out or path.with_name(path.name + "-colour")
                root = base if out or len(inputs) == 1 else None
                jobs += list(_folder(path, base, naming))
            elif out is None:
                jobs.append(Job(path, naming.target(path.with_stem(path.stem + "-colour"))))
            elif out.suffix and not out.is_dir() and len(inputs) == 1:
                check_target(out)
                jobs.append(Job(path, out))
                root = None
            else:
                jobs.append(Job(path, naming.target(out / path.name)))
    _check(jobs)
    return Plan(jobs, root)


def _folder(folder: Path, base: Path, naming: Naming) -> Iterator[Job]:
    found = [path.relative_to(folder).as_posix() for path in find_pictures(folder)]
    wanted = [path for path in found if naming.takes(PurePosixPath(path))]
    if not wanted:
        raise ImageError(f"{folder}: none of its {len(found)} pictures is included")
    for path in wanted:
        target = naming.target(base / path)
        if folder / path != target:
            yield Job(folder / path, target)


def _check(jobs: list[Job]) -> None:
    sources = {job.source.resolve() for job in jobs}
    targets: dict[Path, Path] = {}
    for job in jobs:
        target = job.target.resolve()
        check_target(job.target)
        if target in sources:
            raise ImageError(f"{job.target}: output equal to an input; choose another with -o")
        if target in targets:
            raise ImageError(f"{job.source} and {targets[target]} would both become {job.target}")
        targets[target] = job.source


@dataclass(frozen=True)
class Outcome:
    """What came of one job."""

    job: Job
    skipped: bool = False
    kept: bool = False
    had_colour: bool = False
    entry: Entry | None = None
    """For the journal, if there is one."""
    error: str | None = None


@dataclass(frozen=True)
class Work:
    """How a job is done, wherever that is."""

    model: str
    """Digest of the model's file; empty where no journal wants it."""
    replace: bool
    """Whether outputs may replace what is there."""
    keep_colour: bool
    saving: Mapping[str, Any]
    options: Mapping[str, Any]

    def recipe(self, job: Job) -> str:
        """Name how a job is done."""
        return recipe(self.model, {**self.options, "hints": job.hints, **self.saving})

    def do(self, colorizer: Colorizer, job: Job) -> Outcome:
        """Colour a picture; what goes wrong is told in the outcome."""
        try:
            before = change(job.source) if self.model else 0
            with local_copy(job.source) as source:
                return self._colour(colorizer, job, source, before)
        except (PhotochromError, OSError) as error:
            return Outcome(job, error=str(error))

    def _colour(self, colorizer: Colorizer, job: Job, source: Path, before: int) -> Outcome:
        stamp = Stamp.of(source, before) if self.model else None
        coloured = colorizer.colorize(source, hints=job.hints, **self.options)
        if self.keep_colour and coloured.had_colour:
            return Outcome(job, kept=True)
        make_folder(job.target.parent)
        with written_to(job.target) as target:
            coloured.save(target, overwrite=self.replace, **self.saving)
            if not stamp:
                return Outcome(job, had_colour=coloured.had_colour)
            if not stamp.still_holds(job.source):
                target.unlink()
                raise ImageError(f"{job.source}: was changed while it was read")
            entry = Entry(str(job.source), stamp, self.recipe(job), digest(target))
        return Outcome(job, had_colour=coloured.had_colour, entry=entry)


Crew = Callable[[Work, Iterator[Job]], Iterator[Outcome]]
"""Does jobs, in any order; it takes them one by one, on the thread that asks for outcomes."""


def threads(colorizer: Colorizer, workers: int = 1) -> Crew:
    """Do jobs on threads of this process, `workers` at a time; few more are taken ahead."""

    def crew(work: Work, jobs: Iterator[Job]) -> Iterator[Outcome]:
        under_way: set[Future[Outcome]] = set()
        with ThreadPoolExecutor(workers, "picture") as pool:
            for job in jobs:
                under_way.add(pool.submit(work.do, colorizer, job))
                if len(under_way) >= 2 * workers:
                    ready, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in ready)
            for one in as_completed(under_way):
                yield one.result()

    return crew


def run(
    plan: Plan,
    model: Path,
    crew: Crew,
    *,
    overwrite: bool = False,
    verify: bool = False,
    keep_colour: bool = False,
    saving: Mapping[str, Any] | None = None,
    advance: Callable[[Job], None] = lambda job: None,
    **options: Any,
) -> Report:
    """Colour all jobs of a plan; a picture that fails is reported and does not stop the others.

    `crew` does the jobs, with the model in the file `model`: `threads(colorizer)`, or a cluster.
    When all outputs go into one folder, a journal is kept there: started again, only what is
    missing or has changed is done, and with `verify` also what is no longer as it was written.
    With `keep_colour` pictures that have colours are left alone. `saving` are options of
    `Coloured.save`, `options` those of `Colorizer.colorize`. `advance` is called after each job.
    Raises `ImageError` when another run is at work in the same folder.
    """
    report = Report()
    with Journal(plan.root) if plan.root else nullcontext() as journal:
        if journal:
            folders = {job.target.parent for job in plan.jobs}
            remove_leftovers(folder for folder in folders if not is_remote(folder))
        mark = digest(model) if journal else ""
        work = Work(mark, overwrite or journal is not None, keep_colour, saving or {}, options)
        is_there = those_there(plan.root) if plan.root else _is_there
        books = _Books(work, journal, report, overwrite, verify, is_there, advance)
        for outcome in crew(work, books.wanted(plan.jobs)):
            books.enter(outcome)
    return report


def _is_there(path: Path) -> bool:
    with reaching(path):
        return path.exists()


@dataclass
class _Books:
    """Which jobs are wanted, and what came of them: the thread that keeps the journal."""

    work: Work
    journal: Journal | None
    report: Report
    overwrite: bool
    verify: bool
    is_there: Callable[[Path], bool]
    advance: Callable[[Job], None]

    def wanted(self, jobs: list[Job]) -> Iterator[Job]:
        """Give the jobs that are to be done, each noted as begun; enter the others as skipped."""
        for job in jobs:
            if not self.overwrite and self.is_there(job.target) and self._is_to_stay(job):
                self.enter(Outcome(job, skipped=True))
                continue
            if self.journal:  # should the run be killed on the way, what it leaves is ours
                self.journal.begin(job.source, job.target)
            yield job

    def _is_to_stay(self, job: Job) -> bool:
        """Whether an output that is there is as it is to be, or is not ours to replace."""
        if not self.journal or not self.journal.wrote(job.target):
            return True
        if not self.journal.is_done(job.source, job.target, self.work.recipe(job)):
            return False
        return not self.verify or self.journal.is_whole(job.target)

    def enter(self, outcome: Outcome) -> None:
        """Write down what came of a job."""
        if outcome.entry and self.journal:
            self.journal.note(outcome.job.target, outcome.entry)
        elif self.journal:
            self.journal.give_up(outcome.job.target)
        if outcome.error:
            self.report.failed.append((outcome.job, outcome.error))
        elif outcome.skipped:
            self.report.skipped.append(outcome.job)
        elif outcome.kept:
            self.report.kept.append(outcome.job)
        else:
            self.report.done.append(outcome.job)
        if outcome.had_colour:
            self.report.had_colour.append(outcome.job)
        self.advance(outcome.job)


def propose(plan: Plan, colorizer: Colorizer, count: int, **options: Any) -> list[Job]:
    """Make `count` jobs of the one job of a plan: its proposals, x.jpg becoming x-1.jpg and on.

    `options` are those of `Colorizer.propose`.
    """
    (job,) = plan.jobs
    with local_copy(job.source) as source:
        found = colorizer.propose(source, count, **options)
    jobs = [
        Job(job.source, job.target.with_stem(f"{job.target.stem}-{number}"), tuple(hints))
        for number, hints in enumerate(found, 1)
    ]
    _check(jobs)
    return jobs
