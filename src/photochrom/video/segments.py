"""The segments of a film that are done, beside its output, so that work can go on."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.storage import hidden_beside, locked
from photochrom.storage.lock import LOCK

_SETTINGS, _STATE = "recipe.json", ".npz"
FRAMES = 240
"""Of a segment."""


def stored_frames(done: int) -> int:
    """Tell how many frames are kept where so many were made, for the last segment may lack some."""
    return done // FRAMES * FRAMES


class Segments:
    """A directory of segments, which one run holds at a time.

    `settings` says what the segments are made of and how; those made otherwise are removed.
    """

    def __init__(self, directory: Path, extension: str, settings: dict[str, Any]) -> None:
        self.directory, self._extension = directory, extension
        if self._read(_SETTINGS) != settings:
            self.clear()
            (directory / _SETTINGS).write_text(json.dumps(settings), encoding="utf-8")

    def clear(self) -> None:
        """Remove all that was done."""
        for file in self.directory.iterdir():
            if file.name != LOCK:
                file.unlink()

    def _read(self, name: str) -> Any:
        try:
            return json.loads((self.directory / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    @property
    def files(self) -> list[Path]:
        """Those that are done, in their order."""
        count = 0
        while self._path(count, _STATE).exists():
            count += 1
        return [self._path(number, self._extension) for number in range(count)]

    def state(self) -> dict[str, Any]:
        """Give what was saved with the last segment; nothing if there is none."""
        files = self.files
        if not files:
            return {}
        with np.load(files[-1].with_suffix(_STATE)) as loaded:
            return dict(loaded)

    def add(self, write: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
        """Let `write` make the next segment; keep the arrays that it gives beside it."""
        number = len(self.files)
        begun = self.directory / f"begun{self._extension}"
        state = write(begun)
        os.replace(begun, self._path(number, self._extension))
        with begun.open("wb") as file:
            np.savez(file, **state)
        os.replace(begun, self._path(number, _STATE))
        if number:
            self._path(number - 1, _STATE).write_bytes(
                b""
            )  # the last one is enough, and it is large
        return state

    def _path(self, number: int, extension: str) -> Path:
        return self.directory / f"{number:05d}{extension}"


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
