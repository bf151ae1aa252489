"""Many pictures coloured side by side, and what came of each."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from threading import Event
from typing import Any

from photochrom.batch.journal import Entry, Fingerprint, Journal, full_name
from photochrom.batch.plan import Job, Plan, checked
from photochrom.errors import ImageError, PhotochromError
from photochrom.guidance.hints import Hint
from photochrom.image import Limits, Picture, remove_leftovers
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.fingerprint import file_digest, settings_key
from photochrom.storage import (
    exists_below,
    is_remote,
    local_copy,
    make_directory,
    reaching,
    remove_stale_copies,
    revision,
    written_to,
)
from photochrom.video import is_film


@dataclass
class Report:
    """What came of the jobs."""

    done: list[Job] = field(default_factory=list)
    skipped: list[Job] = field(default_factory=list)
    """Those whose output was there already."""
    left_alone: list[Job] = field(default_factory=list)
    """Those that have colours of their own, and were to be left alone."""
    failed: list[tuple[Job, str]] = field(default_factory=list)
    """Those of which nothing came, and why."""
    had_color: list[Job] = field(default_factory=list)
    """Those done whose own colour was dropped."""

    def fail(self, job: Job, reason: str) -> None:
        """Add a failure; its reason need not name the picture again."""
        self.failed.append((job, reason.removeprefix(f"{job.source}: ")))


@dataclass(frozen=True)
class Outcome:
    """What came of one job."""

    job: Job
    skipped: bool = False
    left_alone: bool = False
    had_color: bool = False
    entry: Entry | None = None
    """For the journal, if there is one."""
    error: str | None = None


OnFilmProgress = Callable[[Job, float], None]
"""Is told which share of a job is done, now and then, where that takes long; on any thread."""


@dataclass(frozen=True)
class Work:
    """How a job is done, wherever that is."""

    model: str
    """Digest of the model's file; empty where no journal wants it."""
    replace: bool
    """Whether outputs may replace what is there."""
    keep_color: bool
    saving: Mapping[str, Any]
    options: Mapping[str, Any]

    def settings_key(self, job: Job) -> str:
        """Name how a job is done."""
        return self._settings_key(job.hints) if job.hints else self._plain_settings_key

    @cached_property
    def _plain_settings_key(self) -> str:
        return self._settings_key(())

    def _settings_key(self, hints: tuple[Hint, ...]) -> str:
        return settings_key(self.model, {**self.options, "hints": hints, **self.saving})

    def do(
        self,
        colorizer: Colorizer,
        job: Job,
        on_progress: OnFilmProgress | None = None,
        limits: Limits | None = None,
    ) -> Outcome:
        """Colour a picture; what goes wrong is told in the outcome.

        `on_progress` is told how far a film is. A file that is larger than `limits` allow is
        refused before it is fetched.
        """
        try:
            before = revision(job.source) if self.model else 0
            with local_copy(job.source, (limits or Limits()).bytes) as source:
                return self._colorize(colorizer, job, source, before, on_progress, limits)
        except UnicodeEncodeError:
            return Outcome(job, error=f"{job.source}: a name that is not UTF-8; give it another")
        except OSError as error:
            path, reason = error.filename or job.source, error.strerror or error
            return Outcome(job, error=f"{path}: {reason}")
        except PhotochromError as error:
            return Outcome(job, error=str(error))

    def _colorize(
        self,
        colorizer: Colorizer,
        job: Job,
        source: Path,
        before: int,
        on_progress: OnFilmProgress | None,
        limits: Limits | None,
    ) -> Outcome:
        fingerprint = Fingerprint.of(source, before) if self.model else None
        picture = source if job.page is None else Picture(source, limits, job.page)
        colorized = colorizer.colorize(picture, hints=job.hints, limits=limits, **self.options)
        if self.keep_color and colorized.had_color:
            return Outcome(job, left_alone=True)
        make_directory(job.target.parent)
        with written_to(job.target) as target:
            extra = (
                {"on_progress": partial(on_progress, job)}
                if on_progress and is_film(job.source)
                else {}
            )
            colorized.save(target, overwrite=self.replace, **self.saving, **extra)
            if not fingerprint:
                return Outcome(job, had_color=colorized.had_color)
            if not fingerprint.still_holds(job.source):
                target.unlink()
                raise ImageError(f"{job.source}: was changed while it was read")
            entry = Entry(
                full_name(job.source), fingerprint, self.settings_key(job), file_digest(target)
            )
        return Outcome(job, had_color=colorized.had_color, entry=entry)


Executor = Callable[[Work, Iterator[Job]], Iterator[Outcome]]
"""Does jobs, in any order; it takes them one by one, on the thread that asks for outcomes."""


@contextmanager
def _set_at_end(event: Event) -> Iterator[None]:
    try:
        yield
    finally:
        event.set()


