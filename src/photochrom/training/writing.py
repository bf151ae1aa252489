"""Writing what a run keeps: one sentence when that fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photochrom.errors import DataError


@contextmanager
def writing(path: Path, kept: str = "") -> Iterator[None]:
    """Raise `DataError` in place of the system's errors while `path` is written.

    `kept` says what is not lost.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError(f"{path} cannot be written ({reason}){kept and '; ' + kept}") from error
