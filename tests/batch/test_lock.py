import json
import os
import socket
import threading
import time

import pytest
from upath import UPath

from photochrom.batch import lock
from photochrom.batch.journal import Journal
from photochrom.batch.lock import claimed
from photochrom.errors import ImageError


@pytest.fixture
def folder():
    root = UPath("memory://claimed/colour")
    yield root
    if root.fs.exists("/claimed"):
        root.fs.rm("/claimed", recursive=True)


def leave(folder, machine: str, process: int, degrade: float = 0.0) -> None:
    """Leave a claim as another run would."""
    told = {"machine": machine, "process": process, "time": time.time() - degrade}
    (folder / lock.NAME).write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("machine", "process"), [("elsewhere", 1), (socket.gethostname(), os.getppid())]
)
def test_a_folder_of_another_run_is_refused_and_let_be(folder, machine, process) -> None:
    leave(folder, machine, process)
    message = f"another run is at work here, on {machine}; wait for it, or remove .*{lock.NAME}"
    with pytest.raises(ImageError, match=message):
        Journal(folder)
    assert json.loads((folder / lock.NAME).read_text())["machine"] == machine
    assert "claim" not in {thread.name for thread in threading.enumerate()}


def test_the_claims_of_dead_runs_are_not_heeded(folder) -> None:
    leave(folder, "elsewhere", 1, degrade=6 * 60)
    with Journal(folder):
        assert json.loads((folder / lock.NAME).read_text())["process"] == os.getpid()
    assert not (folder / lock.NAME).exists()
    leave(folder, socket.gethostname(), 1 << 22)
    Journal(folder).__exit__()
    (folder / lock.NAME).write_text("half a cl")
    Journal(folder).__exit__()


def test_a_claim_is_renewed(folder, monkeypatch) -> None:
    monkeypatch.setattr(lock, "_BEAT", 0.02)
    with claimed(folder):
        leave(folder, "elsewhere", 1, degrade=1000)
        deadline = time.monotonic() + 5
        while b"elsewhere" in (folder / lock.NAME).read_bytes() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert b"elsewhere" not in (folder / lock.NAME).read_bytes()
