"""What came of each job, and of all of them."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from photochrom.batch.journal import Entry
from photochrom.batch.naming import Job


class State(StrEnum):
    """What came of a picture."""

    DONE = "done"
    SKIPPED = "skipped"
    """Its output was there already."""
    EDITED = "edited"
    """Its output is not as it was written: somebody has edited it, or it is damaged."""
    LEFT_ALONE = "left alone"
    """It has colours of its own, and was to be left alone."""
    LEFT_OUT = "left out"
    """Photochrom made it, or files of its kind are not read."""
    FAILED = "failed"
    STOPPED = "stopped"
    """Nobody waited for it any longer."""


REASONS = {
    State.SKIPPED: "its output exists already",
    State.EDITED: "its output was changed since it was written",
    State.LEFT_ALONE: "it has colours",
}
"""Why nothing came of a picture, where it is always the same."""


@dataclass(frozen=True)
class Outcome:
    """What came of one job."""

    job: Job
    state: State = State.DONE
    reason: str = ""
    """Why nothing came of it; without the name of the picture."""
    had_color: bool = False
    """Whether its own colour was dropped."""
    notes: tuple[str, ...] = ()
    """What is worth knowing of how it was done."""
    entry: Entry | None = None
    """For the journal, if there is one."""
    warnings: tuple[str, ...] = ()
    """What was said on another machine of how it was done."""

    @classmethod
    def failed(cls, job: Job, reason: str) -> "Outcome":
        """Say why a job failed; the picture's name at the beginning is left away."""
        return cls(job, State.FAILED, reason.removeprefix(f"{job.source}: "))


@dataclass
class Report:
    """What came of the jobs."""

    done: list[Job] = field(default_factory=list)
    skipped: list[Job] = field(default_factory=list)
    """Those whose output was there already."""
    edited: list[Job] = field(default_factory=list)
    """Those whose output was changed since it was written, and is kept."""
    left_alone: list[Job] = field(default_factory=list)
    """Those that have colours of their own, and were to be left alone."""
    left_out: list[tuple[Path, str]] = field(default_factory=list)
    """Files that were not looked at any further, and why."""
    failed: list[tuple[Job, str]] = field(default_factory=list)
    """Those of which nothing came, and why."""
    had_color: list[Job] = field(default_factory=list)
    """Those done whose own colour was dropped."""
    notes: list[tuple[Job, str]] = field(default_factory=list)
    """What is worth knowing of how some were done."""

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        job = outcome.job
        if outcome.state is State.FAILED:
            self.failed.append((job, outcome.reason))
        elif outcome.state is State.LEFT_OUT:
            self.left_out.append((job.source, outcome.reason))
        elif outcome.state is not State.STOPPED:
            lists = {
                State.DONE: self.done,
                State.SKIPPED: self.skipped,
                State.EDITED: self.edited,
                State.LEFT_ALONE: self.left_alone,
            }
            lists[outcome.state].append(job)
        if outcome.had_color:
            self.had_color.append(job)
        self.notes += [(job, note) for note in outcome.notes]

    @property
    def finished(self) -> int:
        """How many jobs need not be done again."""
        return len(self.done) + len(self.skipped) + len(self.edited) + len(self.left_alone)


class Interrupted(KeyboardInterrupt):
    """A batch was stopped by its user; `report` says how far it came."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report
