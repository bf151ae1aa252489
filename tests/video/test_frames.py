"""A film's frames have just the pixels that pictures of them would have."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("av")
from photochrom.color.spaces import samples_to_lightness
from photochrom.color.upsampling import guided_coefficients
from photochrom.image import Picture
from photochrom.image.colorized import Colorized
from photochrom.video.frames import FrameColorizer, Seen, prefetched
from photochrom.video.reader import Frame

SEEN = 256, 192


def drawn(height: int, width: int, dtype: type) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(0).standard_normal((height, width))
    light = np.clip(0.5 + 0.4 * np.sin(x / 50) * np.cos(y / 70) + 0.02 * noise, 0, 1)
    return (np.iinfo(dtype).max * light).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [(120, 161), (1080, 1920)])
def test_frames_are_coloured_as_pictures_are(size, dtype) -> None:
    frame = Frame(drawn(*size, dtype), 0, 0)
    lightness = samples_to_lightness(Picture(frame.samples).thumbnail(*SEEN))
    assert np.array_equal(samples_to_lightness(frame.thumbnail(*SEEN)), lightness)
    ab = np.random.default_rng(1).uniform(-30, 30, (2, 48, 64)).astype(np.float32)
    smoothed = SimpleNamespace(analysis=SimpleNamespace(frame=frame, lightness=lightness), ab=ab)
    found = FrameColorizer(None, None, Seen(SEEN), 0.8, 1)._colorize(smoothed)
    coefficients = np.float32(0.8) * guided_coefficients(lightness, ab)
    wanted = Colorized(Picture(frame.samples), coefficients, 1, had_color=False, note={})
    assert np.array_equal(found, wanted.array())


def counted(made, last):
    for number in range(last):
        made.append(number)
        yield number


def test_all_is_given_in_order_and_little_is_made_ahead() -> None:
    made = []
    given = prefetched(counted(made, 50), 3)
    for number, one in enumerate(given):
        assert one == number
        assert len(made) <= number + 5
    assert made == list(range(50))


def test_what_goes_wrong_is_raised_where_it_belongs() -> None:
    def failing():
        yield 1
        yield 2
        raise KeyError("three")

    given = prefetched(failing(), 4)
    assert [next(given), next(given)] == [1, 2]
    with pytest.raises(KeyError, match="three"):
        next(given)


def test_it_ends_when_nobody_wants_more() -> None:
    before, made = threading.active_count(), []
    given = prefetched(counted(made, 1000), 2)
    assert next(given) == 0
    given.close()
    assert threading.active_count() == before
    assert len(made) <= 4
