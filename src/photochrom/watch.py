"""Colouring what arrives in a folder, for as long as it is wanted."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from photochrom.batch import Job, Plan, Report
from photochrom.errors import ImageError


def watch(
    look: Callable[[], Plan],
    work: Callable[[Plan], Report],
    *,
    pause: float = 2.0,
) -> Iterator[Report]:
    """Plan and work again and again, `pause` seconds apart; give each report that tells of work.

    `look` gives a plan, `work` colours its jobs, and skips what is done. A picture is left until
    it has not changed for `pause` seconds; one that failed is tried again when it has changed.
    """
    failed: dict[Job, int] = {}
    while True:
        try:
            plan = look()
        except ImageError:  # no pictures yet
            plan = Plan([], None)
        changed = {job: _changed(job) for job in plan.jobs}
        rested = time.time_ns() - int(pause * 1e9)
        plan.jobs = [
            job for job, when in changed.items() if when < rested and failed.get(job) != when
        ]
        report = work(plan) if plan.jobs else Report()
        failed |= {job: changed[job] for job, _ in report.failed}
        if report.done or report.failed:
            yield replace(report, skipped=[], kept=[])
        time.sleep(pause)


def _changed(job: Job) -> int:
    """When a picture was last changed, in nanoseconds; far off when it is gone."""
    try:
        return job.source.stat().st_mtime_ns
    except OSError:
        return 1 << 62
