"""What the library says, in the words of the command: its warnings and its errors.

The library names an option by its keyword, "pass overwrite=True"; for the command it is a flag,
"add --overwrite".
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from photochrom.errors import PhotochromWarning, extra

_KEYWORD = re.compile(r"\bpass (\w+)=([^\s,;)]+)")
EXTRA = "photochrom.extra"
"""Where a command notes, in the `meta` of click's context, what needs an extra, and which."""
_FLAGS = {"out": "-o", "extension": "--format"}
"""Those that are not called as the keyword is."""


def in_flags(text: str) -> str:
    """Say "add --overwrite" where a text says "pass overwrite=True", and "-o" for "out"."""

    def flag(found: re.Match[str]) -> str:
        keyword, value = found.groups()
        name = _FLAGS.get(keyword, "--" + keyword.replace("_", "-"))
        return f"add {name}" if value == "True" else f"add {name} {value}"

    return _KEYWORD.sub(flag, text)


@contextmanager
def warnings_on_stderr() -> Iterator[None]:
    """Print Photochrom's warnings as lines on standard error, "warning: ..."."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", PhotochromWarning)
        show = warnings.showwarning

        def print_ours(
            message: Warning | str, category: type[Warning], *where: Any, **options: Any
        ) -> None:
            if issubclass(category, PhotochromWarning):
                click.echo(f"warning: {in_flags(str(message))}", err=True)
            else:
                show(message, category, *where, **options)

        warnings.showwarning = print_ours
        yield


@contextmanager
def naming_the_extra(context: click.Context) -> Iterator[None]:
    """Make `MissingExtra` of an import that fails in a command which requires an extra."""
    try:
        yield
    except ImportError:
        if EXTRA not in context.meta:
            raise
        with extra(*context.meta[EXTRA]):
            raise
