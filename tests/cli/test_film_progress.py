"""What is said of films while they are coloured, and when they are stopped."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.films import pan, photograph, read, write
from photochrom.batch.naming import Job
from photochrom.cli import film_progress
from photochrom.cli.film_progress import FilmProgress

JOB = Job(Path("holiday.mp4"), Path("out.mp4"))


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is set."""
    now = [100.0]
    monkeypatch.setattr(film_progress.time, "monotonic", lambda: now[0])
    return now


def test_a_line_comes_every_ten_seconds(clock) -> None:
    films, lines = FilmProgress(), []
    for done in range(1, 1001):
        clock[0] += 1 / 16
        lines.append(films.line(JOB, done, 1000))
    said = {number: line for number, line in enumerate(lines, 1) if line}
    assert list(said) == [161, 321, 481, 641, 801, 961]
    assert said[161] == "holiday.mp4: 16 %, 16.0 frames a second, 52 s left"


def test_a_film_that_goes_on_says_where(clock) -> None:
    films = FilmProgress()
    assert films.line(JOB, 481, 1000) == "holiday.mp4: 48 % are there, and it goes on"
    assert films.line(JOB, 482, 1000) == ""


def test_a_stopped_film_says_how_much_is_kept(clock) -> None:
    films = FilmProgress()
    films.line(JOB, 700, 1000)
    assert films.stopped() == ["holiday.mp4: stopped at 70 %; 48 % are kept"]
    films.done(JOB)
    assert films.stopped() == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(40, "40 s"), (600, "10 min"), (5400, "1 h 30 min"), (36000, "10 h 0 min")],
)
def test_how_long_it_takes_is_about(seconds, words) -> None:
    assert film_progress._duration(seconds) == words


def test_ctrl_c_says_how_far_a_film_is_and_it_goes_on(echo, tmp_path) -> None:
    write(tmp_path / "in.mp4", pan(photograph(), 120, (64, 48)) * 4, gop_size=30)
    words = [sys.executable, "-m", "photochrom", "colorize", "-m", str(echo), "in.mp4"]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    kept = tmp_path / ".in-colour.mp4.photochrom-parts" / "00000.npz"
    while not kept.exists() and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=60)[1].splitlines()
    assert process.returncode == 130, errors
    (stopped,) = [line for line in errors if "kept" in line]
    assert stopped.startswith("in.mp4: stopped at ")
    assert stopped.endswith("; 50 % are kept")
    assert errors[-1] == "0 of 1 done; the same command goes on"
    again = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert " % are there, and it goes on" in again.stderr
    assert len(read(tmp_path / "in-colour.mp4")[0]) == 480
    assert not kept.parent.exists()
