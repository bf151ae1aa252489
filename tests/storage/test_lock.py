"""One run at a time in a directory, of this machine or of a store."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from upath import UPath

from photochrom.batch.journal import Journal
from photochrom.errors import ImageError
from photochrom.storage import lock
from photochrom.storage.lock import LEASE, LOCK, file_lock, locked

HOLD = """
import sys
from photochrom.storage import locked, to_path
with locked(to_path(sys.argv[1])):
    print("held", flush=True)
    input()
"""


WITHOUT_LOCKS = """
import errno
import fcntl
from pathlib import Path
lock_it = fcntl.flock
def flock(file, how):
    if not isinstance(file, int) or "shared" in Path(f"/proc/self/fd/{file}").readlink().parts:
        raise OSError(errno.ENOLCK, "No locks available")
    lock_it(file, how)
fcntl.flock = flock
"""
"""As where a disk that machines share, in a folder called so, knows no locks."""


@pytest.fixture
def hold():
    """Hold a directory by another process until it is told to end."""
    running = []

    def start(directory, before: str = "") -> subprocess.Popen:
        words = [sys.executable, "-c", before + HOLD, str(directory)]
        other = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        running.append(other)
        assert other.stdout.readline() == b"held\n"
        return other

    yield start
    for other in running:
        other.kill()
        other.communicate()


@pytest.fixture
def remote():
    root = UPath("memory://leased/colour")
    yield root
    if root.fs.exists("/leased"):
        root.fs.rm("/leased", recursive=True)


def leave(directory, machine: str, age: float = 0.0) -> None:
    """Leave a lease as another run would."""
    lease = {"machine": machine, "process": 1, "time": time.time() - age}
    (directory / LEASE).write_text(json.dumps(lease))


def test_another_process_is_waited_for_until_it_ends(tmp_path, hold) -> None:
    other = hold(tmp_path / "out")
    with pytest.raises(ImageError, match=r"^.*out: another run is at work here; wait for it$"):
        Journal(tmp_path / "out")
    with (
        pytest.raises(ImageError, match=r"^film\.mp4: another run is at work here"),
        locked(tmp_path / "out", "film.mp4"),
    ):
        pass
    other.communicate(b"\n")
    assert list((tmp_path / "out").iterdir()) == []
    with locked(tmp_path / "out"):
        assert (tmp_path / "out" / LOCK).exists()


def test_the_lock_of_a_killed_process_is_free(tmp_path, hold) -> None:
    other = hold(tmp_path)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert (tmp_path / LOCK).exists()
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_only_one_of_many_threads_gets_a_lock(tmp_path) -> None:
    """However the moments fall at which they come, and at which its file is removed."""
    inside, most, times = [0], [0], [0]

    def work() -> None:
        for _ in range(60):
            with file_lock(tmp_path / "x", 10) as ours:
                assert ours
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                times[0] += 1
                time.sleep(0.0002)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, times) == ([1], [240])


def test_a_directory_that_takes_no_lock_is_one_line(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        ImageError, match=r"file: this folder cannot be made \(File exists\); name another$"
    ):
        Journal(tmp_path / "file")
    (tmp_path / LOCK).mkdir()
    with pytest.raises(ImageError, match=rf"^{tmp_path}: cannot be written \("):
        Journal(tmp_path)


def test_a_directory_at_an_address_that_another_machine_leases_is_refused(remote) -> None:
    leave(remote, "elsewhere")
    message = f"another run is at work here, on elsewhere; wait for it, or remove .*{LEASE}"
    with pytest.raises(ImageError, match=message):
        Journal(remote)
    assert json.loads((remote / LEASE).read_text())["machine"] == "elsewhere"
    assert "lease" not in {thread.name for thread in threading.enumerate()}


def test_a_lease_of_this_machine_counts_while_its_process_lives(tmp_path, hold) -> None:
    address = UPath(f"local://{tmp_path}/out")
    address.mkdir()
    other = hold(address)
    with pytest.raises(ImageError, match=f"at work here, on {socket.gethostname()}; wait"):
        Journal(address)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert (address / LEASE).exists()
    Journal(address).__exit__()
    assert not (address / LEASE).exists()


def test_leases_that_have_lapsed_or_are_damaged_do_not_count(remote) -> None:
    leave(remote, "elsewhere", age=6 * 60)
    with Journal(remote):
        assert json.loads((remote / LEASE).read_text())["process"] == os.getpid()
    assert not (remote / LEASE).exists()
    (remote / LEASE).write_text("half a le")
    Journal(remote).__exit__()


def test_where_another_user_holds_this_machines_lock_time_decides(
    remote, tmp_path, monkeypatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    leave(remote, socket.gethostname())
    with pytest.raises(ImageError, match="at work here"), locked(remote):
        pass
    leave(remote, socket.gethostname(), age=6 * 60)
    with locked(remote):
        pass


def test_a_lease_is_renewed(remote, monkeypatch) -> None:
    monkeypatch.setattr(lock, "_HEARTBEAT", 0.02)
    with locked(remote):
        leave(remote, "elsewhere", age=1000)
        deadline = time.monotonic() + 5
        while b"elsewhere" in (remote / LEASE).read_bytes() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert b"elsewhere" not in (remote / LEASE).read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which file is locked")
def test_on_a_disk_without_locks_a_lease_keeps_others_out(tmp_path, hold, monkeypatch) -> None:
    import fcntl

    monkeypatch.setattr(fcntl, "flock", fcntl.flock)
    exec(WITHOUT_LOCKS, {})
    shared = tmp_path / "shared"
    other = hold(shared, WITHOUT_LOCKS)
    with pytest.raises(ImageError, match="another run is at work here, on"), locked(shared):
        pass
    other.send_signal(signal.SIGKILL)
    other.wait()
    with locked(shared):  # this machine knows that it is dead
        assert [path.name for path in shared.iterdir()] == [LEASE]
    leave(shared, "elsewhere", age=4 * 60)
    with pytest.raises(ImageError, match="here, on elsewhere; wait for it, or"), locked(shared):
        pass
    leave(shared, "elsewhere", age=6 * 60)  # another machine's has to lapse
    with locked(shared):
        pass
    assert list(shared.iterdir()) == []
