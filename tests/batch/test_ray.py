"""A batch on a Ray cluster of this machine."""

import os
import re
import signal
import subprocess
import threading
import time
from typing import cast

import numpy as np
import pytest
import pyvips
import skimage.data
from click.testing import CliRunner
from PIL import Image

from photochrom.batch import ray as cluster_batch
from photochrom.batch.naming import Job
from photochrom.batch.ray import LOCAL, ray_executor
from photochrom.batch.runner import BatchOptions, Work
from photochrom.cli.main import main
from photochrom.errors import ModelError, PhotochromWarning
from photochrom.inference.options import ColorizeOptions

COUNT = 32
pytestmark = [pytest.mark.cluster, pytest.mark.filterwarnings("ignore")]  # Ray's own warnings


@pytest.fixture(scope="module")
def cluster():
    """One for all tests here, started and ended as a batch does it; the others' leave it alone."""
    import ray

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


def actors() -> list[int]:
    """The actors of the cluster that this process has started, and no other's."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True)
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    ours, before = {os.getpid()}, 0
    while len(ours) > before:
        before = len(ours)
        ours |= {int(pid) for pid, parent, _ in rows if int(parent) in ours}
    return [
        int(pid) for pid, _, name in rows if int(pid) in ours and re.search("ray::.*_Actor", name)
    ]


def kill_one_actor(out, killed: list[int]) -> None:
    """Wait for some outputs, and kill one of the two processes that make them."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not killed:
        if 4 <= len(list(out.rglob("*.png"))) < COUNT and len(found := actors()) == 2:
            os.kill(found[0], signal.SIGKILL)
            killed.append(found[0])
        time.sleep(0.05)


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
    killed: list[int] = []
    killer = threading.Thread(target=kill_one_actor, args=(there, killed))
    killer.start()
    result = colorize(scans, "-o", there, "--jobs", 2, "--ray")
    killer.join()
    assert killed, "two actors were never at work together"
    assert "letter.jpg: the file is not a picture" in result.output
    assert f"{COUNT} done, 1 failed" in result.output
    assert contents(there) == contents(here)
    assert list(there.rglob(".*.part")) == []
    (there / "0.png").unlink()
    again = colorize(scans, "-o", there, "--ray")
    assert f"1 done, {COUNT - 1} skipped" in again.output
    assert contents(there) == contents(here)


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
