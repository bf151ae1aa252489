"""One run at a time in a directory: a lock of the kernel here, a lease at an address.

The kernel takes a lock back when its process ends, however it ends, so nothing has to be tidied
up; the disks of most networks know such locks, too. Stores of objects know none, nor do some disks
of a network: there it is a lease, a file that its owner renews. It keeps a run from a directory
where another one works; two that start in the same moment may both get it.
"""

import errno
import hashlib
import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from photochrom.errors import ImageError, unwritten
from photochrom.storage.paths import is_remote, make_directory, reaching, read

LOCK = ".photochrom.lock"
"""The locked file in a directory of this machine; removed when the lock is given back."""
LEASE = ".photochrom.batch.lock"
"""The lease's file in a directory at an address, or on a disk that knows no locks."""
_WITHOUT_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}
_PATIENCE = 0.2  # seconds: who tidies up holds a dead run's lock for a moment
_HEARTBEAT = 60.0  # seconds between renewals of a lease
_EXPIRY = 5 * _HEARTBEAT  # seconds without one, after which its owner is taken for dead


@contextmanager
def locked(directory: Path, name: object = None) -> Iterator[None]:
    """Hold a directory, which is made if need be, so that no other run works in it.

    `name` is what is worked on, for the error; by default the directory. Raises `ImageError` when
    another run holds it, on any thread of any process, or when it cannot be written.
    """
    make_directory(directory)
    if is_remote(directory) or not _has_locks(directory):
        with _leased(directory):
            yield
        return
    with ExitStack() as stack:
        try:
            ours = stack.enter_context(file_lock(directory / LOCK, _PATIENCE))
        except OSError as error:
            raise unwritten(directory, error) from error
        if not ours:
            raise ImageError(f"{name or directory}: another run is at work here; wait for it")
        yield


def _has_locks(directory: Path) -> bool:
    """Whether the disk of a directory knows locks; some that machines share do not."""
    try:
        import fcntl
    except ImportError:  # Windows, whose disks all do
        return True
    file = directory / LOCK
    try:
        with file.open("ab") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _WITHOUT_LOCKS:
            file.unlink(missing_ok=True)
            return False
    return True  # what else is wrong is said where it is locked


@contextmanager
def file_lock(file: Path, patience: float = 0.0) -> Iterator[bool]:
    """Lock a file of this machine, made for that and removed at the end; give whether it is ours.

    It is not when somebody else still holds it after `patience` seconds. Raises `OSError` where
    there can be no such file.
    """
    from filelock import FileLock, Timeout  # with asyncio, which most runs can do without

    lock = FileLock(file, timeout=patience, thread_local=False)  # any thread may give it back
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        with suppress(OSError):  # Windows refuses; there, filelock removes it
            file.unlink()
        lock.release()


@contextmanager
def _leased(directory: Path) -> Iterator[None]:
    """Hold a directory at an address; raises `ImageError` when another run does."""
    file = directory / LEASE
    with _alone_here(directory) as alone:
        if holder := _holder(file, alone):
            raise ImageError(
                f"{directory}: another run is at work here, on {holder}; wait for it, or remove "
                f"{file} if it is dead (it lapses after {_EXPIRY / 60:.0f} minutes)"
            )
        _renew(file)
        ended = Event()
        heartbeat = Thread(target=_keep_renewing, args=(file, ended), name="lease", daemon=True)
        heartbeat.start()
        try:
            yield
        finally:
            ended.set()
            heartbeat.join()
            with suppress(ImageError), reaching(file):  # out of reach, it lapses by itself
                file.unlink()


@contextmanager
def _alone_here(directory: Path) -> Iterator[bool | None]:
    """Tell whether no other run of this machine holds a lease on a directory at an address.

    Each holds a lock of this machine beside its lease. None where that cannot be told: the lock
    may be another user's.
    """
    digest = hashlib.blake2b(str(directory).encode(), digest_size=8).hexdigest()
    lock = Path(tempfile.gettempdir(), f"photochrom-{digest}.lock")
    with ExitStack() as stack:
        try:
            alone = stack.enter_context(file_lock(lock, _PATIENCE))
        except OSError:
            alone = None
        yield alone


def _holder(file: Path, alone: bool | None) -> str | None:
    """Name the machine of the run that holds a lease; None when there is none, or it is dead."""
    here = socket.gethostname()
    if alone is False:
        return here
    try:
        lease = json.loads(read(file) or b"{}")
        machine, renewed = str(lease["machine"]), float(lease["time"])
    except (ValueError, LookupError, TypeError):
        return None
    if (alone and machine == here) or time.time() > renewed + _EXPIRY:
        return None
    return machine


def _renew(file: Path) -> None:
    lease = {"machine": socket.gethostname(), "process": os.getpid(), "time": time.time()}
    with reaching(file):
        file.write_bytes(json.dumps(lease).encode())


def _keep_renewing(file: Path, ended: Event) -> None:
    while not ended.wait(_HEARTBEAT):
        with suppress(ImageError):  # the work itself tells when the store is out of reach
            _renew(file)
