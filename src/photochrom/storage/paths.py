"""Paths of this machine, and addresses that fsspec knows, such as s3://, which behave alike.

An address is a path of universal_pathlib. Whatever its library raises becomes one line.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from photochrom.errors import ImageError, PhotochromError, extra, unread

_WITHOUT_DIRECTORIES = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "memory"}
"""Protocols of stores that keep files under names, and know no directories."""
_LONGEST_NAME = 255  # bytes


def to_path(text: str) -> Path:
    """Make a path of what a user wrote; an address is told by its "://".

    Raises `ImageError` for an address of an unknown protocol, or whose library is missing, and
    `MissingExtra` without universal_pathlib.
    """
    if "://" not in text:
        return Path(text)
    with extra(f"reading {text}", "remote"):
        from upath import UPath
    with _reached(text):
        path = UPath(text)
        path.fs  # noqa: B018 - connects; here an unknown protocol shows
        return cast(Path, path)


def is_remote(path: Path) -> bool:
    """Whether it is an address."""
    return not isinstance(path, Path)


def revision(path: Path) -> int:
    """Give a number that is another one when the file has been written again.

    It is the time of its last change, in nanoseconds, or what a server says of its version, such
    as an ETag, as a number. Raises `ImageError` when there is no such file.
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
    """Give what a file holds at this moment; None when there is no such file.

    Raises `ImageError` when it cannot be read.
    """
    with reaching(path):
        if is_remote(path):
            cast(Any, path).fs.invalidate_cache()
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def exists_below(directory: Path) -> Callable[[Path], bool]:
    """Give a function that says whether a file below a directory exists.

    An address is asked for all of its files at once, now: one by one costs a request each.
    """
    if not is_remote(directory):
        return Path.exists
    found = {str(path) for path in files_below(directory)}
    return lambda path: str(path) in found


def files_below(
    directory: Path, besides: Path | None = None, unread: dict[Path, str] | None = None
) -> Iterator[Path]:
    """Give the files below a directory, and broken links; linked directories are not entered.

    The directory `besides` is left out. Directories that cannot be read go into `unread`, with a
    sentence each; without it, and when it is `directory` itself, they raise `ImageError`. At an
    address there may be directories among the files: to tell them apart would cost a request each.
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
    """Give a path relative to a directory, with slashes."""
    whole, start = path.as_posix(), f"{directory.as_posix()}/"
    if whole.startswith(start):
        return whole[len(start) :]
    return path.relative_to(directory).as_posix()  # many times as slow


def check_is_file(path: Path) -> None:
    """Raise `ImageError` for a pipe or a device: to open one is to wait for whoever writes to it.

    Raises `OSError` when there is nothing.
    """
    mode = 0 if is_remote(path) else path.stat().st_mode
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ImageError(f"{path}: a pipe or a device, not a file; write it to a file first")


def hidden_beside(path: Path, ending: str) -> Path:
    """Name a hidden file or directory of a path, no longer than a disk takes."""
    name, longest = path.name, _LONGEST_NAME - len(f"..{ending}")
    if len(os.fsencode(name)) > longest:
        name = hashlib.blake2b(os.fsencode(name), digest_size=16).hexdigest()
    return path.with_name(f".{name}.{ending}")


def make_directory(directory: Path) -> None:
    """Make a directory and those above it, unless a store knows none.

    Raises `ImageError` when it cannot be made.
    """
    if is_remote(directory) and cast(Any, directory).protocol in _WITHOUT_DIRECTORIES:
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except NotImplementedError as error:
        raise unwritable(directory) from error
    except OSError as error:
        raise ImageError(
            f"{directory}: this folder cannot be made ({error.strerror or error}); name another"
        ) from error


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
    if isinstance(error, FileNotFoundError):
        return f"{error.filename or path}: there is no such file; check the path"
    return str(unread(error.filename or path, error))


def unwritable(path: Path) -> ImageError:
    """Make the error of an address that takes no files, such as one in a ZIP."""
    return ImageError(f"{path}: nothing can be written there; pass out=PATH to write elsewhere")


@contextmanager
def _reached(path: Path | str) -> Iterator[None]:
    """Turn what the libraries of stores raise into one line."""
    try:
        yield
    except PhotochromError:
        raise
    except FileNotFoundError as error:
        raise ImageError(f"{path}: there is no such file; check the path") from error
    except ImportError as error:
        raise ImageError(
            f"{path}: a library is missing ({_first_line(error)}); for s3://, "
            "pip install 'photochrom[remote]'"
        ) from error
    except Exception as error:
        raise ImageError(f"{path}: cannot be reached ({_first_line(error)}); check it") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
