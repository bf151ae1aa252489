import tracemalloc

import numpy as np

from helpers.predictions import BLUE, CENTERS, GREY, RED, pointing, view
from photochrom.guidance.prediction import Prediction
from photochrom.guidance.uncertainty import expected_error, uncertain_points


def test_uncertainty_is_the_error_that_the_chances_tell() -> None:
    seen = view({GREY: 0.6, RED: 0.4}, {BLUE: 1.0})
    error = expected_error(seen)
    assert error.shape == (16, 32)
    np.testing.assert_allclose(error[:, :16], np.sqrt(0.4 * (60**2 + 40**2)), rtol=1e-5)
    np.testing.assert_allclose(error[:, 16:], 0, atol=0.05)
    away = Prediction(seen.ab + 3, seen.likelihood, seen.features, CENTERS)  # painted otherwise
    np.testing.assert_allclose(expected_error(away)[:, 16:], np.sqrt(18), rtol=1e-3)


def test_doubtful_places_are_one_of_each_thing_the_most_telling_first() -> None:
    for left, right, first in (
        ({GREY: 0.6, RED: 0.4}, {BLUE: 0.98, GREY: 0.02}, 0),
        ({RED: 0.99, GREY: 0.01}, {BLUE: 0.5, GREY: 0.5}, 1),
    ):
        places = uncertain_points(view(left, right), 5)
        assert [x >= 0.5 for x, _ in places] == [first, not first]
        assert all(0 < x < 1 and 0 < y < 1 for x, y in places)
    assert len(uncertain_points(view({GREY: 0.6, RED: 0.4}, {BLUE: 0.9, RED: 0.1}), 1)) == 1


def test_doubtful_places_of_a_large_view_take_little_memory() -> None:
    features = np.random.default_rng(0).normal(0, 1, (8, 200, 200)).astype(np.float32)
    likelihood = np.full((2, 400, 400), 0.5, np.float32)
    centers = np.array([GREY, RED], np.float32)
    large = Prediction(np.zeros((2, 400, 400), np.float32), likelihood, features, centers)
    tracemalloc.start()
    places = uncertain_points(large, 5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(places) == 5
    assert peak < 200e6


def test_a_single_cell_of_a_small_view_is_not_missed() -> None:
    angles = np.zeros((16, 64))  # twice as many cells, with those that point away
    likelihood = np.zeros((2, 64, 128), np.float32)
    likelihood[0] = 1
    likelihood[:, 14:16, 62:64] = 0.5
    centers = np.array([GREY, RED], np.float32)
    seen = pointing(angles.tolist(), likelihood=likelihood, centers=centers)
    features = seen.features.copy()
    features[:, 7, 31] = (0, 1)  # like nothing else
    ((x, y),) = uncertain_points(Prediction(seen.ab, likelihood, features, centers), 1)
    assert (x, y) == (31.5 / 64, 7.5 / 32)


def test_a_point_settles_what_looks_alike() -> None:
    for angle, count in ((50, 1), (57, 2)):
        likelihood = np.full((2, 4, 16), 0.5, np.float32)
        likelihood[0, 2:], likelihood[1, 2:] = 1, 0
        centers = np.array([GREY, RED], np.float32)
        angles = [[0.0] * 4 + [angle] * 4]
        seen = pointing(angles, likelihood=likelihood, centers=centers)
        found = [point for point in uncertain_points(seen, 5) if point[1] < 0.5]
        assert len(found) == count


def test_a_few_points_far_off_count_more_than_many_that_are_a_little() -> None:
    centers = np.array([(0, 0), (10, 0), (60, 0)], np.float32)
    likelihood = np.zeros((3, 4, 20), np.float32)  # 1 x 10 cells, and as many that point away
    likelihood[0] = 1
    likelihood[:, :2, :4] = np.array([0.75, 0, 0.25], np.float32)[:, None, None]  # 30 units
    likelihood[:, :2, 4:] = np.array([0, 1, 0], np.float32)[:, None, None]  # 10 units
    angles = [[0.0] * 2 + [90.0] * 8]
    seen = pointing(angles, likelihood=likelihood, centers=centers)
    (first, second, *_) = uncertain_points(seen, 5)
    assert first[0] < 0.2 < second[0]
