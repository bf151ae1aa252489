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

_KEYWORD = re.compile(r"\bpass (another )?(\w+)=('[^']*'|[^\s,;)]+)")
EXTRA = "photochrom.extra"
"""Where a command notes, in the `meta` of click's context, what needs an extra, and which."""
_FLAGS = {"out": "-o", "extension": "--format"}
"""Those that are not called as the keyword is."""
_MODELS = ("see photochrom.list_models()", "see: photochrom models")


def in_flags(text: str) -> str:
    """Say in flags what a text says in keywords of the library.

    "pass overwrite=True" becomes "add --overwrite", "pass another out=PATH" "give another -o PATH",
    and "pass extension=.tif" "add --format tif".
    """

    def flag(found: re.Match[str]) -> str:
        another, keyword, value = found.groups()
        name = _FLAGS.get(keyword, "--" + keyword.replace("_", "-"))
        verb = "give another" if another else "add"
        return f"{verb} {name}" if value == "True" else f"{verb} {name} {value.removeprefix('.')}"

    return _KEYWORD.sub(flag, text.replace(*_MODELS))


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
