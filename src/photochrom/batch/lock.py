"""A claim on a folder at an address, where no store knows locks: a file that is renewed.

It keeps a run from a folder at which another one works. Two that start in the same moment may
both find no claim.
"""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from photochrom import storage
from photochrom.errors import ImageError

NAME = ".photochrom.batch.lock"
"""The claim's file in the output folder."""
_BEAT = 60.0  # seconds between renewals
_DEAD = 5 * _BEAT  # seconds without one, after which a run elsewhere is taken for dead


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a folder at an address; raises `ImageError` when another run does."""
    file = folder / NAME
    if holder := _holder(file):
        raise ImageError(
            f"{folder}: another run is at work here, on {holder}; wait for it, or remove {file} "
            f"if it is dead (after {_DEAD / 60:.0f} minutes it is no longer heeded)"
        )
    storage.make_directory(folder)
    _renew(file)
    ended = Event()
    beating = Thread(target=_beat, args=(file, ended), name="claim", daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join()
        with suppress(ImageError), storage.reaching(file):  # out of reach, it grows old
            file.unlink()


def _holder(file: Path) -> str | None:
    """Name the machine of the run that holds a claim; None when there is none, or it is dead."""
    try:
        claim = json.loads(storage.read(file) or b"{}")
        machine, process, when = claim["machine"], int(claim["process"]), float(claim["time"])
    except (ValueError, LookupError, TypeError):
        return None
    here = machine == socket.gethostname()
    dead = process == os.getpid() or not storage.is_alive(process) if here else False
    return None if dead or time.time() > when + _DEAD else str(machine)


def _renew(file: Path) -> None:
    claim = {"machine": socket.gethostname(), "process": os.getpid(), "time": time.time()}
    with storage.reaching(file):
        file.write_bytes(json.dumps(claim).encode())


def _beat(file: Path, ended: Event) -> None:
    while not ended.wait(_BEAT):
        with suppress(ImageError):  # the work itself tells when the store is out of reach
            _renew(file)
