import numpy as np
import pytest
import skimage.data

from photochrom.color.spaces import lab_to_srgb
from photochrom.color.toning import has_color, tint, tone_residue


def test_toned_is_not_colour() -> None:
    coloured = skimage.data.astronaut()[::8, ::8] / 255
    grey = coloured.mean(axis=2, keepdims=True) * np.ones(3)
    assert has_color(coloured)
    assert not has_color(grey)
    assert not has_color(grey * [1.0, 0.85, 0.6])


@pytest.mark.parametrize(("residue", "is_colour"), [(3.5, False), (4.5, True)])
def test_four_units_that_no_toning_explains_are_colour(residue, is_colour) -> None:
    lightness = np.tile(np.linspace(40, 80, 100, dtype=np.float32), (100, 1))
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, lightness.shape)
    tone = 0.2 * lightness + 5  # which counts for nothing
    lab = np.stack([lightness, residue * np.cos(angle), tone + residue * np.sin(angle)], axis=-1)
    assert tone_residue(lab_to_srgb(lab)) == pytest.approx(residue, rel=0.02)
    assert has_color(lab_to_srgb(lab)) == is_colour


def test_a_tint_is_a_line_over_lightness() -> None:
    lightness = np.tile(np.linspace(20, 90, 50, dtype=np.float32), (2, 1))
    lab = np.stack([lightness, 0.1 * lightness - 2, 20 - 0.2 * lightness], axis=-1)
    np.testing.assert_allclose(tint(lab_to_srgb(lab)), (0.1, -0.2, -2, 20), atol=0.01)
