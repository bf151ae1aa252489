"""A film's frames have just the pixels that pictures of them would have."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("av")
from photochrom.color.spaces import samples_to_lightness
from photochrom.color.upsampling import guided_coefficients
from photochrom.image import Picture
from photochrom.image.colorized import Colorized
from photochrom.video.frames import FrameColorizer
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
    found = FrameColorizer(None, None, SEEN, 0.8, 1, old_film=True)._colorize(smoothed)
    coefficients = np.float32(0.8) * guided_coefficients(lightness, ab)
    wanted = Colorized(Picture(frame.samples), coefficients, 1, had_color=False, note={})
    assert np.array_equal(found, wanted.array())
