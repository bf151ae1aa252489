"""When a model is asked: more often at a shot's beginning, and where much moves."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("cv2")
from helpers.films import pan, photograph, write
from photochrom import Colorizer
from photochrom.inference.film import FramePredictor
from photochrom.video import colorized
from photochrom.video.rhythm import Rhythm

RATE = Fraction(24)


def motion(found):
    """Motion by which so much is found again."""
    return SimpleNamespace(back_trust=np.full((4, 4), found, np.float32))


def asked(found, count=96, **how) -> list[int]:
    """Number the frames of a shot that a model is asked about."""
    rhythm, numbers = Rhythm(), [0]
    for number in range(1, count):
        rhythm = rhythm.after(motion(found), RATE, **{"every_frame": False} | how)
        assert Rhythm.of(rhythm.array()) == rhythm
        numbers += [] if rhythm.age else [number]
    return numbers


def test_a_shot_begins_with_eight_a_second_and_goes_on_with_four() -> None:
    assert asked(1.0) == [*range(0, 25, 3), *range(30, 96, 6)]


def test_where_much_is_not_found_again_it_stays_at_eight() -> None:
    assert asked(0.7) == [*range(0, 96, 3)]


def test_every_frame_if_that_is_wanted() -> None:
    assert asked(1.0, every_frame=True) == [*range(96)]


def test_a_cut_begins_anew() -> None:
    assert Rhythm(30, 2, 0.3).after(None, RATE, every_frame=False) == Rhythm()


def test_every_frame_of_a_film_is_looked_at_if_that_is_wanted(echo, tmp_path, monkeypatch) -> None:
    film = write(tmp_path / "in.mp4", pan(photograph(), 12))
    looks = []
    predict = FramePredictor.predict
    monkeypatch.setattr(
        FramePredictor, "predict", lambda *a: looks.append(a[1].number) or predict(*a)
    )
    colorizer = Colorizer(echo, threads=2)
    colorizer.colorize(film, every_frame=True).save(tmp_path / "every.mp4")
    assert looks == list(range(12))
    looks.clear()
    colorizer.colorize(film).save(tmp_path / "some.mp4")
    assert looks == [0, 2, 4, 6, 8, 10]


@pytest.mark.parametrize("every_frame", [False, True])
def test_a_film_goes_on_in_its_rhythm(echo, tmp_path, monkeypatch, every_frame) -> None:
    monkeypatch.setattr(colorized, "_SEGMENT", 13)
    film = write(tmp_path / "in.mp4", pan(photograph(), 60))
    save = Colorizer(echo, threads=2).colorize(film, every_frame=every_frame).save
    save(tmp_path / "whole.mp4")

    def stop(done, total):
        if done > 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "out.mp4", on_progress=stop)
    save(tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
