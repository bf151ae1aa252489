"""The work of `photochrom colorize`: plan, colour, tell."""

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NoReturn

import click

from photochrom.batch import report as summaries
from photochrom.batch import runner
from photochrom.batch.plan import Job, Plan, plan
from photochrom.batch.runner import Report
from photochrom.cli import pipe
from photochrom.cli.progress import Bar
from photochrom.cli.request import Request
from photochrom.errors import HintError
from photochrom.inference.colorizer import Colorizer


def run(request: Request) -> None:
    """Do what was asked for; end with 1 where a picture failed."""
    # The plan of a large batch is many objects that stay; Python need not walk them all the time.
    gc.set_threshold(100_000, 50, 50)
    if request.summary:
        summaries.check(request.summary)
    if pipe.is_meant(request.pictures, request.out):
        _through_pipe(request)
        return
    make_plan = partial(
        plan, list(request.pictures), request.target, request.naming, into=request.names_directory
    )
    if request.watch:
        request.check_watch()
        _watch(request, make_plan)
    found = make_plan()
    colorizer = _colorizer(request, request.variants or len(found.jobs) or 1)
    _steer(request, found, colorizer)
    bar = Bar("Colouring", found.jobs)
    work = _work(request, colorizer, len(found.jobs), bar)
    with bar:
        report = work(found, bar.done)
    _print_report(report)
    if request.summary:
        summaries.write(report, request.summary)
    sys.exit(1 if report.failed else 0)


def _through_pipe(request: Request) -> None:
    options = replace(request.colorize_options, hints=tuple(request.given_hints))
    colorizer = Colorizer(request.model, threads=request.threads)
    (source,) = request.pictures
    pipe.colorize(colorizer, source, request.out, request.extension, options, request.save_options)


def _colorizer(request: Request, count: int) -> Colorizer:
    """Open the model for so many pictures."""
    # The model's last digits depend on its threads: one of many, so that --jobs does not matter.
    threads = (os.cpu_count() or 1) if count == 1 else 1
    return Colorizer(request.model, threads=request.threads or threads)


def _work(
    request: Request, colorizer: Colorizer, count: int, bar: Bar | None = None
) -> Callable[..., Report]:
    """Give what colours the jobs of a plan: on threads, or on a cluster."""
    if request.cluster:
        from photochrom.batch.ray import ray_executor

        executor = ray_executor(request.cluster, request.model, request.jobs)
    else:
        workers = request.jobs or min(os.cpu_count() or 1, count)
        executor = runner.threads(colorizer, workers, bar.on_progress if bar else None)
    model, options = colorizer.model.path, request.batch_options

    def work(found: Plan, on_done: Callable[[Job], None] = lambda job: None) -> Report:
        return runner.run(found, model, executor, options, on_done)

    return work


def _steer(request: Request, found: Plan, colorizer: Colorizer) -> None:
    """Give the one picture of a plan its hints, or make several jobs of it."""
    hints, count = request.given_hints, request.variants
    if (hints or count) and len(found.jobs) > 1:
        raise HintError(f"hints and variants are for one picture, not for {len(found.jobs)}")
    if hints and count:
        raise click.UsageError("--variants make hints of their own; leave --hint away")
    if count:
        found.jobs = runner.variants(found, colorizer, count, request.vividness)
    elif hints:
        found.jobs = [replace(found.jobs[0], hints=tuple(hints))]


def _watch(request: Request, make_plan: Callable[[], Plan]) -> NoReturn:
    """Colour what comes until the user stops it."""
    from photochrom.batch.watch import watch

    cores = os.cpu_count() or 1
    work = _work(request, _colorizer(request, cores), cores)
    click.echo("watching; stop with Ctrl+C", err=True)
    try:
        for report in watch(make_plan, work):
            _print_report(report)
    except KeyboardInterrupt:
        sys.exit(0)
    raise AssertionError("watching never ends by itself")


def _print_report(report: Report) -> None:
    for job in report.had_color:
        click.echo(f"note: {job.source} had colours of its own; they were dropped", err=True)
    for job, reason in report.failed:
        click.echo(f"failed: {job.source}: {reason}", err=True)
    if len(report.done) == 1 and not (report.failed or report.skipped or report.left_alone):
        click.echo(click.format_filename(str(report.done[0].target)))
        return
    counts = [f"{len(report.done)} done"]
    if report.left_alone:
        counts.append(f"{len(report.left_alone)} left alone (they have colours)")
    if report.skipped:
        counts.append(f"{len(report.skipped)} skipped (exist already; --overwrite replaces them)")
    if report.failed:
        counts.append(f"{len(report.failed)} failed")
    click.echo(", ".join(counts))
