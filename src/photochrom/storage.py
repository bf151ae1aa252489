"""Where files are: on this machine, or at any address that fsspec knows, such as s3://.

An address behaves as a `Path` does (universal_pathlib). What must be a file of this machine is
brought here for a moment, and what was made here is brought there.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from photochrom.errors import ImageError, MissingExtra, PhotochromError

_FOLDERLESS = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "memory"}
"""Protocols of stores that know no folders."""
_CHUNK = 1 << 20
_SPOOL = "photochrom-"  # and then the process, so that nobody's copies stay for ever


def to_path(text: str) -> Path:
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


def revision(path: Path) -> int:
    """Give a number that is another one when the file has been written again.

    It is the time of its last change, in nanoseconds, or what an address's server tells, such as
    its ETag, as a number. Raises `ImageError` when there is no such file.
    """
    if not is_remote(path):
        with reaching(path):
            return path.stat().st_mtime_ns
    with _reached(path):
        remote = cast(Any, path)
        remote.fs.invalidate_cache()
        tag = str(remote.fs.ukey(remote.path))
    return int.from_bytes(hashlib.blake2b(tag.encode(), digest_size=7).digest())


def read(path: Path) -> bytes | None:
    """Give what a file holds at this moment; None when there is no such file."""
    with reaching(path):
        if is_remote(path):
            cast(Any, path).fs.invalidate_cache()
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def those_there(directory: Path) -> Callable[[Path], bool]:
    """Give a function that tells whether a file below a folder is there.

    An address is asked for all of its files at once, now: one by one costs a request each.
    """
    if not is_remote(directory):
        return Path.exists
    found = {str(path) for path in files_below(directory)}
    return lambda path: str(path) in found


def files_below(
    directory: Path, besides: Path | None = None, unread: dict[Path, str] | None = None
) -> Iterator[Path]:
    """Give the files below a folder, and links that lead nowhere; linked folders are not entered.

    The folder `besides` is left out. Folders that cannot be read go into `unread`, with a sentence
    each; without it, and when it is `directory` itself, they raise `ImageError`. At an address
    there may be folders among the files: to tell them apart would cost a request each.
    """
    with reaching(directory):
        if is_remote(directory):
            yield from (path for path in directory.rglob("*") if besides not in path.parents)
        else:
            yield from _walk(directory, besides, unread)


def _walk(directory: Path, besides: Path | None, unread: dict[Path, str] | None) -> Iterator[Path]:
    def keep(error: OSError) -> None:
        if unread is None or Path(error.filename) == directory:
            raise error
        unread[Path(error.filename)] = _unreadable(error, directory)

    outside = os.path.realpath(besides) if besides and not is_remote(besides) else None
    for base, directories, files in os.walk(directory, onerror=keep):
        directories[:] = (
            one for one in directories if os.path.realpath(Path(base, one)) != outside
        )
        yield from (Path(base, name) for name in files)


def below(path: Path, directory: Path) -> str:
    """Give a path as it is below a folder, with slashes."""
    whole, start = path.as_posix(), f"{directory.as_posix()}/"
    if whole.startswith(start):
        return whole[len(start) :]
    return path.relative_to(directory).as_posix()  # many times as slow


def make_directory(directory: Path) -> None:
    """Make a folder and those above it, where there is such a thing as a folder."""
    if is_remote(directory) and cast(Any, directory).protocol in _FOLDERLESS:
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except NotImplementedError as error:
        raise _unwritable(directory) from error
    except OSError as error:
        raise ImageError(f"{directory}: cannot be made ({error.strerror or error})") from error


@contextmanager
def reaching(path: Path) -> Iterator[None]:
    """Raise `ImageError` for whatever goes wrong while a path or address is asked for something."""
    if is_remote(path):
        with _reached(path):
            yield
        return
    try:
        yield
    except OSError as error:
        raise ImageError(_unreadable(error, path)) from error


def _unreadable(error: OSError, path: Path) -> str:
    return f"{error.filename or path}: cannot be read ({error.strerror or error})"


@contextmanager
def spool() -> Iterator[Path]:
    """Give a folder of this machine for copies, which is removed in the end."""
    with tempfile.TemporaryDirectory(prefix=f"{_SPOOL}{os.getpid()}-") as directory:
        yield Path(directory)


def remove_stale_copies() -> None:
    """Remove the folders of copies whose process was killed."""
    for directory in Path(tempfile.gettempdir()).glob(f"{_SPOOL}*-*"):
        process = directory.name.removeprefix(_SPOOL).split("-")[0]
        if process.isdigit() and not is_alive(int(process)):
            shutil.rmtree(directory, ignore_errors=True)  # another user's stays


def is_alive(process: int) -> bool:
    """Whether a process of this machine is at work."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass  # another user's, or none that could be
    return True


@contextmanager
def local_copy(path: Path, max_bytes: int | None = None) -> Iterator[Path]:
    """Give the file as one of this machine: itself, or a copy that is removed in the end.

    Raises `ImageError` for a file to be copied that has more than `max_bytes` bytes.
    """
    if not is_remote(path):
        yield path
        return
    with spool() as directory:
        copy = directory / path.name
        with _reached(path), path.open("rb") as source, copy.open("wb") as target:
            size = getattr(source, "size", None) or 0  # most stores tell it without being asked
            while (max_bytes is None or size <= max_bytes) and (chunk := source.read(_CHUNK)):
                target.write(chunk)
                size = max(size, target.tell())
        if max_bytes is not None and size > max_bytes:
            raise ImageError(f"{path}: {size:,} bytes, the limit is {max_bytes:,}")
        with named(copy, path):
            yield copy


@contextmanager
def written_to(path: Path) -> Iterator[Path]:
    """Give a path of this machine to write a file to; it is brought to `path` if all goes well."""
    if not is_remote(path):
        yield path
        return
    with spool() as directory:
        made = directory / path.name
        with named(made, path):
            yield made
        upload(made, path)


def upload(file: Path, path: Path) -> None:
    """Bring a file of this machine to an address."""
    with _reached(path), file.open("rb") as source:
        try:
            with path.open("wb") as target:
                shutil.copyfileobj(source, target, _CHUNK)
        except (NotImplementedError, FileNotFoundError) as error:
            raise _unwritable(path) from error


def _unwritable(path: Path) -> ImageError:
    return ImageError(f"{path}: nothing can be written there; choose another place with -o")


@contextmanager
def named(copy: Path, name: object) -> Iterator[None]:
    """Let errors about a copy name the file that it stands for."""
    try:
        yield
    except ImageError as error:
        raise ImageError(str(error).replace(str(copy), str(name))) from error


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
