import numpy as np
import pytest
import skimage.data

from photochrom.color import upsampling
from photochrom.color.gamut import lab_to_samples
from photochrom.color.spaces import samples_to_lightness
from photochrom.color.upsampling import Recombiner, resize_bilinear

RANDOM = np.random.default_rng(0)
GREY = skimage.data.camera()[100:190, 200:320]
COLOUR = skimage.data.astronaut()[100:190, 200:320]
PICTURES = {"grey": GREY, "colour": COLOUR, "black": GREY // 8}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("piece", [1, 1000, 100_000])
def test_joined_is_what_lab_says(monkeypatch, name, dtype, piece) -> None:
    monkeypatch.setattr(upsampling, "AT_ONCE", piece)
    samples = PICTURES[name].astype(dtype)
    if dtype == np.uint16:
        samples = samples * dtype(257)
    height, width = samples.shape[:2]
    lines = RANDOM.uniform(-1, 1, (4, 7, 9)).astype(np.float32)
    lines *= np.array([0.3, 0.3, 50, 50], np.float32)[:, None, None]  # many are out of gamut
    slope_a, slope_b, a, b = resize_bilinear(lines, height, width)
    lightness = samples_to_lightness(samples)
    wanted = lab_to_samples(lightness, slope_a * lightness + a, slope_b * lightness + b, dtype)
    joined = Recombiner(lines, height, width).recombine(samples, 0)
    assert joined.dtype == dtype
    far = np.abs(joined.astype(int) - wanted) > (1 if dtype == np.uint8 else 257)
    assert far.mean() < 1e-3  # at the gamut's surface, a step of the chroma's limit
    cut = np.s_[40:80, 30:100]
    part = Recombiner(lines, height, width).recombine(samples[cut], 40, 30)
    assert (
        np.abs(part.astype(int) - joined[cut]) > (1 if dtype == np.uint8 else 257)
    ).mean() < 1e-3
