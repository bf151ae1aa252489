"""A large file as a folder of small ones that is whole at any moment.

`index.json` names the parts, with their sizes and SHA-256. New parts get new names; the index is
replaced once they are on the disk, and only then are the old ones removed. So a process that is
killed leaves the old content or the new, and perhaps parts that no index names.
"""

import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

from photochrom.errors import DataError

CHUNK_BYTES = 15 * 2**20
"""Size of a part; the last one may be smaller."""
_INDEX = "index.json"


class _Chunks(io.RawIOBase):
    """A file to write to, in order, that is cut into parts named `prefix` and a number."""

    def __init__(self, directory: Path, prefix: str) -> None:
        self.entries: list[dict[str, Any]] = []
        self._directory, self._prefix = directory, prefix
        self._file: IO[bytes] | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        left = memoryview(data).cast("B")
        while len(left):
            if self._file is None or self._entry["bytes"] == CHUNK_BYTES:
                self._open()
            taken = left[: CHUNK_BYTES - self._entry["bytes"]]
            cast(IO[bytes], self._file).write(taken)
            self._digest.update(taken)
            self._entry["bytes"] += len(taken)
            left = left[len(taken) :]
        return memoryview(data).nbytes

    def _open(self) -> None:
        self._finish()
        name = f"{self._prefix}-{len(self.entries):02d}.part"
        self._file, self._digest = (self._directory / name).open("wb"), hashlib.sha256()
        self._entry: dict[str, Any] = {"name": name, "bytes": 0}
        self.entries.append(self._entry)

    def _finish(self) -> None:
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._entry["sha256"] = self._digest.hexdigest()

    def close(self) -> None:
        """Bring the last part to the disk."""
        if not self.closed:
            self._finish()
        super().close()

    def discard(self) -> None:
        """Remove what was written."""
        if self._file is not None:
            self._file.close()
        super().close()
        for entry in self.entries:
            (self._directory / entry["name"]).unlink(missing_ok=True)


def write_chunks(directory: Path, step: int, write: Callable[[IO[bytes]], None]) -> None:
    """Replace what `directory` holds by what `write` writes into a file; `step` names its parts.

    Raises what `write` and the system raise; the old content is then kept.
    """
    fresh = not directory.exists()
    target = directory.with_suffix(".new") if fresh else directory
    if fresh:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
    named = set() if fresh else {entry["name"] for entry in _entries(directory)}
    prefix = f"{step:06d}"
    if any(name.startswith(f"{prefix}-") for name in named):
        prefix += "b"
    chunks = _Chunks(target, prefix)
    try:
        write(cast(IO[bytes], chunks))
        chunks.close()
        _write_index(target, step, chunks.entries)
        if fresh:
            target.replace(directory)
    except BaseException:
        chunks.discard()
        if fresh:
            shutil.rmtree(target, ignore_errors=True)
        raise
    current = {entry["name"] for entry in chunks.entries}
    for path in directory.glob("*.part"):
        if path.name not in current:
            path.unlink()


def _write_index(directory: Path, step: int, entries: list[dict[str, Any]]) -> None:
    temporary = directory / f"{_INDEX}.tmp"
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump({"step": step, "parts": entries}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(directory / _INDEX)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def read_chunks(directory: Path) -> io.BytesIO:
    """Read what `write_chunks` wrote; raises `DataError`, naming the part that is not right."""
    whole = io.BytesIO()
    for entry in _entries(directory):
        path = directory / entry["name"]
        data = _read(path)
        if len(data) != entry["bytes"] or hashlib.sha256(data).hexdigest() != entry["sha256"]:
            raise _lost(path, "is damaged")
        whole.write(data)
    whole.seek(0)
    return whole


def _entries(directory: Path) -> list[dict[str, Any]]:
    try:
        entries: list[dict[str, Any]] = json.loads(_read(directory / _INDEX))["parts"]
        if not all(entry.keys() == {"name", "bytes", "sha256"} for entry in entries):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _lost(directory / _INDEX, "is damaged") from error
    return entries


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise _lost(path, "is missing") from error
    except OSError as error:
        raise _lost(path, f"cannot be read ({error.strerror})") from error


def _lost(path: Path, what: str) -> DataError:
    return DataError(
        f"{path} {what}; bring it back, or remove the folder {path.parent.name} to train from the "
        "beginning"
    )
