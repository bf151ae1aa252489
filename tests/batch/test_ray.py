"""A batch on a Ray cluster of this machine."""

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

import numpy as np
import pytest
import pyvips
import skimage.data
from click.testing import CliRunner
from PIL import Image

from helpers.films import shots, write
from photochrom.batch import ray as cluster_batch
from photochrom.batch.naming import Job
from photochrom.batch.ray import LOCAL, film_executor, ray_executor
from photochrom.batch.runner import BatchOptions, Work
from photochrom.cli.main import main
from photochrom.errors import ModelError, PhotochromWarning
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.options import ColorizeOptions

COUNT = 32
pytestmark = [pytest.mark.cluster, pytest.mark.filterwarnings("ignore")]  # Ray's own warnings


@pytest.fixture(scope="module")
def cluster():
    """One for all tests here, started and ended as a batch does it; the others' leave it alone."""
    import ray

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_worker_niceness", "0")  # else they wait for all tests that run meanwhile
        executor = ray_executor(LOCAL, "vivid", 1)
    yield
    assert ray.is_initialized()
    assert list(executor(Work("", BatchOptions()), iter(()))) == []
    assert not ray.is_initialized()


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    (folder / "more").mkdir(parents=True)
    grey = skimage.data.astronaut()[:300, :400, 0]
    for number in range(COUNT):
        name = f"more/{number}.png" if number % 2 else f"{number}.png"
        Image.fromarray(np.roll(grey, 7 * number, axis=1)).save(folder / name)
    (folder / "letter.jpg").write_text("Dear grandmother")
    return folder


def colorize(*arguments: object):
    return CliRunner().invoke(main, ["colorize", *map(str, arguments)])


def contents(folder) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.png")
    }


def workers(named: str) -> list[int]:
    """The cluster's workers that are called so, of the one that this process has started."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True)
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    ours, before = {os.getpid()}, 0
    while len(ours) > before:
        before = len(ours)
        ours |= {int(pid) for pid, parent, _ in rows if int(parent) in ours}
    return [
        int(pid) for pid, _, name in rows if int(pid) in ours and re.search(f"ray::.*{named}", name)
    ]


def kill_one(named: str, begun: Callable[[], bool], killed: list[int]) -> None:
    """Wait until some work is done, and kill one of the two processes that do it."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and not killed:
        if begun() and len(found := workers(named)) == 2:
            os.kill(found[0], signal.SIGKILL)
            killed.append(found[0])
        time.sleep(0.05)


@contextmanager
def one_killed(named: str, begun: Callable[[], bool]) -> Iterator[None]:
    """Kill a worker while the work is done; fail where two were never at work together."""
    killed: list[int] = []
    killer = threading.Thread(target=kill_one, args=(named, begun, killed))
    killer.start()
    yield
    killer.join()
    assert killed, "two workers were never at work together"


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1"])
def test_a_cluster_that_is_not_there_is_one_line(scans, tmp_path, address) -> None:
    result = colorize(scans, "-o", tmp_path / "out", "--ray", address)
    assert result.exit_code == 1
    assert f"no Ray cluster at {address}" in result.output
    assert "Traceback" not in result.output


