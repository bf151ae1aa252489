"""The segments of a film that are done, beside its output, so that work can go on."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from photochrom.storage import hidden_beside, locked
from photochrom.storage.lock import LEASE, LOCK

_SETTINGS, _STATE, _BEGUN = "recipe.json", ".npz", "begun-"
FRAMES = 240
"""Of a segment."""


def stored_frames(done: int) -> int:
    """Tell how many frames are kept where so many were made, for the last segment may lack some."""
    return done // FRAMES * FRAMES


class Segments:
    """A directory of segments, which one run holds at a time.

    `settings` says what the segments are made of and how; those made otherwise are removed. Where
    a disk knows no locks and two runs are at work, each makes all segments, which are the same.
    """

    def __init__(self, directory: Path, extension: str, settings: dict[str, Any]) -> None:
        self.directory, self._extension = directory, extension
        if self._read(_SETTINGS) != settings:
            self.clear()
            (directory / _SETTINGS).write_text(json.dumps(settings), encoding="utf-8")
        for file in directory.glob(f"{_BEGUN}*"):  # of a killed run
            file.unlink(missing_ok=True)
        self._count = 0
        while self._path(self._count, _STATE).exists():
            self._count += 1

    def clear(self) -> None:
        """Remove all that was done."""
        for file in self.directory.iterdir():
            if file.name not in (LOCK, LEASE):
                file.unlink(missing_ok=True)

    def _read(self, name: str) -> Any:
        try:
            return json.loads((self.directory / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    @property
    def files(self) -> list[Path]:
        """Those that are done, in their order."""
        return [self._path(number, self._extension) for number in range(self._count)]

    def state(self) -> dict[str, Any]:
        """Give what was saved with the last segment; nothing if there is none."""
        if not self._count:
            return {}
        with np.load(self._path(self._count - 1, _STATE)) as loaded:
            return dict(loaded)

    def add(self, write: Callable[[Path], dict[str, Any]]) -> None:
        """Let `write` make the next segment; keep the arrays that it gives beside it."""
        begun = begun_in(self.directory, self._extension)
        state = write(begun)
        os.replace(begun, self._path(self._count, self._extension))
        with begun.open("wb") as file:
            np.savez(file, **state)
        os.replace(begun, self._path(self._count, _STATE))
        if self._count:  # the last one is enough, and it is large
            self._path(self._count - 1, _STATE).write_bytes(b"")
        self._count += 1

    def _path(self, number: int, extension: str) -> Path:
        return self.directory / f"{number:05d}{extension}"


def begun_in(directory: Path, extension: str) -> Path:
    """Give a path, which nobody else has, for a segment that is not done yet."""
    return directory / f"{_BEGUN}{uuid4().hex}{extension}"


@contextmanager
def open_segments(target: Path, extension: str, settings: dict[str, Any]) -> Iterator[Segments]:
    """Hold the segments of a film that is to become `target`; at the end they are removed.

    After an error those that are done stay. Raises `ImageError` when another run is at work on
    them, and `OSError` where there can be none.
    """
    directory = hidden_beside(target, "photochrom-parts")
    directory.mkdir(exist_ok=True)
    with _removed_when_empty(directory), locked(directory, target):
        segments = Segments(directory, extension, settings)
        try:
            yield segments
        except BaseException:
            if not segments.files:
                segments.clear()
            raise
        segments.clear()


@contextmanager
def _removed_when_empty(directory: Path) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(OSError):
            directory.rmdir()
