"""Many pictures: which file becomes which, colouring them side by side, and what came of each."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from contextlib import nullcontext
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from photochrom.errors import ImageError, PhotochromError
from photochrom.hints import Hint
from photochrom.image import check_target, find_pictures, remove_leftovers
from photochrom.inference import Colorizer
from photochrom.journal import Entry, Journal, Stamp, digest, recipe

_UNWRITTEN = {".heic": ".avif", ".heif": ".avif"}  # HEVC encoders are rare


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

    def takes(self, path: Path) -> bool:
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
    found = [path.relative_to(folder) for path in find_pictures(folder)]
    wanted = [path for path in found if naming.takes(path)]
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


def run(
    plan: Plan,
    colorizer: Colorizer,
    *,
    workers: int = 1,
    overwrite: bool = False,
    verify: bool = False,
    keep_colour: bool = False,
    saving: Mapping[str, Any] | None = None,
    advance: Callable[[Job], None] = lambda job: None,
    **options: Any,
) -> Report:
    """Colour all jobs of a plan; a picture that fails is reported and does not stop the others.

    `workers` pictures are read, coloured and written at the same time. When all outputs go into
    one folder, a journal is kept there: started again, only what is missing or has changed is
    done, and with `verify` also what is no longer as it was written. With `keep_colour` pictures
    that have colours are left alone. `saving` are options of `Coloured.save`, `options` those of
    `Colorizer.colorize`. `advance` is called after each job. Raises `ImageError` when another run
    is at work in the same folder.
    """
    report = Report()
    with Journal(plan.root) if plan.root else nullcontext() as journal:
        if journal:
            remove_leftovers({job.target.parent for job in plan.jobs})
        batch = _Batch(colorizer, journal, overwrite, verify, keep_colour, saving or {}, options)
        with ThreadPoolExecutor(workers, "picture") as pool:
            for outcome in _side_by_side(pool, 2 * workers, plan.jobs, batch):
                batch.finish(outcome, report)
                advance(outcome.job)
    return report


@dataclass(frozen=True)
class _Outcome:
    """What came of one job."""

    job: Job
    skipped: bool = False
    kept: bool = False
    had_colour: bool = False
    entry: Entry | None = None
    """For the journal, if there is one."""
    error: str | None = None


def _side_by_side(
    pool: ThreadPoolExecutor, most: int, jobs: list[Job], batch: "_Batch"
) -> Iterator[_Outcome]:
    """Give outcomes as they come, with at most so many jobs under way."""
    under_way: set[Future[_Outcome]] = set()
    for job in jobs:
        if batch.may_skip(job):
            yield _Outcome(job, skipped=True)
            continue
        batch.begin(job)
        under_way.add(pool.submit(batch.colour, job))
        if len(under_way) >= most:
            ready, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in ready)
    for one in as_completed(under_way):
        yield one.result()


class _Batch:
    """The steps of a job. All but `colour` run on the thread that holds the journal."""

    def __init__(
        self,
        colorizer: Colorizer,
        journal: Journal | None,
        overwrite: bool,
        verify: bool,
        keep_colour: bool,
        saving: Mapping[str, Any],
        options: dict[str, Any],
    ) -> None:
        self.colorizer, self.journal, self.options = colorizer, journal, options
        self.overwrite, self.verify = overwrite, verify
        self.keep_colour, self.saving = keep_colour, saving
        self.model = digest(colorizer.path) if journal else ""

    def recipe(self, job: Job) -> str:
        """Name how a job is done."""
        return recipe(self.model, {**self.options, "hints": job.hints, **self.saving})

    def may_skip(self, job: Job) -> bool:
        """Whether the output is there, and is to stay."""
        if self.overwrite or not job.target.exists():
            return False
        if not self.journal or not self.journal.wrote(job.target):
            return True
        if not self.journal.is_done(job.source, job.target, self.recipe(job)):
            return False
        return not self.verify or self.journal.is_whole(job.target)

    def begin(self, job: Job) -> None:
        """Write down that the output will be ours, should the run be killed on the way."""
        if self.journal:
            self.journal.begin(job.source, job.target)

    def colour(self, job: Job) -> _Outcome:
        """Do the work."""
        try:
            stamp = Stamp.of(job.source) if self.journal else None
            coloured = self.colorizer.colorize(job.source, hints=job.hints, **self.options)
            if self.keep_colour and coloured.had_colour:
                return _Outcome(job, kept=True)
            _make_folder(job.target.parent)
            replace = self.overwrite or self.journal is not None
            coloured.save(job.target, overwrite=replace, **self.saving)
            if not stamp:
                return _Outcome(job, had_colour=coloured.had_colour)
            if not stamp.still_holds(job.source):
                job.target.unlink()
                raise ImageError(f"{job.source}: was changed while it was read")
            entry = Entry(job.source, stamp, self.recipe(job), digest(job.target))
            return _Outcome(job, had_colour=coloured.had_colour, entry=entry)
        except (PhotochromError, OSError) as error:
            return _Outcome(job, error=str(error))

    def finish(self, outcome: _Outcome, report: Report) -> None:
        """Write down what came of a job."""
        if outcome.entry and self.journal:
            self.journal.note(outcome.job.target, outcome.entry)
        elif self.journal:
            self.journal.give_up(outcome.job.target)
        if outcome.error:
            report.failed.append((outcome.job, outcome.error))
        elif outcome.skipped:
            report.skipped.append(outcome.job)
        elif outcome.kept:
            report.kept.append(outcome.job)
        else:
            report.done.append(outcome.job)
        if outcome.had_colour:
            report.had_colour.append(outcome.job)


def propose(plan: Plan, colorizer: Colorizer, count: int, **options: Any) -> Plan:
    """Make `count` jobs of the one job of a plan: its proposals, x.jpg becoming x-1.jpg and on.

    `options` are those of `Colorizer.propose`.
    """
    (job,) = plan.jobs
    found = colorizer.propose(job.source, count, **options)
    jobs = [
        Job(job.source, job.target.with_stem(f"{job.target.stem}-{number}"), tuple(hints))
        for number, hints in enumerate(found, 1)
    ]
    _check(jobs)
    return Plan(jobs, plan.root)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImageError(f"{folder}: cannot be made ({error.strerror})") from error