def threads(
    colorizer: Colorizer,
    workers: int = 1,
    on_progress: OnFilmProgress | None = None,
    limits: Limits | None = None,
) -> Executor:
    """Do jobs on threads of this process, `workers` at a time; few more are taken ahead.

    `limits` bound each file, and may stop the work.
    """
    given = limits or Limits()

    def executor(work: Work, jobs: Iterator[Job]) -> Iterator[Outcome]:
        under_way: set[Future[Outcome]] = set()
        ended = Event()  # by the user: a film would go on for hours
        bounds = replace(given, stop=lambda: ended.is_set() or bool(given.stop and given.stop()))
        with ThreadPoolExecutor(workers, "picture") as pool, _set_at_end(ended):
            for job in jobs:
                under_way.add(pool.submit(work.do, colorizer, job, on_progress, bounds))
                if len(under_way) >= 2 * workers:
                    ready, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in ready)
            for one in as_completed(under_way):
                yield one.result()

    return executor


def run(
    plan: Plan,
    model: Path,
    executor: Executor,
    *,
    overwrite: bool = False,
    verify: bool = False,
    keep_color: bool = False,
    saving: Mapping[str, Any] | None = None,
    on_done: Callable[[Job], None] = lambda job: None,
    **options: Any,
) -> Report:
    """Colour all jobs of a plan; a picture that fails is reported and does not stop the others.

    `executor` does the jobs, with the model in the file `model`: `threads(colorizer)`, or a
    cluster. When all outputs go into one folder, a journal is kept there: started again, only what
    is missing or has changed is done, and with `verify` also what is no longer as it was written.
    With `keep_color` pictures that have colours are left alone. `saving` are options of
    `Colorized.save`, `options` those of `Colorizer.colorize`. `on_done` is called after each job.
    Raises `ImageError` when another run is at work in the same folder.
    """
    for job in plan.jobs if (saving or {}).get("pyramid") else ():
        job.check(pyramid=True)
    report = Report()
    for job, reason in plan.failed:
        report.fail(job, reason)
    remove_stale_copies()
    with Journal(plan.root) if plan.root else nullcontext() as journal:
        directories = {job.target.parent for job in plan.jobs} if journal else set()
        _tidy(directories)
        model_digest = file_digest(model) if journal else ""
        work = Work(
            model_digest, overwrite or journal is not None, keep_color, saving or {}, options
        )
        is_there = exists_below(plan.root) if plan.root else lambda path: path.exists()
        ledger = _Ledger(work, journal, report, overwrite, verify, is_there, on_done)
        for outcome in executor(work, ledger.wanted(plan.jobs)):
            ledger.enter(outcome)
        _tidy(directories)
    return report


def _tidy(directories: set[Path]) -> None:
    """Remove what killed runs, or a cluster's killed workers, left in folders."""
    for directory in directories:
        if not is_remote(directory):
            with suppress(OSError):  # that it cannot be read, its own jobs tell
                remove_leftovers([directory])


@dataclass
class _Ledger:
    """Which jobs are wanted, and what came of them: the thread that keeps the journal."""

    work: Work
    journal: Journal | None
    report: Report
    overwrite: bool
    verify: bool
    is_there: Callable[[Path], bool]
    on_done: Callable[[Job], None]

    def wanted(self, jobs: list[Job]) -> Iterator[Job]:
        """Give the jobs that are to be done, each noted as begun; count the others."""
        for job in jobs:
            try:
                with reaching(job.source), reaching(job.target):
                    stays = self._stays(job)
            except ImageError as error:
                self._count(Outcome(job, error=str(error)))
                continue
            if stays:
                self._count(Outcome(job, skipped=True))
                continue
            if self.journal:  # should the run be killed on the way, what it leaves is ours
                self.journal.begin(job.source, job.target)
            yield job

    def _stays(self, job: Job) -> bool:
        """Whether an output is there, and is as it is to be or not ours to replace."""
        if self.overwrite or not self.is_there(job.target):
            return False
        if not self.journal or not self.journal.wrote(job.target):
            return True
        if not self.journal.is_done(job.source, job.target, self.work.settings_key(job)):
            return False
        return not self.verify or self.journal.is_whole(job.target)

    def enter(self, outcome: Outcome) -> None:
        """Write down what came of a job."""
        if outcome.entry and self.journal:
            self.journal.note(outcome.job.target, outcome.entry)
        elif self.journal:
            self.journal.give_up(outcome.job.target)
        self._count(outcome)

    def _count(self, outcome: Outcome) -> None:
        if outcome.error:
            self.report.fail(outcome.job, outcome.error)
        elif outcome.skipped:
            self.report.skipped.append(outcome.job)
        elif outcome.left_alone:
            self.report.left_alone.append(outcome.job)
        else:
            self.report.done.append(outcome.job)
        if outcome.had_color:
            self.report.had_color.append(outcome.job)
        self.on_done(outcome.job)


def propose(
    plan: Plan, colorizer: Colorizer, count: int, limits: Limits | None = None, **options: Any
) -> list[Job]:
    """Make `count` jobs of the one job of a plan: its proposals, x.jpg becoming x-1.jpg and on.

    A file that is larger than `limits` allow is refused before it is fetched. `options` are those
    of `Colorizer.propose`.
    """
    (job,) = plan.jobs
    with local_copy(job.source, (limits or Limits()).bytes) as source:
        found = colorizer.propose(source, count, **options)
    jobs = [
        Job(job.source, job.target.with_stem(f"{job.target.stem}-{number}"), tuple(hints))
        for number, hints in enumerate(found, 1)
    ]
    return checked(jobs)
