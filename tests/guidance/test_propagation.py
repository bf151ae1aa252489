import numpy as np
import pytest

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


def alone(row, column, lightness=50.0, angle=0.0):
    """What share of a hint on one cell is taken over by each, (SIDE, SIDE).

    The features of the right half are turned against those of the left by `angle` degrees, and
    those below point away from those above: so the mean of all is none.
    """
    turn = np.zeros((SIDE // 2, SIDE // 2))
    turn[:, SIDE // 4 :] = np.deg2rad(angle)
    turn[SIDE // 4 :] += np.pi
    features = np.stack([np.cos(turn), np.sin(turn)]).astype(np.float32)
    bright = np.kron(np.full((SIDE, SIDE), lightness, np.float32), np.ones((4, 4), np.float32))
    hints = np.zeros((3, 4 * SIDE, 4 * SIDE), np.float32)
    hints[:, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = [[[100]], [[0]], [[1]]]
    return propagate(np.zeros((2, SIDE, SIDE), np.float32), features, bright, hints)[0] / 100


@pytest.mark.parametrize(
    ("cells", "share"),
    [(0, 1 / 1.02), (2, 0.714), (11, 0.299), (25, 0.040)],
)
def test_a_hint_fades_with_distance(cells, share) -> None:
    assert alone(8, 3)[8, 3 + cells] == pytest.approx(share, abs=0.01)


def test_a_hint_fades_with_lightness() -> None:
    step = np.full((SIDE, SIDE), 50.0)
    step[:, 16:] = 75
    near, far = 0.823 * np.exp(-((25 / 30) ** 2) / 2), 0.996 * np.exp(-((25 / 25) ** 2) / 2)
    assert alone(8, 15, step)[8, 16] == pytest.approx((near + far) / 2 / 1.02, abs=0.01)


def test_a_hint_fades_with_likeness() -> None:
    gap = 2 * np.sin(np.deg2rad(30) / 2)  # of unit features
    near, far = 0.823, 0.996 * np.exp(-((gap / 0.5) ** 2) / 2)
    assert alone(8, 15, angle=30)[8, 16] == pytest.approx((near + far) / 2 / 1.02, abs=0.01)


def test_cells_that_are_hardly_hinted_are_left_out() -> None:
    ab, features, lightness = scene()
    planes = hinted((64, 30, 50, 0))
    most = propagate(ab, features, lightness, planes)
    planes[:, 100:101, 100] = np.array([0, 60, 1])[:, None]  # one pixel of sixteen, against nine
    np.testing.assert_array_equal(propagate(ab, features, lightness, planes), most)
    planes[:, 100:103, 100] = np.array([0, 60, 1])[:, None]
    assert propagate(ab, features, lightness, planes)[1, 25, 25] > 40
