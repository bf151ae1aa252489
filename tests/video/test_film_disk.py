"""A film on a disk of its own, which fills up; and two runs that make the same film."""

import threading

import numpy as np
import pytest
from click.testing import CliRunner

from helpers.disks import mounted, resize
from helpers.films import read, write
from photochrom import Colorizer
from photochrom.cli.main import main
from photochrom.video import colorized


@pytest.fixture
def disk(tmp_path):
    with mounted(tmp_path / "disk", "4m") as path:
        yield path


@pytest.fixture
def film(tmp_path):
    """A noisy film, of which a segment of eight frames has about 200 kB."""
    noise = np.random.default_rng(0)
    frames = [noise.integers(0, 256, (120, 160), dtype=np.uint8) for _ in range(64)]
    return write(tmp_path / "in.mp4", frames)


def test_a_disk_that_fills_up_is_said_and_what_is_done_is_kept(
    disk, film, echo, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(colorized, "_SEGMENT", 8)
    whole, out = tmp_path / "whole.mp4", disk / "out.mp4"
    Colorizer(echo, threads=1).colorize(film).save(whole)
    room = whole.stat().st_size * 9 // 10
    resize(disk, room)
    words = ["colorize", str(film), "-o", str(out), "-m", str(echo), "--threads", "1"]
    failed = CliRunner().invoke(main, words)
    assert failed.exit_code == 1
    said = "cannot be written (No space left on device); make room on the disk"
    assert said in failed.output, failed.output
    assert "Traceback" not in failed.output
    kept = sorted((disk / ".out.mp4.photochrom-parts").glob("0*.npz"))
    assert len(kept) >= 2
    assert not out.exists()
    resize(disk, "16m")
    again = CliRunner().invoke(main, words)
    assert again.exit_code == 0, again.output
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in disk.iterdir()) == ["out.mp4"]


def test_a_second_run_on_the_same_film_is_refused(film, echo, tmp_path) -> None:
    out = tmp_path / "out.mp4"
    words = ["colorize", str(film), "-o", str(out), "-m", str(echo)]
    seen, waiting = threading.Event(), threading.Event()

    def hold(done: int, total: int) -> None:
        seen.set()
        waiting.wait(60)

    first = threading.Thread(
        target=lambda: Colorizer(echo).colorize(film).save(out, on_progress=hold)
    )
    first.start()
    try:
        assert seen.wait(60)
        second = CliRunner().invoke(main, words)
    finally:
        waiting.set()
        first.join()
    assert second.exit_code == 1
    assert "another run is at work here; wait for it" in second.output
    assert len(read(out)[0]) == 64
