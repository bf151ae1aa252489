"""What `photochrom colorize` prints: a bar on a terminal, lines without one, JSON, or nothing."""

import json
import sys
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import click

from photochrom.batch.ledger import facts_of
from photochrom.batch.naming import Job
from photochrom.batch.outcome import REASONS, Outcome, Report, State
from photochrom.batch.own_outputs import UNREAD
from photochrom.batch.plan import Plan
from photochrom.batch.report import DROPPED
from photochrom.cli.film_progress import FilmProgress
from photochrom.cli.messages import in_flags
from photochrom.cli.progress import Bar
from photochrom.image import count_extensions
from photochrom.image.provenance import listed
from photochrom.video import is_film

PLANNED = "planned"
"""The state of pictures that --dry-run would have done."""
_FEW = 3  # pictures that fail for the same reason, up to which each is named


class Teller:
    """Tells of the jobs of a plan as they are done, and of all of them in the end.

    Its methods `on_progress` and `on_done` may be called on any thread.
    """

    def __init__(self, found: Plan, *, quiet: bool = False, as_json: bool = False) -> None:
        self._total, self._quiet, self._as_json = len(found.jobs), quiet, as_json
        self._bar = Bar("Colouring", found.jobs)
        self._has_lines = not (quiet or as_json or self._bar.is_shown)
        self._count = 0
        self._films = FilmProgress()
        if as_json:
            for path, reason in found.left_out:
                _print_line(State.LEFT_OUT, path, None, reason)
            for job, reason in found.failed:
                print_object(Outcome(job, State.FAILED, reason))

    def running(self) -> AbstractContextManager[object]:
        """Show the bar, if there is to be one."""
        return nullcontext() if self._quiet else self._bar

    def on_progress(self, job: Job, done: int, total: int) -> None:
        """Tell how much of a job is done, which matters for films."""
        self._bar.on_progress(job, done, total)
        line = self._films.line(job, done, total) if is_film(job.source) else ""
        if line and self._has_lines:
            click.echo(line, err=True)

    def on_done(self, outcome: Outcome) -> None:
        """Tell what came of a job."""
        self._bar.done(outcome.job)
        if outcome.state is not State.STOPPED:
            self._films.done(outcome.job)
        if outcome.state is State.LEFT_OUT:  # which shows when it is opened
            self._total -= 1
        else:
            self._count += 1
        job = outcome.job
        if self._as_json:
            print_object(outcome)
        elif self._has_lines and self._total > 1:
            if outcome.state in (State.DONE, State.FAILED):
                failed = " failed" if outcome.state is State.FAILED else ""
                line = f"{self._count} of {self._total}: {_name(job.source)}{failed}"
                click.echo(line, err=True)

    def finish(self, report: Report) -> None:
        """Tell what came of all jobs; what failed is told in any case."""
        for line in [] if self._as_json else failures(report):
            click.echo(line, err=True)
        if not (self._quiet or self._as_json):
            print_report(report)

    def stopped(self, report: Report, *, overwrite: bool) -> None:
        """Tell how far the work came before its user stopped it."""
        if not self._quiet:
            without = " without --overwrite" if overwrite else ""
            for line in self._films.stopped():
                click.echo(line, err=True)
            done = f"{report.finished} of {self._total} done"
            click.echo(f"{done}; the same command{without} goes on", err=True)


def print_object(outcome: Outcome) -> None:
    """Print what came of a job as a line of JSON."""
    job, nowhere = outcome.job, (State.FAILED, State.LEFT_OUT)
    target = None if outcome.state in nowhere else job.target
    said = [DROPPED] if outcome.had_color else []
    reason = "; ".join([*said, *outcome.notes]) or in_flags(outcome.reason)
    _print_line(outcome.state, job.source, target, reason)


def _print_line(state: str, source: Path, target: Path | None, reason: str) -> None:
    output = None if target is None else str(target)
    entry = {"state": str(state), "picture": str(source), "output": output, "reason": reason}
    click.echo(json.dumps(entry))
    sys.stdout.flush()


