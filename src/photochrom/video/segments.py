"""The parts of a film that are done, beside what is to become of them, so that work can go on."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.errors import ImageError
from photochrom.storage import is_alive

_SETTINGS, _PROCESS, _STATE = "recipe.json", "process", ".npz"


class Segments:
    """A folder of parts, which only one process holds at a time.

    `settings` says what the parts are made of and how; those made otherwise are removed.
    """

    def __init__(self, directory: Path, extension: str, settings: dict[str, Any]) -> None:
        self.directory, self._extension = directory, extension
        if self._read(_SETTINGS) != settings:
            for file in directory.iterdir():
                if file.name != _PROCESS:
                    file.unlink()
            (directory / _SETTINGS).write_text(json.dumps(settings), encoding="utf-8")

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
        """Give what was kept with the last part; nothing if there is none."""
        files = self.files
        if not files:
            return {}
        with np.load(files[-1].with_suffix(_STATE)) as loaded:
            return dict(loaded)

    def add(self, write: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
        """Let `write` make the next part; keep the arrays that it gives with it, and give them."""
        number = len(self.files)
        begun = self.directory / f"begun{self._extension}"
        state = write(begun)
        os.replace(begun, self._path(number, self._extension))
        with begun.open("wb") as file:
            np.savez(file, **state)
        os.replace(begun, self._path(number, _STATE))
        return state

    def _path(self, number: int, extension: str) -> Path:
        return self.directory / f"{number:05d}{extension}"


@contextmanager
def open_segments(target: Path, extension: str, settings: dict[str, Any]) -> Iterator[Segments]:
    """Hold the parts of a film that is to become `target`; at the end they are removed.

    After an error those that are done stay. Raises `ImageError` when another process is at work on
    them.
    """
    directory = target.with_name(f".{target.name}.photochrom-parts")
    directory.mkdir(exist_ok=True)
    process = directory / _PROCESS
    holder = process.read_text() if process.exists() else ""
    if holder.isdigit() and int(holder) != os.getpid() and is_alive(int(holder)):
        raise ImageError(f"{target}: another run is at work on it; wait for it")
    process.write_text(str(os.getpid()))
    segments = Segments(directory, extension, settings)
    try:
        yield segments
    except BaseException:
        process.unlink(missing_ok=True)
        if not segments.files:
            shutil.rmtree(directory)
        raise
    shutil.rmtree(directory)