def test_a_cluster_makes_what_this_machine_makes_though_a_worker_is_killed(
    cluster, scans, tmp_path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    assert f"{COUNT} done, 1 failed" in colorize(scans, "-o", here).output
    with one_killed("_Actor", lambda: 4 <= len(list(there.rglob("*.png"))) < COUNT):
        result = colorize(scans, "-o", there, "--jobs", 2, "--ray")
    assert "letter.jpg: the file is not a picture" in result.output
    assert f"{COUNT} done, 1 failed" in result.output
    assert contents(there) == contents(here)
    assert list(there.rglob(".*.part")) == []
    (there / "0.png").unlink()
    again = colorize(scans, "-o", there, "--ray")
    assert f"1 done, {COUNT - 1} skipped" in again.output
    assert contents(there) == contents(here)


def test_a_cluster_makes_the_film_that_this_machine_makes_though_a_worker_is_killed(
    cluster, echo, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("photochrom.video.colorized._SEGMENT", 12)
    source = write(tmp_path / "in.mp4", shots(8, 20, 40, 6), sound="aac")
    words = [source, "-m", echo, "--threads", 1, "--no-memory"]
    here, there = tmp_path / "here.mp4", tmp_path / "there.mp4"
    assert colorize(*words, "-o", here).exit_code == 0
    begun = tmp_path / ".there.mp4.photochrom-parts"
    with one_killed("_make_segment", lambda: bool(list(begun.glob("begun-*")))):
        result = colorize(*words, "-o", there, "--jobs", 2, "--ray")
    assert result.exit_code == 0, result.output
    assert there.read_bytes() == here.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here.mp4", "in.mp4", "there.mp4"]


def test_what_a_worker_says_of_a_film_is_said_as_if_it_were_here(cluster, echo, tmp_path) -> None:
    source = write(tmp_path / "in.mp4", shots(4))
    crew = film_executor(LOCAL, str(tmp_path / "elsewhere.onnx"), Colorizer(echo, threads=1), 1)
    options = BatchOptions(ColorizeOptions(memory=False))
    (outcome,) = crew(Work("", options), iter([Job(source, tmp_path / "out.mp4")]))
    assert outcome.state == "failed"
    assert "elsewhere.onnx" in outcome.reason
    assert "\n" not in outcome.reason
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_what_a_cluster_cannot_do_of_a_film_is_said_before(tmp_path) -> None:
    source = write(tmp_path / "in.mp4", shots(4))
    for words, reason in (
        (("-o", tmp_path / "out.mp4"), "say --no-memory, or leave --ray out"),
        (("-o", "memory://out.mp4", "--no-memory"), "memory://out.mp4 is an address; give a path"),
    ):
        result = colorize(source, *words, "--ray")
        assert result.exit_code == 2, result.output
        assert reason in " ".join(result.output.split())


def test_jobs_are_taken_a_wave_at_a_time(cluster, scans, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("photochrom.batch.ray._WAVE", 4)
    taken: list[Job] = []

    def queue():
        for number in range(6):
            taken.append(Job(scans / f"{2 * number}.png", tmp_path / f"{number}.png"))
            yield taken[-1]

    crew = ray_executor(LOCAL, "vivid", 1)
    outcomes = crew(Work("", BatchOptions(ColorizeOptions(size=64))), queue())
    next(outcomes)
    assert len(taken) == 4
    assert len(list(outcomes)) == 5
    assert len(list(tmp_path.glob("*.png"))) == 6


def test_a_cluster_that_fails_under_way_is_one_line(cluster, tmp_path) -> None:
    crew = ray_executor(LOCAL, str(tmp_path / "not-on-the-workers.onnx"))
    with pytest.raises(
        ModelError, match=r"^the cluster at local failed: .*not-on-the-workers"
    ) as error:
        list(crew(Work("", BatchOptions()), iter([cast(Job, None)])))
    assert "\n" not in str(error.value)


def test_what_a_worker_warns_of_reaches_the_user(echo, tmp_path) -> None:
    """Without a cluster: an actor does what it is given, and its answer is read as a cluster's."""
    Image.fromarray(np.zeros((40, 50), np.uint8)).save(tmp_path / "a.png")
    broken = pyvips.Image.new_from_file(str(tmp_path / "a.png")).copy()
    broken.set_type(pyvips.GValue.blob_type, "xmp-data", b"<x:xmpmeta this is not XML")
    broken.write_to_file(str(tmp_path / "b.jpg"))
    actor = cluster_batch._Actor(str(echo), Work("", BatchOptions()))

    class Data:
        """Stands for Ray's data set, and is done at once."""

        ActorPoolStrategy = dict

        def from_items(self, rows, override_num_blocks):
            self.rows = rows
            return self

        def map(self, *_, **options):
            return self

        def iter_rows(self):
            return map(actor, self.rows)

    jobs = [Job(tmp_path / "b.jpg", tmp_path / "b-colour.jpg")]
    with pytest.warns(PhotochromWarning, match=r"b.jpg: its XMP stays as it was"):
        (outcome,) = cluster_batch._done(Data(), str(echo), actor.work, jobs, 1)
    assert outcome.state == "done"
    assert len(outcome.warnings) == 1