def as_the_command_says(report: Report) -> Report:
    """Give a report whose reasons speak of flags, for a file of it."""
    failed = [(job, in_flags(reason)) for job, reason in report.failed]
    return replace(report, failed=failed)


def print_preview(report: Report, *, as_json: bool) -> None:
    """Print what would be done of each picture."""
    if as_json:
        for job in report.done:
            _print_line(PLANNED, job.source, job.target, "")
        for path, reason in report.left_out:
            _print_line(State.LEFT_OUT, path, None, reason)
        for state, jobs in ((State.SKIPPED, report.skipped), (State.EDITED, report.edited)):
            for job in jobs:
                print_object(Outcome(job, state, REASONS[state]))
        for job, reason in report.failed:
            print_object(Outcome(job, State.FAILED, reason))
        return
    for job in report.done:
        click.echo(f"{_name(job.source)} -> {_name(job.target)}")
    for line in failures(report):
        click.echo(line, err=True)
    click.echo(counts(report).replace(" done", " to do", 1) + "; nothing was written")
    if left_out := what_was_left_out(report):
        click.echo(f"left out: {left_out}")


def failures(report: Report) -> list[str]:
    """Say which pictures failed, and why; many that fail for one reason are told together."""
    counts = Counter(reason for _, reason in report.failed)
    lines = dict[str, None]()  # each once, in their order
    for job, reason in report.failed:
        count = counts[reason]
        name = f"{count} pictures" if count > _FEW else _name(job.source)
        lines[f"failed: {name}: {in_flags(reason)}"] = None
    return list(lines)


def print_report(report: Report) -> None:
    """Print what came of all jobs, but failures: counts, and what their user may want to do."""
    for job in report.had_color:
        click.echo(f"note: {_name(job.source)} had colours of its own; they were dropped", err=True)
    for job, note in report.notes:
        click.echo(f"note: {_name(job.source)}: {note}", err=True)
    for job in report.edited:
        advice = "add --overwrite to replace it"
        click.echo(
            f"kept: {_name(job.target)} was changed since it was written; {advice}", err=True
        )
    left_out = what_was_left_out(report)
    others = report.edited or report.left_alone or report.failed or left_out
    if len(report.done) == 1 and not (others or report.skipped):
        click.echo(_name(report.done[0].target))
    elif len(report.skipped) == 1 and not (others or report.done):
        click.echo(_existing(report.skipped[0].target))
    else:
        click.echo(counts(report))
    if left_out:
        click.echo(f"left out: {left_out}")


def counts(report: Report) -> str:
    """Count what came of the jobs."""
    replaces = "--overwrite replaces"
    parts = [f"{len(report.done)} done"]
    for count, words in (
        (len(report.left_alone), "left alone (they have colours)"),
        (len(report.skipped), f"skipped (exist already; {replaces} them)"),
        (len(report.edited), f"kept (changed since they were written; {replaces} them)"),
        (len(report.failed), "failed"),
    ):
        parts += [f"{count} {words}"] if count else []
    return ", ".join(parts)


def what_was_left_out(report: Report) -> str:
    """Count what was left out, such as "12 .xcf, 3 made by Photochrom"; nothing if all was done."""
    unread = [path for path, reason in report.left_out if reason == UNREAD]
    own = len(report.left_out) - len(unread)
    parts = [count_extensions(unread)] if unread else []
    return ", ".join([*parts, f"{own} made by Photochrom"] if own else parts)


def _existing(target: Path) -> str:
    """Say how an output was made that exists already, and what to type."""
    made = listed(facts_of(target))
    how = f"coloured by Photochrom with {made}" if made else "without a note of how it was made"
    return (
        f"{_name(target)} exists already, {how}; "
        "add --overwrite to replace it, or -o to write another"
    )


def _name(path: Path) -> str:
    return click.format_filename(str(path))
