import tracemalloc

import numpy as np
import pytest

from photochrom.guidance.matching import directions_at, found_again, match
from photochrom.guidance.prediction import Prediction
from photochrom.guidance.suggestions import likely, variant
from photochrom.guidance.uncertainty import expected_error, uncertain_points

CENTRES = np.array(
    [(a, b) for a in range(-60, 61, 10) for b in range(-60, 61, 10)], np.float32
)  # a grid of colours
GREY, RED, BLUE = (0, 0), (60, 40), (10, -60)


def index(colour) -> int:
    return int(np.flatnonzero((colour == CENTRES).all(axis=1))[0])


def view(left: dict, right: dict) -> Prediction:
    """Two things side by side, each with the chances of its colours; 64 x 128 pixels."""
    likelihood = np.zeros((len(CENTRES), 16, 32), np.float32)
    features = np.random.default_rng(0).normal(0, 0.05, (8, 8, 16)).astype(np.float32)
    ab = np.zeros((2, 16, 32), np.float32)
    for half, (chances, where) in enumerate([(left, np.s_[:16]), (right, np.s_[16:])]):
        for colour, chance in chances.items():
            likelihood[index(colour), :, where] = chance
        features[half, :, where.start and 8 : (where.stop or 32) // 2] += 1
        best = max(chances, key=chances.get)
        ab[:, :, 16 * half : 16 * (half + 1)] = np.array(best)[:, None, None]
    return Prediction(ab, likelihood, features, CENTRES)


def test_likely_colours_come_in_order_and_differ() -> None:
    seen = view({GREY: 0.6, RED: 0.3, BLUE: 0.1}, {BLUE: 0.9, (20, -60): 0.1})
    np.testing.assert_allclose(likely(seen, 0.2, 0.5, 6), [GREY, RED, BLUE], atol=1e-4)
    np.testing.assert_allclose(likely(seen, 0.2, 0.5, 1), [GREY], atol=1e-4)
    assert len(likely(seen, 0.99, 0.99, 6)) == 1  # the two blues count as one


def test_what_was_marked_is_found_again_and_nothing_else() -> None:
    seen = view({GREY: 1.0}, {BLUE: 1.0})
    marked = directions_at(seen, [(0.1, 0.5), (0.9, 0.5)])
    other = Prediction(
        seen.ab, seen.likelihood, seen.features[..., ::-1], CENTRES
    )  # its mirror image
    found = found_again(other, marked)
    assert {(number, x > 0.5) for number, x, _ in found} == {(0, True), (1, False)}
    assert len(found) == 4
    strange = np.random.default_rng(1).normal(size=seen.features.shape).astype(np.float32)
    assert found_again(Prediction(seen.ab, seen.likelihood, strange, CENTRES), marked[:1]) == []


def test_uncertainty_is_the_error_that_the_chances_tell() -> None:
    seen = view({GREY: 0.6, RED: 0.4}, {BLUE: 1.0})
    told = expected_error(seen)
    assert told.shape == (16, 32)
    np.testing.assert_allclose(told[:, :16], np.sqrt(0.4 * (60**2 + 40**2)), rtol=1e-5)
    np.testing.assert_allclose(told[:, 16:], 0, atol=0.05)
    away = Prediction(seen.ab + 3, seen.likelihood, seen.features, CENTRES)  # painted otherwise
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
    centres = np.array([GREY, RED], np.float32)
    large = Prediction(np.zeros((2, 400, 400), np.float32), likelihood, features, centres)
    tracemalloc.start()
    places = uncertain_points(large, 5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(places) == 5
    assert peak < 200e6


def test_an_alternative_recolours_one_thing_that_is_undecided() -> None:
    seen = view({GREY: 0.55, RED: 0.45}, {BLUE: 0.95, GREY: 0.05})
    spots = variant(seen, [seen.ab])
    assert 2 <= len(spots) <= 6
    assert all(spot.x < 0.5 and 0 < spot.y < 1 for spot in spots)
    for spot in spots:
        np.testing.assert_allclose(spot.ab, RED, atol=1e-4)


def test_every_alternative_differs_from_those_before() -> None:
    seen = view({GREY: 0.5, RED: 0.4, BLUE: 0.1}, {BLUE: 0.8, RED: 0.2})
    known, found = [seen.ab], []
    for _ in range(3):
        spots = variant(seen, known)
        side = spots[0].x >= 0.5
        found.append((side, *np.rint(spots[0].ab).astype(int)))
        ab = seen.ab.copy()
        ab[:, :, 16 * side : 16 * (side + 1)] = spots[0].ab[:, None, None]
        known.append(ab)
    assert len(set(found)) == 3


def test_an_alternative_that_the_model_did_not_take_up_is_not_chosen_again() -> None:
    seen = view({GREY: 0.5, RED: 0.4, BLUE: 0.1}, {BLUE: 0.9, RED: 0.1})
    first = variant(seen, [seen.ab])
    second = variant(seen, [seen.ab], first)
    assert (first[0].x < 0.5, *first[0].ab) != (second[0].x < 0.5, *second[0].ab)


def test_a_match_takes_the_colour_of_what_looks_alike() -> None:
    seen = view({GREY: 1.0}, {GREY: 1.0})
    other = view({RED: 1.0}, {BLUE: 1.0})
    truth = other.ab.repeat(4, axis=1).repeat(4, axis=2)
    spots = match(seen, other, truth)
    assert len(spots) > 10
    for spot in spots:
        wanted = RED if spot.x < 0.5 else BLUE
        assert spot.ab == pytest.approx(np.array(wanted), abs=3)
    blank = Prediction(other.ab, other.likelihood, np.ones_like(other.features), CENTRES)
    assert match(seen, blank, truth) == []
