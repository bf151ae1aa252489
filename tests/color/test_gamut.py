import numpy as np
import pytest

from photochrom.color.gamut import fit_gamut, lab_to_samples
from photochrom.color.spaces import (
    lab_to_srgb,
    linear_to_srgb,
    samples_to_lightness,
    srgb_to_lab,
)

RANDOM = np.random.default_rng(0)


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


@pytest.mark.parametrize("face", [0, 1])
@pytest.mark.parametrize(("beyond", "fits"), [(1e-5, True), (4e-5, False)])
def test_rounding_alone_does_not_leave_the_gamut(face, beyond, fits) -> None:
    linear = np.array([face + (beyond if face else -beyond), 0.3, 0.2], np.float32)
    lab = srgb_to_lab(linear_to_srgb(linear)).reshape(3, 1, 1)
    inside = fit_gamut(*lab)
    assert (np.array(inside) == lab[1:]).all() == fits


@pytest.mark.parametrize(("dtype", "step", "bound"), [(np.uint8, 1, 0), (np.uint16, 97, 2)])
def test_every_sample_comes_back(dtype, step, bound) -> None:
    levels = np.arange(0, np.iinfo(dtype).max + 1, step)
    samples = np.stack([levels, levels[::-1], np.roll(levels, 99)], axis=-1)[None].astype(dtype)
    lab = np.moveaxis(srgb_to_lab(samples / np.iinfo(dtype).max), -1, 0)
    gaps = lab_to_samples(*lab, dtype).astype(int) - samples
    assert np.abs(gaps).max() <= bound
