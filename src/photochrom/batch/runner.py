"""Many pictures coloured side by side, and what came of each."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

from photochrom.batch.journal import Entry, Fingerprint, Journal, full_name
from photochrom.batch.plan import Job, Plan, checked
from photochrom.errors import ImageError, PhotochromError
from photochrom.guidance.hints import Hint
from photochrom.image import (
    JPEG_QUALITY,
    CancelToken,
    Limits,
    Picture,
    SaveOptions,
    remove_leftovers,
)
from photochrom.inference.colorizer import AnyColorized, Colorizer
from photochrom.inference.fingerprint import file_digest, settings_key
from photochrom.inference.options import ColorizeOptions
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


OnJobProgress = Callable[[Job, int, int], None]
"""Is told how much of a job is done, and of how much, now and then; on any thread."""


@dataclass(frozen=True)
class BatchOptions:
    """How all pictures of a batch are coloured and written."""

    colorize: ColorizeOptions = ColorizeOptions()
    save: SaveOptions = SaveOptions()
    verify: bool = False
    """Colour again what is no longer as it was written."""
    keep_color: bool = False
    """Leave pictures alone that have colours."""


@dataclass(frozen=True)
class Work:
    """How a job is done, wherever that is."""

    model: str
    """Digest of the model's file; empty where no journal wants it."""
    replace: bool
    """Whether outputs may replace what is there."""
    options: BatchOptions

    def settings_key(self, job: Job) -> str:
        """Name how a job is done."""
        return self._settings_key(job.hints) if job.hints else self._plain_settings_key

    @cached_property
    def _plain_settings_key(self) -> str:
        return self._settings_key(())

    def _settings_key(self, hints: tuple[Hint, ...]) -> str:
        save = self.options.save
        saving = {"note": save.note, "profile": save.profile, "pyramid": save.pyramid}
        if save.jpeg_quality != JPEG_QUALITY:
            saving["jpeg_quality"] = save.jpeg_quality
        options = replace(self.options.colorize, hints=hints).settings()
        return settings_key(self.model, {**options, **saving})

    def do(
        self,
        colorizer: Colorizer,
        job: Job,
        on_progress: OnJobProgress | None = None,
        limits: Limits | None = None,
    ) -> Outcome:
        """Colour a picture; what goes wrong is told in the outcome.

        A file that is larger than `limits` allow is refused before it is fetched.
        """
        try:
            before = revision(job.source) if self.model else 0
            with local_copy(job.source, (limits or Limits()).bytes) as source:
                colorized = self._colorize(colorizer, job, source, limits)
                if self.options.keep_color and colorized.had_color:
                    return Outcome(job, left_alone=True)
                fingerprint = Fingerprint.of(source, before) if self.model else None
                entry = self._save(colorized, job, fingerprint, on_progress)
                return Outcome(job, had_color=colorized.had_color, entry=entry)
        except UnicodeEncodeError:
            return Outcome(job, error=f"{job.source}: a name that is not UTF-8; give it another")
        except OSError as error:
            path, reason = error.filename or job.source, error.strerror or error
            return Outcome(job, error=f"{path}: {reason}")
        except PhotochromError as error:
            return Outcome(job, error=str(error))

    def _colorize(
        self, colorizer: Colorizer, job: Job, source: Path, limits: Limits | None
    ) -> AnyColorized:
        options = replace(self.options.colorize, hints=job.hints)
        if job.page is None:
            return colorizer.colorize(source, options, limits=limits)
        return colorizer.colorize(Picture(source, limits, job.page), options, limits=limits)

    def _save(
        self,
        colorized: AnyColorized,
        job: Job,
        fingerprint: Fingerprint | None,
        on_progress: OnJobProgress | None,
    ) -> Entry | None:
        """Write a job's output; give its entry for the journal, if there is one."""
        make_directory(job.target.parent)
        saving = replace(self.options.save, overwrite=self.replace)
        with written_to(job.target) as target:
            colorized.save(
                target, saving, on_progress=partial(on_progress, job) if on_progress else None
            )
            if not fingerprint:
                return None
            if not fingerprint.still_holds(job.source):
                target.unlink()
                raise ImageError(f"{job.source}: was changed while it was read")
            key = self.settings_key(job)
            return Entry(full_name(job.source), fingerprint, key, file_digest(target))


Executor = Callable[[Work, Iterator[Job]], Iterator[Outcome]]
"""Does jobs, in any order; it takes them one by one, on the thread that asks for outcomes."""


@contextmanager
def _cancelled_at_end(token: CancelToken) -> Iterator[None]:
    try:
        yield
    finally:
        token.cancel()


def threads(
    colorizer: Colorizer,
    workers: int = 1,
    on_progress: OnJobProgress | None = None,
    limits: Limits | None = None,
) -> Executor:
    """Do jobs on threads of this process, `workers` at a time; few more are taken ahead.

    `limits` bound each file, and may stop the work.
    """
    given = limits or Limits()

    def executor(work: Work, jobs: Iterator[Job]) -> Iterator[Outcome]:
        under_way: set[Future[Outcome]] = set()
        ended = CancelToken()  # by the user: a film would go on for hours
        bounds = replace(given, stop=lambda: ended() or bool(given.stop and given.stop()))
        with ThreadPoolExecutor(workers, "picture") as pool, _cancelled_at_end(ended):
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
    options: BatchOptions = BatchOptions(),
    on_done: Callable[[Job], None] = lambda job: None,
) -> Report:
    """Colour all jobs of a plan; a picture that fails is reported and does not stop the others.

    `executor` does the jobs, with the model in the file `model`: `threads(colorizer)`, or a
    cluster. When all outputs go into one folder, a journal is kept there: started again, only what
    is missing or has changed is done, and with `options.verify` also what is no longer as it was
    written. `on_done` is called after each job. Raises `ImageError` when another run is at work in
    the same folder.
    """
    overwrite = options.save.overwrite
    for job in plan.jobs if options.save.pyramid else ():
        job.check(pyramid=True)
    report = Report()
    for job, reason in plan.failed:
        report.fail(job, reason)
    remove_stale_copies()
    with Journal(plan.root) if plan.root else nullcontext() as journal:
        directories = {job.target.parent for job in plan.jobs} if journal else set()
        _tidy(directories)
        model_digest = file_digest(model) if journal else ""
        work = Work(model_digest, overwrite or journal is not None, options)
        is_there = exists_below(plan.root) if plan.root else lambda path: path.exists()
        ledger = _Ledger(work, journal, report, is_there, on_done)
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
        if self.work.options.save.overwrite or not self.is_there(job.target):
            return False
        if not self.journal or not self.journal.wrote(job.target):
            return True
        if not self.journal.is_done(job.source, job.target, self.work.settings_key(job)):
            return False
        return not self.work.options.verify or self.journal.is_whole(job.target)

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


def variants(
    plan: Plan,
    colorizer: Colorizer,
    count: int,
    vividness: float | None = None,
    limits: Limits | None = None,
) -> list[Job]:
    """Make `count` jobs of the one job of a plan: its variants, x.jpg becoming x-1.jpg and on.

    A file that is larger than `limits` allow is refused before it is fetched.
    """
    (job,) = plan.jobs
    with local_copy(job.source, (limits or Limits()).bytes) as source:
        found = colorizer.variants(source, count, vividness=vividness, limits=limits)
    jobs = [
        Job(job.source, job.target.with_stem(f"{job.target.stem}-{number}"), tuple(hints))
        for number, hints in enumerate(found, 1)
    ]
    return checked(jobs)
