"""Many pictures coloured side by side, and what came of each."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photochrom.batch.journal import Entries, Entry, Fingerprint, Journal, full_name, peek
from photochrom.batch.ledger import Ledger, facts_of
from photochrom.batch.naming import Job
from photochrom.batch.outcome import REASONS, Interrupted, Outcome, Report, State
from photochrom.batch.own_outputs import MADE
from photochrom.batch.plan import Plan, checked
from photochrom.errors import ImageError, PhotochromError, Stopped, unread
from photochrom.guidance.hints import AnyHint, Hint
from photochrom.image import (
    JPEG_QUALITY,
    CancelToken,
    Limits,
    Picture,
    SaveOptions,
    remove_leftovers,
)
from photochrom.image.colorized import Colorized, ColorizedPages
from photochrom.image.inspection import read_facts
from photochrom.inference.colorizer import AnyColorized, Colorizer
from photochrom.inference.fingerprint import file_digest, settings_key
from photochrom.inference.options import ColorizeOptions
from photochrom.storage import (
    check_is_file,
    exists_below,
    is_remote,
    local_copy,
    make_directory,
    remove_stale_copies,
    revision,
    written_to,
)
from photochrom.video.sequence import is_sequence

if TYPE_CHECKING:
    from photochrom.video.segment_maker import Crew

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
    leave_own: bool = False
    """Leave out pictures that Photochrom coloured."""


@dataclass(frozen=True)
class Work:
    """How a job is done, wherever that is."""

    model: str
    """Digest of the model's file; empty where no journal wants it."""
    options: BatchOptions
    is_repeated: bool = False
    """Whether a job may be done twice, when a machine is lost, and replaces its own output."""

    def settings_key(self, job: Job) -> str:
        """Name how a job is done."""
        return self._settings_key(job.hints) if job.hints else self._plain_settings_key

    @cached_property
    def _plain_settings_key(self) -> str:
        return self._settings_key(())

    def _settings_key(self, hints: tuple[AnyHint, ...]) -> str:
        save = self.options.save
        saving: dict[str, Any] = {
            "note": save.note,
            "profile": save.profile,
            "pyramid": save.pyramid,
        }
        if save.jpeg_quality != JPEG_QUALITY:
            saving["jpeg_quality"] = save.jpeg_quality
        encoding = {
            name: getattr(save, name)
            for name in ("codec", "crf", "bits", "pixel_format", "comparison")
        }
        saving |= {name: value for name, value in encoding.items() if value not in ("", None)}
        if save.sign:  # a certificate that is renewed does not make all outputs old
            saving["sign"] = True
        options = replace(self.options.colorize, hints=hints).settings()
        return settings_key(self.model, {**options, **saving})

    def do(
        self,
        colorizer: Colorizer,
        job: Job,
        on_progress: OnJobProgress | None = None,
        limits: Limits | None = None,
        crew: "Crew | None" = None,
    ) -> Outcome:
        """Colour a picture; what goes wrong is told in the outcome.

        A file that is larger than `limits` allow is refused before it is fetched. A `crew` makes
        the segments of a film.
        """
        try:
            before = _revision(job)
            with local_copy(job.source, (limits or Limits()).bytes) as source:
                if self.options.leave_own and read_facts(source):
                    return Outcome(job, State.LEFT_OUT, MADE)
                colorized = self._colorize(colorizer, job, source, limits)
                if crew and not isinstance(colorized, Colorized | ColorizedPages):
                    colorized.crew = crew
                if self.options.keep_color and colorized.had_color:
                    return Outcome(job, State.LEFT_ALONE, REASONS[State.LEFT_ALONE])
                fingerprint = Fingerprint.of(source, before) if self.model else None
                entry = self._save(colorized, job, fingerprint or before, on_progress)
                return Outcome(
                    job, had_color=colorized.had_color, notes=_notes(colorized), entry=entry
                )
        except Stopped:
            return Outcome(job, State.STOPPED)
        except UnicodeEncodeError:
            return Outcome.failed(job, "its name is not UTF-8; rename it")
        except OSError as error:
            return Outcome.failed(job, str(unread(error.filename or job.source, error)))
        except PhotochromError as error:
            return Outcome.failed(job, str(error))

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
        read: Fingerprint | int,
        on_progress: OnJobProgress | None,
    ) -> Entry | None:
        """Write a job's output; give its entry for the journal, if there is one.

        `read` is the fingerprint of what was read, or its revision where there is no journal.
        """
        make_directory(job.target.parent)
        saving = replace(self.options.save, overwrite=job.replace or self.is_repeated)
        with written_to(job.target) as target:
            colorized.save(
                target, saving, on_progress=partial(on_progress, job) if on_progress else None
            )
            if isinstance(read, Fingerprint):
                holds = read.still_holds(job.source)
            else:
                holds = read == _revision(job)
            if not holds:
                target.unlink()
                raise ImageError(
                    f"{job.source}: the file was changed while it was read; colour it again"
                )
            if not isinstance(read, Fingerprint):
                return None
            key = self.settings_key(job)
            return Entry(full_name(job.source), read, key, file_digest(target))


