import numpy as np

from photochrom.guidance.propagation import propagate

SIDE = 32  # cells


def scene():
    """Two things side by side, of other lightness and features; a model's grey answer."""
    lightness = np.full((4 * SIDE, 4 * SIDE), 70, np.float32)
    lightness[:, : 2 * SIDE] = 40
    features = np.zeros((2, SIDE // 2, SIDE // 2), np.float32)
    features[0, :, : SIDE // 4] = 1
    features[1, :, SIDE // 4 :] = 1
    return np.zeros((2, SIDE, SIDE), np.float32), features, lightness


def hinted(*places):
    planes = np.zeros((3, 4 * SIDE, 4 * SIDE), np.float32)
    for row, column, a, b in places:
        planes[:, row : row + 3, column : column + 3] = np.array([a, b, 1])[:, None, None]
    return planes


def test_without_hints_nothing_changes() -> None:
    ab, features, lightness = scene()
    assert np.array_equal(propagate(ab, features, lightness, hinted()), ab)


def test_a_hint_holds_where_it_is_and_stays_on_its_thing() -> None:
    found = propagate(*scene(), hinted((64, 30, 50, -20)))
    np.testing.assert_allclose(found[:, 16, 8], (50, -20), atol=3)
    assert found[0, 16, 3:14].min() > 20  # the same thing
    assert np.abs(found[0, :, 18:]).max() < 6  # the other one


def test_hints_that_differ_each_hold() -> None:
    found = propagate(*scene(), hinted((20, 8, 60, 0), (100, 8, -60, 0), (64, 100, 0, 40)))
    assert found[0, 5, 2] > 55
    assert found[0, 25, 2] < -55
    assert found[1, 16, 25] > 36


def test_a_thousand_hints_are_solved_together() -> None:
    random = np.random.default_rng(0)
    places = [(*random.integers(0, 4 * SIDE - 3, 2), 20, 20) for _ in range(1000)]
    found = propagate(*scene(), hinted(*places))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.mean(axis=(1, 2)), (20, 20), atol=1.5)
