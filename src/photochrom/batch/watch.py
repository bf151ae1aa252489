"""Colouring what arrives in a folder, for as long as it is wanted."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from photochrom.batch.naming import Job
from photochrom.batch.outcome import Report
from photochrom.batch.plan import Plan
from photochrom.errors import NoPictures


def watch(
    make_plan: Callable[[], Plan],
    work: Callable[[Plan], Report],
    *,
    pause: float = 2.0,
) -> Iterator[Report]:
    """Plan and work again and again, `pause` seconds apart; give each report that tells of work.

    `make_plan` gives a plan, `work` colours its jobs, and skips what is done. A picture is left
    until it has not changed for `pause` seconds; one that failed is tried again when it has
    changed. While there are no pictures it waits; any other error of `make_plan` ends it.
    """
    failed: dict[Job, int] = {}
    while True:
        try:
            plan = make_plan()
        except NoPictures:
            plan = Plan([], None)
        unread = [job for job, _ in plan.failed]
        modified = {job: _modified(job) for job in (*plan.jobs, *unread)}
        rested = time.time_ns() - int(pause * 1e9)
        plan.jobs = [
            job for job in plan.jobs if modified[job] < rested and failed.get(job) != modified[job]
        ]
        plan.failed = [one for one in plan.failed if failed.get(one[0]) != modified[one[0]]]
        report = work(plan) if plan.jobs or plan.failed else Report()
        failed |= {job: modified[job] for job, _ in report.failed}
        if report.done or report.failed:
            yield replace(report, skipped=[], edited=[], left_alone=[], left_out=[])
        time.sleep(pause)


def _modified(job: Job) -> int:
    """When a picture was last changed, in nanoseconds; far off when it is gone."""
    try:
        return job.source.stat().st_mtime_ns
    except OSError:
        return 1 << 62