def _notes(colorized: AnyColorized) -> tuple[str, ...]:
    """Give what is worth knowing of how a film was coloured."""
    return () if isinstance(colorized, Colorized | ColorizedPages) else tuple(colorized.notes())


def _revision(job: Job) -> int:
    """Give the revision of what a job reads; 0 for a film that is a sequence of files."""
    if is_sequence(job.source):
        return 0
    found = revision(job.source)
    check_is_file(job.source)
    return found


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
    on_done: Callable[[Outcome], None] = lambda outcome: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Report:
    """Colour all jobs of a plan; a picture that fails is reported and does not stop the others.

    `executor` does the jobs, with the model in the file `model`: `threads(colorizer)`, or a
    cluster. When all outputs go into one folder, a journal is kept there: started again, only what
    is missing or has changed is done, and with `options.verify` each output is compared with what
    was written. `on_done` is told what came of each job. No job is begun once `is_stopped()`.
    Raises `ImageError` when another run is at work in the same folder, and `Interrupted` when the
    work was stopped.
    """
    for job in plan.jobs if options.save.pyramid else ():
        job.check(pyramid=True)
    report = Report(failed=list(plan.failed), left_out=list(plan.left_out))
    remove_stale_copies()
    with Journal(plan.root) if plan.root else nullcontext() as journal:
        directories = {job.target.parent for job in plan.jobs} if journal else set()
        _tidy(directories)
        work = Work(file_digest(model) if journal else "", options)
        ledger = _ledger(plan, work, journal, report, on_done)
        try:
            for outcome in executor(work, ledger.wanted(plan.jobs, is_stopped)):
                ledger.enter(outcome)
        except KeyboardInterrupt as error:
            raise Interrupted(report) from error
        _tidy(directories)
    if is_stopped():
        raise Interrupted(report)
    return report


def preview(plan: Plan, model: Path, options: BatchOptions = BatchOptions()) -> Report:
    """Tell what `run` would do, as if each job were done that it would begin; nothing is written.

    Pictures whose colours would be kept are told from others only when they are decoded: here they
    are taken for done.
    """
    report = Report(failed=list(plan.failed), left_out=list(plan.left_out))
    entries = peek(plan.root) if plan.root else None
    work = Work(file_digest(model) if entries else "", options)
    ledger = _ledger(plan, work, entries, report)
    for job in ledger.wanted(plan.jobs, lambda: False):
        own = options.leave_own and facts_of(job.source)
        ledger.count(Outcome(job, State.LEFT_OUT, MADE) if own else Outcome(job))
    return report


def _ledger(
    plan: Plan,
    work: Work,
    entries: Entries | None,
    report: Report,
    on_done: Callable[[Outcome], None] = lambda outcome: None,
) -> Ledger:
    exists = exists_below(plan.root) if plan.root else lambda path: path.exists()
    overwrite, verify = work.options.save.overwrite, work.options.verify
    return Ledger(work.settings_key, entries, report, exists, on_done, overwrite, verify)


def _tidy(directories: set[Path]) -> None:
    """Remove what killed runs, or a cluster's killed workers, left in folders."""
    for directory in directories:
        if not is_remote(directory):
            with suppress(OSError):  # that it cannot be read, its own jobs tell
                remove_leftovers([directory])


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
    return variant_jobs(job, found)


def variant_jobs(job: Job, hints: Iterable[Iterable[Hint]]) -> list[Job]:
    """Make jobs of a job, by the hints of each, whose outputs have numbers."""
    return checked(
        [
            Job(job.source, job.target.with_stem(f"{job.target.stem}-{number}"), tuple(given))
            for number, given in enumerate(hints, 1)
        ]
    )
