"""The segments of a film, which one run makes at a time."""

from contextlib import nullcontext, suppress

import pytest

from photochrom.errors import ImageError
from photochrom.video.segments import Segments, open_segments

SETTINGS = {"source": "a.mp4"}


def write(path) -> dict:
    path.write_bytes(b"frames")
    return {"done": 8}


def interrupted(target) -> Segments:
    """Make one segment, and stop."""
    with suppress(KeyboardInterrupt), open_segments(target, ".mp4", SETTINGS) as segments:
        segments.add(write)
        raise KeyboardInterrupt
    return segments


def test_two_runs_do_not_make_the_same_film(tmp_path) -> None:
    target = tmp_path / "out.mp4"
    with open_segments(target, ".mp4", SETTINGS) as segments:
        segments.add(write)
        with (
            pytest.raises(ImageError, match=r"out\.mp4: another run is at work here; wait for it$"),
            open_segments(target, ".mp4", SETTINGS),
        ):
            pass
        assert len(segments.files) == 1
    assert list(tmp_path.iterdir()) == []


def test_two_runs_that_a_disk_does_not_keep_apart_do_not_mix_up_their_segments(
    tmp_path, monkeypatch
) -> None:
    """As where both started in the same moment, on a disk that knows no locks."""
    monkeypatch.setattr("photochrom.video.segments.locked", lambda *_: nullcontext())
    target = tmp_path / "out.mp4"

    def add(segments: Segments) -> None:
        done = 8 * len(segments.files)

        def write(path) -> dict:
            path.write_text(f"from {done} on")
            return {"done": done + 8}

        segments.add(write)

    with open_segments(target, ".mp4", SETTINGS) as ours:
        with suppress(KeyboardInterrupt), open_segments(target, ".mp4", SETTINGS) as theirs:
            for one in (ours, theirs, ours, ours, theirs):
                add(one)
            assert (theirs.state()["done"], ours.state()["done"]) == (16, 24)
            raise KeyboardInterrupt
        assert [one.read_text() for one in ours.files] == [f"from {n} on" for n in (0, 8, 16)]


def test_what_a_killed_run_left_is_gone_on_with(tmp_path) -> None:
    target = tmp_path / "out.mp4"
    segments = interrupted(target)
    for name in (
        "process",
        ".photochrom.lock",
        "begun-1.mp4",
    ):  # of older and killed runs
        (segments.directory / name).write_text("1")
    with open_segments(target, ".mp4", SETTINGS) as segments:
        assert not list(segments.directory.glob("begun*"))
        assert len(segments.files) == 1
        assert segments.state()["done"] == 8
    assert list(tmp_path.iterdir()) == []


def test_segments_that_were_made_otherwise_are_removed(tmp_path) -> None:
    target = tmp_path / "out.mp4"
    interrupted(target)
    with open_segments(target, ".mp4", {"source": "b.mp4"}) as segments:
        assert segments.files == []
        assert segments.state() == {}


def test_a_run_that_fails_at_once_leaves_nothing(tmp_path) -> None:
    with pytest.raises(KeyError), open_segments(tmp_path / "out.mp4", ".mp4", SETTINGS):
        raise KeyError
    assert list(tmp_path.iterdir()) == []
