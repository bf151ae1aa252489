import numpy as np
import pytest

from photochrom.errors import HintError
from photochrom.guidance.hints import EVERYTHING, to_ab
from photochrom.guidance.propagation import LocatedHint, located, propagate
from photochrom.guidance.reach import Terrain

SIDE = 32  # cells
RED, BLUE = np.float32([50, 20]), np.float32([10, -50])


def terrain() -> Terrain:
    """Two things side by side, of other lightness and features."""
    lightness = np.full((4 * SIDE, 4 * SIDE), 70, np.float32)
    lightness[:, : 2 * SIDE] = 40
    features = np.zeros((2, SIDE // 2, SIDE // 2), np.float32)
    features[0, :, : SIDE // 4] = 1
    features[1, :, SIDE // 4 :] = 1
    return Terrain.of(features, lightness, (SIDE, SIDE))


def colored(*hints: tuple[float, float, np.ndarray, str]) -> np.ndarray:
    """A grey picture with hints: x and y in shares, a colour, and how far it reaches."""
    grey = np.zeros((2, SIDE, SIDE), np.float32)
    return propagate(grey, terrain(), [LocatedHint((x, y), ab, far) for x, y, ab, far in hints])


def test_without_hints_nothing_changes() -> None:
    ab = np.random.default_rng(0).normal(size=(2, SIDE, SIDE)).astype(np.float32)
    assert propagate(ab, terrain(), []) is ab


def test_a_hint_colours_its_thing_and_leaves_the_other() -> None:
    found = colored((0.25, 0.5, RED, "thing"))
    np.testing.assert_allclose(found[:, 16, 8], RED, atol=0.1)
    assert np.linalg.norm(found[:, 2:30, 2:14] - RED[:, None, None], axis=0).mean() < 5
    assert np.abs(found[:, :, 18:]).max() < 1


def test_hints_of_two_things_do_not_mix() -> None:
    found = colored((0.25, 0.5, RED, "thing"), (0.75, 0.5, BLUE, "thing"))
    np.testing.assert_allclose(found[:, 16, 8], RED, atol=1)
    np.testing.assert_allclose(found[:, 16, 24], BLUE, atol=1)
    assert found[0, 4:28, :13].min() > 40
    assert found[1, 4:28, 19:].max() < -40


def test_hints_that_differ_each_hold_on_one_thing() -> None:
    found = colored((0.1, 0.1, RED, "thing"), (0.1, 0.9, BLUE, "thing"))
    assert np.linalg.norm(found[:, 3, 3] - RED) < 10 < np.linalg.norm(found[:, 16, 3] - RED)
    assert np.linalg.norm(found[:, 28, 3] - BLUE) < 10 < np.linalg.norm(found[:, 16, 3] - BLUE)


def test_a_spot_stays_a_spot_over_a_thing() -> None:
    found = colored((0.25, 0.5, RED, "thing"), (0.1, 0.1, BLUE, "spot"))
    np.testing.assert_allclose(found[:, 3, 3], BLUE, atol=1)
    np.testing.assert_allclose(found[:, 16, 8], RED, atol=1)
    assert np.linalg.norm(found[:, 10, 8] - RED) < 5


def test_a_thousand_hints_are_solved_together() -> None:
    random = np.random.default_rng(0)
    found = colored(*((*random.random(2), RED, EVERYTHING) for _ in range(1000)))
    np.testing.assert_allclose(found.mean(axis=(1, 2)), RED, atol=1)


def test_hints_are_placed_in_the_picture_and_its_mirror_image() -> None:
    hints = [(30.0, 10.0, "#a03020"), (0.0, 0.0, "navy", "spot")]
    first, second = located(hints, (40, 20), mirrored=False)
    assert (first.point, first.far, second.far) == ((0.75, 0.5), "thing", "spot")
    np.testing.assert_array_equal(first.ab, to_ab("#a03020"))
    mirrored = [hint.point for hint in located(hints, (40, 20), mirrored=True)]
    assert mirrored == [pytest.approx((0.25, 0.5), abs=1e-5), pytest.approx((1, 0), abs=1e-5)]
    assert all(0 <= x < 1 for x, _ in mirrored)


@pytest.mark.parametrize(
    ("hints", "words"),
    [
        ([(40.0, 1.0, "navy")], "outside the picture of 40 x 20"),
        ([(1.0, 1.0, "navvy")], "did you mean navy"),
        ([(1.0, 1.0, "navy")] * 1001, "1001 hints are too many"),
    ],
)
def test_hints_that_cannot_be_are_refused(hints, words) -> None:
    with pytest.raises(HintError, match=words):
        located(hints, (40, 20), mirrored=False)
