"""What a model sees of old film: without grain, dust, scratches and flicker."""

import numpy as np
import pytest

from helpers.films import pan, photograph, read, write
from photochrom import Colorizer
from photochrom.color.spaces import samples_to_lightness
from photochrom.image import shrink
from photochrom.video import colorized
from photochrom.video.cleaning import CleanedFrame, Glimpse, cleaned, surrounded
from photochrom.video.optical_flow import between
from photochrom.video.reader import Frame

SEEN = 128, 96


def old(frames, *, grain=14.0, dust=True):
    """Frames with grain, dust and flicker."""
    random, found = np.random.default_rng(0), []
    for frame in frames:
        samples = frame * random.normal(1, 0.05) + random.normal(0, grain, frame.shape)
        for _ in range(4 if dust else 0):
            y, x = (int(random.integers(0, side - 4)) for side in frame.shape)
            samples[y : y + 4, x : x + 4] = 240
        found.append(np.clip(samples, 0, 255).astype(np.uint8))
    return found


def glimpses(frames):
    """What is known of frames when they have been decoded."""
    before = None
    for number, samples in enumerate(frames):
        small = samples_to_lightness(shrink(samples, SEEN[0] // 2, SEEN[1] // 2))
        motion = None if before is None else between(before, small)
        motion = None if motion and motion.is_cut else motion
        yield Glimpse(Frame(samples, number, number), shrink(samples, *SEEN), small, motion)
        before = small


@pytest.fixture(scope="module")
def frames():
    return pan(np.kron(photograph(), np.ones((2, 2), np.uint8)), 12, (256, 192), step=3)


def seen(frames):
    return [cleaned(*three) for three in surrounded(glimpses(frames), 2)]


def error(views, frames) -> float:
    """Mean difference between views and what they are of, each with the same mean."""
    gaps = []
    for view, frame in zip(views, frames, strict=True):
        mine, true = (one.thumbnail(*SEEN).astype(float) for one in (view, Frame(frame, 0, 0)))
        gaps.append(np.abs(mine - mine.mean() - (true - true.mean())).mean())
    return float(np.mean(gaps))


def test_frames_are_given_with_those_around_them() -> None:
    found = [(len(before), one, len(after)) for before, one, after in surrounded([*range(6)], 2)]
    assert found == [(0, 0, 2), (1, 1, 2), (2, 2, 2), (2, 3, 2), (2, 4, 1), (2, 5, 0)]
    assert [one for _, one, _ in surrounded([7], 2)] == [7]
    assert list(surrounded([], 2)) == []


def test_grain_and_dust_are_gone_from_what_is_seen(frames) -> None:
    damaged = old(frames, grain=20)
    views = seen(damaged)
    assert all(isinstance(view, CleanedFrame) for view in views)
    alone = [Frame(one, 0, 0) for one in damaged]
    assert error(views, frames) < 0.6 * error(alone, frames)
    assert views[5].size == (256, 192)
    assert views[5].thumbnail(64, 48).shape == (48, 64)
    deep = seen([one.astype(np.uint16) * 257 for one in damaged])
    scale = np.iinfo(deep[5].samples.dtype).max / 255
    assert np.abs(deep[5].samples / scale - views[5].samples).mean() < 1


def test_frames_without_grain_are_seen_as_they_are(frames) -> None:
    for view, frame in zip(seen(frames), frames, strict=True):
        assert view.samples is frame


def test_another_shot_is_not_seen(frames) -> None:
    """At a cut nothing of what was before comes in."""
    other = pan(np.kron(photograph("chelsea")[:300], np.ones((2, 2), np.uint8)), 6, (256, 192))
    both = old([*frames[:6], *other], grain=20)
    views = seen(both)
    assert error(views[6:7], other[:1]) < error([Frame(both[6], 0, 0)], other[:1])
    assert error(views[5:6], frames[5:6]) < error([Frame(both[5], 0, 0)], frames[5:6])


@pytest.fixture
def film(tmp_path, frames):
    longer = pan(np.kron(photograph(), np.ones((2, 2), np.uint8)), 40, (256, 192), step=3)
    return write(tmp_path / "in.mkv", old(longer, grain=20))


def test_the_film_keeps_its_grain(film, echo, tmp_path, monkeypatch) -> None:
    colorizer = Colorizer(echo, threads=2)
    shown, answer = [], colorizer.model.answer
    monkeypatch.setattr(colorizer.model, "answer", lambda *a: shown.append(a[1]) or answer(*a))
    colorizer.colorize(film, quality="fast").save(tmp_path / "out.mkv", codec="ffv1")
    cleaner = [np.abs(np.diff(one, axis=-1)).mean() for one in shown]
    for one, other in zip(read(tmp_path / "out.mkv")[0], read(film)[0], strict=True):
        gap = samples_to_lightness(one) - samples_to_lightness(other)
        assert np.abs(gap).mean() < 0.5
    shown.clear()
    colorizer.colorize(film, quality="fast", old_film=False).save(tmp_path / "as-it-is.mkv")
    grainy = [np.abs(np.diff(one, axis=-1)).mean() for one in shown]
    assert len(cleaner) == len(grainy)
    assert np.mean(cleaner) < 0.75 * np.mean(grainy)


def test_an_old_film_is_gone_on_with_as_if_never_stopped(film, echo, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(colorized, "_SEGMENT", 7)
    colorizer = Colorizer(echo, threads=2)
    colorizer.colorize(film).save(tmp_path / "whole.mp4")
    for end in (8, 23):

        def stop(done, total, end=end):
            if done > end:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            colorizer.colorize(film).save(tmp_path / "out.mp4", on_progress=stop)
    colorizer.colorize(film).save(tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
