import numpy as np
import pytest

from helpers.edges import distances, draw, near_edges
from photochrom.color.upsampling import (
    BilinearRows,
    block_mean,
    guided_coefficients,
    resize_bilinear,
    unsharp_mask,
)

RANDOM = np.random.default_rng(0)


def test_bands_of_rows_equal_the_whole() -> None:
    planes = RANDOM.random((4, 7, 9)).astype(np.float32)
    whole = resize_bilinear(planes, 50, 61)
    rows = BilinearRows(planes, 50, 61)
    np.testing.assert_array_equal(np.concatenate([rows[0:13], rows[13:50]], axis=1), whole)
    chunks = [part.copy() for part in rows.chunks(slice(3, 50), 9)]
    assert [part.shape[1] for part in chunks] == [9, 9, 9, 9, 9, 2]
    np.testing.assert_allclose(np.concatenate(chunks, axis=1), whole[:, 3:], atol=1e-6)
    assert whole.min() >= planes.min()
    np.testing.assert_allclose(resize_bilinear(planes, 7, 9), planes)


def test_guided_colour_stops_at_the_edge() -> None:
    lightness = np.full((64, 64), 30, np.float32)
    lightness[:, 30:] = 70
    sharp = np.stack([lightness - 50, 50 - lightness])
    given = block_mean(sharp, 4)
    coefficients = guided_coefficients(lightness, given)
    slope_a, slope_b, a, b = resize_bilinear(coefficients, 64, 64)
    guided = np.stack([slope_a * lightness + a, slope_b * lightness + b])
    error, plain = np.abs(guided - sharp), np.abs(resize_bilinear(given, 64, 64) - sharp)
    assert error[:, :, 26:34].mean() < 0.4 * plain[:, :, 26:34].mean()
    slope_a, slope_b, a, b = coefficients
    guide = block_mean(lightness[None], 4)[0]
    np.testing.assert_allclose(slope_a * guide + a, given[0], atol=1e-4)


@pytest.mark.parametrize("what", ["shapes", "lines", "gradients"])
def test_guided_colour_bleeds_least(what) -> None:
    lab = draw(what, 0)[:, :512, :512]
    found = distances(lab, 4)
    near = {way: error[near_edges(lab)].mean() for way, error in found.items()}
    assert near["guided"] < 0.8 * min(near["nearest"], near["bilinear"]), near


def test_contrast_of_seven_units_is_followed_by_half() -> None:
    board = (np.indices((8, 8)).sum(axis=0) % 2 * 2 - 1).astype(np.float32)
    contrast = np.float32(50**0.5)
    coefficients = guided_coefficients(50 + contrast * board, np.stack([9 * board, -9 * board]))
    slopes = coefficients[:2, 2:-2, 2:-2] * contrast / 9
    np.testing.assert_allclose(slopes[0], 0.5, atol=0.01)
    np.testing.assert_allclose(slopes[1], -0.5, atol=0.01)


def test_windows_are_three_cells_wide() -> None:
    lightness = np.full((12, 12), 30, np.float32)
    lightness[:, 6:] = 70
    slopes = guided_coefficients(lightness, np.stack([lightness, -lightness]))[0, 6]
    assert (slopes[5:7] > 0.5).all()
    assert slopes[:5] == pytest.approx(0)
    assert slopes[7:] == pytest.approx(0)


def test_colours_stand_out_from_those_around_and_one_colour_stays() -> None:
    flat = np.full((2, 9, 12), 7, np.float32)
    np.testing.assert_allclose(unsharp_mask(flat, 0.3), flat, atol=1e-5)
    step = np.zeros((2, 20, 20), np.float32)
    step[:, :, 10:] = 14  # windows of 7: at the edge four of them have the one, three the other
    sharp = unsharp_mask(step, 0.5)
    expected = [0, -1, -2, -3, 17, 16, 15, 14]
    np.testing.assert_allclose(sharp[0, 10, 6:14], expected, atol=1e-4)
    np.testing.assert_array_equal(unsharp_mask(step, 0), step)
