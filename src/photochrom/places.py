"""Where files are: on this machine, or at any address that fsspec knows, such as s3://.

An address behaves as a `Path` does (universal_pathlib). What must be a file of this machine is
brought here for a moment, and what was made here is brought there.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from photochrom.errors import ImageError, MissingExtra, PhotochromError

_FOLDERLESS = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "memory"}
"""Protocols of stores that know no folders."""


def place(text: str) -> Path:
    """Make a path of what a user wrote; addresses hold "://".

    Raises `ImageError` for an address of an unknown kind, or whose library is missing, and
    `MissingExtra` when none is installed.
    """
    if "://" not in text:
        return Path(text)
    try:
        from upath import UPath
    except ModuleNotFoundError as error:
        raise MissingExtra("an address", "remote") from error
    with _reached(text):
        path = UPath(text)
        path.fs  # noqa: B018 - connects; here an unknown kind of address shows
        return cast(Path, path)


def is_remote(path: Path) -> bool:
    """Whether it is an address."""
    return not isinstance(path, Path)


def change(path: Path) -> int:
    """Give a number that is another one when the file has been written again.

    It is the time of its last change, in nanoseconds, or what an address's server tells, such as
    its ETag, as a number. Raises `ImageError` when there is no such file.
    """
    if not is_remote(path):
        try:
            return path.stat().st_mtime_ns
        except OSError as error:
            raise ImageError(f"{path}: cannot be read ({error.strerror})") from error
    with _reached(path):
        remote = cast(Any, path)
        remote.fs.invalidate_cache()
        told = str(remote.fs.ukey(remote.path))
    return int.from_bytes(hashlib.blake2b(told.encode(), digest_size=7).digest())


def those_there(folder: Path) -> Callable[[Path], bool]:
    """Give a function that tells whether a file below a folder is there.

    An address is asked for all of its files at once, now: one by one costs a request each.
    """
    if not is_remote(folder):
        return Path.exists
    with _reached(folder):
        found = {str(path) for path in folder.rglob("*")}
    return lambda path: str(path) in found


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, where there is such a thing as a folder."""
    if is_remote(folder) and cast(Any, folder).protocol in _FOLDERLESS:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImageError(f"{folder}: cannot be made ({error.strerror or error})") from error


@contextmanager
def reaching(path: Path) -> Iterator[None]:
    """Raise `ImageError` for whatever goes wrong while an address is asked for something."""
    if not is_remote(path):
        yield
        return
    with _reached(path):
        yield


@contextmanager
def local_copy(path: Path) -> Iterator[Path]:
    """Give the file as one of this machine: itself, or a copy that is removed in the end."""
    if not is_remote(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        copy = Path(folder) / path.name
        with _reached(path), path.open("rb") as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        with _named(copy, path):
            yield copy


@contextmanager
def written_to(path: Path) -> Iterator[Path]:
    """Give a path of this machine to write a file to; it is brought to `path` if all goes well."""
    if not is_remote(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="photochrom-") as folder:
        made = Path(folder) / path.name
        with _named(made, path):
            yield made
        upload(made, path)


def upload(file: Path, path: Path) -> None:
    """Bring a file of this machine to an address."""
    with _reached(path), file.open("rb") as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


@contextmanager
def _named(copy: Path, path: Path) -> Iterator[None]:
    """Let errors about a copy name the file that it stands for."""
    try:
        yield
    except ImageError as error:
        raise ImageError(str(error).replace(str(copy), str(path))) from error


@contextmanager
def _reached(path: Path | str) -> Iterator[None]:
    """Turn what the libraries of all kinds of stores raise into one line."""
    try:
        yield
    except PhotochromError:
        raise
    except FileNotFoundError as error:
        raise ImageError(f"{path}: no such file") from error
    except ImportError as error:
        raise ImageError(f"{path}: {error}") from error
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ImageError(f"{path}: cannot be reached ({reason})") from error
