import numpy as np
from skimage.color import rgb2lab

from photochrom.color.spaces import (
    lab_to_srgb,
    linear_to_srgb,
    samples_to_lightness,
    srgb_to_lab,
    srgb_to_lightness,
    srgb_to_linear,
)

RANDOM = np.random.default_rng(0)


def test_lab_agrees_with_scikit_image() -> None:
    rgb = RANDOM.random((50, 50, 3)).astype(np.float32)
    np.testing.assert_allclose(srgb_to_lab(rgb), rgb2lab(rgb), atol=0.02)


def test_lab_and_back() -> None:
    rgb = RANDOM.random((50, 50, 3)).astype(np.float32)
    np.testing.assert_allclose(lab_to_srgb(srgb_to_lab(rgb)), rgb, atol=1e-4)


def test_dark_colours_agree_with_scikit_image() -> None:
    levels = np.linspace(0, 0.15, 400)
    rgb = np.stack([levels, np.roll(levels, 7), levels[::-1]], axis=-1)
    np.testing.assert_allclose(srgb_to_lab(rgb), rgb2lab(rgb), atol=0.02)


def test_the_curve_is_that_of_the_standard_and_its_inverse() -> None:
    encoded = np.array([0, 0.02, 0.04, 0.0405, 0.05, 0.5, 1])
    linear = [0, 0.02 / 12.92, 0.04 / 12.92, 0.0031347, 0.0039359, 0.2140411, 1]
    np.testing.assert_allclose(srgb_to_linear(encoded), linear, rtol=2e-4)
    ramp = np.linspace(0, 1, 1001, dtype=np.float32)
    np.testing.assert_allclose(linear_to_srgb(srgb_to_linear(ramp)), ramp, atol=2e-6)


def test_lightness_is_that_of_lab_in_every_kind_of_sample() -> None:
    for dtype, bound in ((np.uint8, 0.009), (np.uint16, 1e-3)):
        most = np.iinfo(dtype).max
        rgb = RANDOM.integers(0, most + 1, (40, 40, 3)).astype(dtype)
        rgb[:4] = rgb[:4] // 40  # some are dark
        wanted = srgb_to_lab(rgb / most)[..., 0]
        np.testing.assert_allclose(samples_to_lightness(rgb), wanted, atol=bound)
        np.testing.assert_allclose(srgb_to_lightness(rgb / most), wanted, atol=1e-3)
        grey = rgb[..., 0]
        same = np.stack([grey] * 3, axis=-1)
        np.testing.assert_allclose(
            samples_to_lightness(grey), srgb_to_lab(same / most)[..., 0], atol=1e-3
        )
