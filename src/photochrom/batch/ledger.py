"""Which jobs are wanted, and what came of them: one rule for outputs that exist.

An output that exists is replaced only when its user says so, or when it is, byte for byte, what
the journal of its folder says was written, of another picture or in another way.
"""

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from photochrom.batch.journal import Entries, Journal
from photochrom.batch.naming import Job
from photochrom.batch.outcome import REASONS, Outcome, Report, State
from photochrom.errors import ImageError
from photochrom.image.inspection import read_facts
from photochrom.storage import local_copy, reaching


def facts_of(path: Path) -> dict[str, str]:
    """Say how Photochrom coloured a picture, here or at an address; nothing if it did not."""
    try:
        with local_copy(path) as copy:
            return read_facts(copy)
    except ImageError:
        return {}


@dataclass
class Ledger:
    """Keeps the journal, if there is one, and the report, on one thread."""

    settings_key: Callable[[Job], str]
    """Names how a job is done."""
    entries: Entries | None
    """Of the journal; without one, outputs that exist are not known."""
    report: Report
    exists: Callable[[Path], bool]
    """Whether an output is there."""
    on_done: Callable[[Outcome], None]
    overwrite: bool = False
    verify: bool = False

    def wanted(self, jobs: list[Job], is_stopped: Callable[[], bool]) -> Iterator[Job]:
        """Give the jobs that are to be done, each noted as begun; count the others."""
        for job in jobs:
            if is_stopped():
                return
            try:
                with reaching(job.source), reaching(job.target):
                    is_there = self._exists(job.target)
                    state = self._judge(job) if is_there else None
            except ImageError as error:
                self.count(Outcome.failed(job, str(error)))
                continue
            if state:
                self.count(Outcome(job, state, REASONS[state]))
                continue
            if isinstance(self.entries, Journal):  # a killed run leaves what it has begun
                self.entries.begin(job.source, job.target)
            yield replace(job, replace=True) if is_there or self.overwrite else job

    def _exists(self, target: Path) -> bool:
        try:
            return self.exists(target)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            raise ImageError(
                f"{target}: the output's name is too long for its disk; pass another out=PATH"
            ) from error

    def _judge(self, job: Job) -> State | None:
        """Say what becomes of a job whose output is there; None when it is to be replaced."""
        if self.overwrite and job.is_input and not facts_of(job.target):
            raise ImageError(
                f"{job.target}: it is among the pictures that were given, and Photochrom did not "
                "make it, so that it is not replaced; pass another out=PATH"
            )
        known = self.entries if self.entries and self.entries.wrote(job.target) else None
        if self.overwrite and not (known and self.verify):
            return None
        if not known:
            return State.SKIPPED
        done = known.is_done(job.source, job.target, self.settings_key(job))
        if done and not self.verify:
            return State.SKIPPED
        if known.is_whole(job.target):
            return State.SKIPPED if done else None
        stopped_in_time = known.is_begun(job.target) and facts_of(job.target)
        return None if self.overwrite or stopped_in_time else State.EDITED

    def enter(self, outcome: Outcome) -> None:
        """Write down what came of a job."""
        if isinstance(self.entries, Journal):
            if outcome.entry:
                self.entries.note(outcome.job.target, outcome.entry)
            else:
                self.entries.give_up(outcome.job.target)
        self.count(outcome)

    def count(self, outcome: Outcome) -> None:
        """Add an outcome to the report, and tell of it."""
        self.report.add(outcome)
        if outcome.state is not State.STOPPED:
            self.on_done(outcome)
