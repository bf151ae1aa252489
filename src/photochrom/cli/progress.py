"""A bar on a terminal's standard error, while many pictures are at work."""

import sys
from typing import Any

import click


def progress(label: str, length: int) -> Any:
    """Give a context with `update(steps)`; nothing is shown for one picture, or in a log."""
    return click.progressbar(
        length=length,
        label=label,
        show_pos=True,
        file=sys.stderr,
        hidden=length == 1 or not sys.stderr.isatty(),
    )
