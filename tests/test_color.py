import numpy as np
import pytest
import skimage.data
from skimage.color import deltaE_ciede2000, rgb2lab

from photochrom.color import (
    ciede2000,
    fit_gamut,
    has_colour,
    lab_to_samples,
    lab_to_srgb,
    samples_to_lightness,
    srgb_to_lab,
)

RANDOM = np.random.default_rng(0)

# The first pairs of the table in Sharma, Wu and Dalal 2005.
PUBLISHED = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, 2.8361, -74.0200), (50, 0, -82.7485), 3.4412),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (50, 3.1736, 0.5854), 1.0000),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


def test_lab_agrees_with_scikit_image() -> None:
    rgb = RANDOM.random((50, 50, 3)).astype(np.float32)
    np.testing.assert_allclose(srgb_to_lab(rgb), rgb2lab(rgb), atol=0.02)


def test_lab_and_back() -> None:
    rgb = RANDOM.random((50, 50, 3)).astype(np.float32)
    np.testing.assert_allclose(lab_to_srgb(srgb_to_lab(rgb)), rgb, atol=1e-4)


@pytest.mark.parametrize(("first", "second", "published"), PUBLISHED)
def test_ciede2000_gives_the_published_differences(first, second, published) -> None:
    assert ciede2000(first, second) == pytest.approx(published, abs=5e-5)


def test_ciede2000_agrees_with_scikit_image() -> None:
    first, second = RANDOM.normal(20, 40, (2, 1000, 3))
    np.testing.assert_allclose(ciede2000(first, second), deltaE_ciede2000(first, second))


def test_gamut_keeps_lightness_and_hue_and_stops_at_the_surface() -> None:
    lightness = RANDOM.uniform(2, 98, 3000).astype(np.float32)
    a, b = RANDOM.uniform(-110, 110, (2, 3000)).astype(np.float32)
    fitted_a, fitted_b = fit_gamut(lightness, a, b)
    rgb = lab_to_srgb(np.stack([lightness, fitted_a, fitted_b], axis=-1))
    assert rgb.min() > -1e-3
    assert rgb.max() < 1 + 1e-3
    np.testing.assert_allclose(fitted_a * b, fitted_b * a, atol=0.02)
    chroma, before = np.hypot(fitted_a, fitted_b), np.hypot(a, b)
    reduced = chroma < before
    assert reduced.any()
    assert not reduced.all()
    further = (chroma + 0.5) / np.maximum(chroma, 1e-6)
    beyond = np.stack([lightness, fitted_a * further, fitted_b * further], axis=-1)
    outside = (lab_to_srgb(beyond) < 0) | (lab_to_srgb(beyond) > 1)
    assert outside.any(axis=-1)[reduced & (chroma > 1)].all()


@pytest.mark.parametrize(("dtype", "bound"), [(np.uint8, 0.25), (np.uint16, 0.01)])
def test_encoding_keeps_lightness(dtype, bound) -> None:
    levels = np.iinfo(dtype).max
    grey = RANDOM.integers(0, levels + 1, (64, 64)).astype(dtype)
    lightness = samples_to_lightness(grey)
    a, b = RANDOM.uniform(-60, 60, (2, 64, 64)).astype(np.float32)
    found = samples_to_lightness(lab_to_samples(lightness, a, b, dtype))
    assert np.abs(found - lightness).mean() < bound


def test_toned_is_not_colour() -> None:
    coloured = skimage.data.astronaut()[::8, ::8] / 255
    grey = coloured.mean(axis=2, keepdims=True) * np.ones(3)
    assert has_colour(coloured)
    assert not has_colour(grey)
    assert not has_colour(grey * [1.0, 0.85, 0.6])
