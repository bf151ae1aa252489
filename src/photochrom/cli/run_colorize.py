"""The work of `photochrom colorize`: plan, colour, tell."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn

import click

from photochrom.batch import report as summaries
from photochrom.batch import runner
from photochrom.batch.outcome import Interrupted, Outcome, Report, State
from photochrom.batch.plan import Plan, plan
from photochrom.cli import films, pipe
from photochrom.cli.request import Request
from photochrom.cli.telling import (
    Teller,
    as_the_command_says,
    failures,
    print_object,
    print_preview,
    print_report,
)
from photochrom.errors import HintError
from photochrom.image import CancelToken, Limits, credentials
from photochrom.inference import zoo
from photochrom.inference.colorizer import Colorizer

STOPPED = 130
"""How the command ends after Ctrl+C, as shells have it."""


def run(request: Request) -> None:
    """Do what was asked for; end with 1 where a picture failed."""
    request.check()
    if request.summary:
        summaries.check(request.summary)
    if request.sign:
        credentials.check(request.sign)
    if pipe.STANDARD in request.pictures or request.out == str(pipe.STANDARD):
        pipe.check(request.pictures)
        _through_pipe(request)
        return
    if request.every is not None:
        films.write_sheets(request)
        return
    make_plan = partial(
        plan, list(request.pictures), request.target, request.naming, into=request.names_directory
    )
    if request.watch:
        request.check_watch()
        _watch(request, make_plan)
    hints = request.given_hints
    found = make_plan()
    if (hints or request.variants) and len(found.jobs) > 1:
        raise HintError(
            f"hints and variants are for one picture, not for {len(found.jobs)}; name one"
        )
    films.check(request, found)
    found.jobs = [replace(job, hints=tuple(hints)) for job in found.jobs] if hints else found.jobs
    if request.dry_run:
        _preview(request, found)
        return
    colorizer = _colorizer(request, request.variants or len(found.jobs) or 1)
    missing = (job for job in found.jobs if request.overwrite or not job.target.exists())
    films.tell_of_reading(request, (job.source for job in missing))
    if request.variants and found.jobs:
        found.jobs = runner.variants(found, colorizer, request.variants, request.vividness)
    sys.exit(_colorize(request, found, colorizer))


def _colorize(request: Request, found: Plan, colorizer: Colorizer) -> int:
    """Do the jobs of a plan; give the exit code."""
    teller = Teller(found, quiet=request.quiet, as_json=request.as_json)
    options = request.batch_options(leave_own=not found.is_single)
    count = len(found.jobs)
    try:
        with _stopped_by_user(request) as stop, teller.running():
            executor = _executor(
                request,
                colorizer,
                count,
                is_film=films.is_one(found),
                on_progress=teller.on_progress,
                limits=Limits(stop=stop),
            )
            model = colorizer.model.path
            report = runner.run(found, model, executor, options, teller.on_done, stop)
    except Interrupted as stopped:
        report = stopped.report
        teller.stopped(report, overwrite=request.overwrite)
        if request.summary:
            summaries.write(as_the_command_says(report), request.summary)
        return STOPPED
    teller.finish(report)
    if request.summary:
        summaries.write(as_the_command_says(report), request.summary)
    return 1 if report.failed or (request.verify and report.edited) else 0


def _preview(request: Request, found: Plan) -> None:
    """Tell what would be done, and write nothing."""
    options = request.batch_options(leave_own=not found.is_single)
    count = request.variants
    if count:
        (job,) = found.jobs
        found.jobs = runner.variant_jobs(job, [()] * count)
    report = runner.preview(found, zoo.find(request.model), options)
    print_preview(report, as_json=request.as_json)
    sys.exit(1 if report.failed else 0)


def _through_pipe(request: Request) -> None:
    options = replace(request.colorize_options, hints=tuple(request.given_hints))
    colorizer = Colorizer(request.model, threads=request.threads, device=request.device)
    (source,) = request.pictures
    pipe.colorize(colorizer, source, request.out, request.extension, options, request.save_options)


def _colorizer(request: Request, count: int) -> Colorizer:
    """Open the model for so many pictures; what is wrong for all of them is said here."""
    # The model's last digits depend on its threads: one of many, so that --jobs does not matter.
    threads = (os.cpu_count() or 1) if count == 1 else 1
    threads = request.threads or threads
    colorizer = Colorizer(request.model, threads=threads, device=request.device)
    colorizer.check(replace(request.colorize_options, hints=tuple(request.given_hints)))
    return colorizer


def _executor(
    request: Request, colorizer: Colorizer, count: int, *, is_film: bool = False, **options: Any
) -> runner.Executor:
    """Give what does jobs: threads, or a cluster, which shares a film that `is_film` alone."""
    if request.cluster:
        from photochrom.batch.ray import film_executor, ray_executor

        if is_film:
            return film_executor(request.cluster, request.model, colorizer, request.jobs, **options)
        return ray_executor(request.cluster, request.model, request.jobs)
    workers = request.jobs or max(1, min(os.cpu_count() or 1, count))
    return runner.threads(colorizer, workers, **options)


@contextmanager
def _stopped_by_user(request: Request) -> Iterator[CancelToken]:
    """Give a token that Ctrl+C cancels, so that what is done is noted; a second one ends at once.

    A cluster is not waited for.
    """
    stop = CancelToken()
    if request.cluster or threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.getsignal(signal.SIGINT)

    def cancel(*_: object) -> None:
        stop.cancel()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, cancel)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _watch(request: Request, make_plan: Callable[[], Plan]) -> NoReturn:
    """Colour what comes until the user stops it."""
    from photochrom.batch.watch import watch

    cores = os.cpu_count() or 1
    colorizer = _colorizer(request, cores)
    executor = _executor(request, colorizer, cores)

    def tell(outcome: Outcome) -> None:
        if request.as_json and outcome.state in (State.DONE, State.FAILED):
            print_object(outcome)

    def work(found: Plan) -> Report:
        options = request.batch_options(leave_own=not found.is_single)
        return runner.run(found, colorizer.model.path, executor, options, tell)

    if not request.quiet:
        click.echo("watching; stop with Ctrl+C", err=True)
    try:
        for report in watch(make_plan, work):
            for line in [] if request.as_json else failures(report):
                click.echo(line, err=True)
            if not (request.quiet or request.as_json):
                print_report(report)
    except KeyboardInterrupt:
        sys.exit(0)
    raise AssertionError("watching never ends by itself")
