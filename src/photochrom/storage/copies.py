"""Copies on this machine of files at addresses, for the moment that they are worked on.

They lie in directories of the system's temporary one, each beside a lock that its process holds:
a directory whose lock is free was left by a process that was killed.

Files that are going to be asked for may be read ahead, too.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from photochrom.errors import ImageError
from photochrom.storage.lock import file_lock
from photochrom.storage.paths import is_remote, reaching, unwritable

_T = TypeVar("_T")
_begun: dict[Hashable, Future[Any]] = {}  # what is read ahead
_CHUNK = 1 << 20  # bytes
_SPOOL = "photochrom-"  # and then a number that nobody else has
_LOCK = ".lock"
_ABANDONED = 24 * 3600.0  # seconds after which a directory without a lock is an old version's


@contextmanager
def spool() -> Iterator[Path]:
    """Give a directory of this machine for copies, which is removed in the end."""
    directory = Path(tempfile.gettempdir(), _SPOOL + uuid4().hex[:12])
    with file_lock(directory.with_suffix(_LOCK)):
        directory.mkdir(mode=0o700)
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def remove_stale_copies() -> None:
    """Remove the directories of copies that killed processes left."""
    temporary = Path(tempfile.gettempdir())
    for lock in temporary.glob(f"{_SPOOL}*{_LOCK}"):
        with suppress(OSError), file_lock(lock) as dead:  # another user's stays
            if dead:
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
    for directory in temporary.glob(f"{_SPOOL}*"):
        with suppress(OSError):
            locked = directory.with_suffix(_LOCK).exists()
            age = time.time() - directory.stat().st_mtime
            if directory.is_dir() and not locked and age > _ABANDONED:
                shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def local_copy(path: Path, max_bytes: int | None = None) -> Iterator[Path]:
    """Give the file as one of this machine: itself, or a copy that is removed in the end.

    Raises `ImageError` for a file to be copied that has more than `max_bytes` bytes, or cannot be
    reached.
    """
    if not is_remote(path):
        yield path
        return
    with spool() as directory:
        copy = directory / path.name
        with reaching(path), path.open("rb") as source, copy.open("wb") as target:
            size = getattr(source, "size", None) or 0  # most stores say it without being asked
            while (max_bytes is None or size <= max_bytes) and (chunk := source.read(_CHUNK)):
                target.write(chunk)
                size = max(size, target.tell())
        if max_bytes is not None and size > max_bytes:
            raise ImageError(
                f"{path}: the file has {size:,} bytes, the limit is {max_bytes:,}; make it smaller"
            )
        with named(copy, path):
            yield copy


@contextmanager
def written_to(path: Path) -> Iterator[Path]:
    """Give a path of this machine to write a file to; it is uploaded to `path` if all goes well."""
    if not is_remote(path):
        yield path
        return
    with spool() as directory:
        made = directory / path.name
        with named(made, path):
            yield made
        upload(made, path)


def upload(file: Path, path: Path) -> None:
    """Copy a file of this machine to an address; raises `ImageError` when it cannot be."""
    with reaching(path), file.open("rb") as source:
        try:
            with path.open("wb") as target:
                shutil.copyfileobj(source, target, _CHUNK)
        except (NotImplementedError, FileNotFoundError) as error:
            raise unwritable(path) from error


@contextmanager
def named(copy: Path, name: object) -> Iterator[None]:
    """Let errors about a copy name the file that it stands for."""
    try:
        yield
    except ImageError as error:
        raise ImageError(str(error).replace(str(copy), str(name))) from error


def read_ahead(key: Hashable, read: Callable[[], Any]) -> None:
    """Begin to read, on a thread of its own, what will be asked for under a key."""
    pool = ThreadPoolExecutor(1)
    _begun[key] = pool.submit(read)
    pool.shutdown(wait=False)


def read_once(key: Hashable, read: Callable[[], _T]) -> _T:
    """Give what was read ahead under a key, or raise what that raised, once; else read it now."""
    begun: Future[_T] | None = _begun.pop(key, None)
    return begun.result() if begun else read()
