"""A bar on a terminal's standard error, while many pictures are at work, or a film."""

import sys
from threading import Lock
from typing import TYPE_CHECKING, Any

import click

from photochrom.video import is_film

if TYPE_CHECKING:
    from photochrom.batch.naming import Job

_STEPS = 1000  # of a job, where a bar goes on within one


def progress(label: str, length: int, *, count: bool = True) -> Any:
    """Give a context with `update(steps)`; nothing is shown for one picture, or in a log.

    With `count` it shows how many steps are done, else a percentage.
    """
    return click.progressbar(
        length=length,
        label=label,
        show_pos=count,
        file=sys.stderr,
        hidden=length == 1 or not sys.stderr.isatty(),
    )


class Bar:
    """A bar for jobs, of which films go on by shares; its methods may be called on any thread."""

    def __init__(self, label: str, jobs: "list[Job]") -> None:
        films = any(is_film(job.source) for job in jobs)
        self._steps = _STEPS if films else 1
        self._bar = progress(label, self._steps * len(jobs), count=not films)
        self._shown: dict[Job, int] = {}
        self._lock = Lock()

    @property
    def is_shown(self) -> bool:
        """Whether there is a terminal, and more than one picture, or a film."""
        return not self._bar.hidden

    def __enter__(self) -> None:
        """Show it."""
        self._bar.__enter__()

    def __exit__(self, *error: object) -> None:
        """End its line."""
        self._bar.__exit__(*error)

    def on_progress(self, job: "Job", done: int, total: int) -> None:
        """Show how much of a job is done; among pictures alone, only those that are done count."""
        if self._steps == 1:
            return
        with self._lock:
            steps = done * self._steps // total
            self._bar.update(steps - self._shown.get(job, 0))
            self._shown[job] = steps

    def done(self, job: "Job") -> None:
        """Show that a job is done."""
        if self._steps > 1:
            self.on_progress(job, 1, 1)
        else:
            self._bar.update(1)
