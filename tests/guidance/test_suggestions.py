import numpy as np
import pytest

from helpers.predictions import BLUE, CENTERS, GREY, RED, pointing, view
from photochrom.guidance.prediction import ColorPoint, Prediction, farthest_cells
from photochrom.guidance.suggestions import likely, variant


def test_likely_colours_come_in_order_and_differ() -> None:
    seen = view({GREY: 0.6, RED: 0.3, BLUE: 0.1}, {BLUE: 0.9, (20, -60): 0.1})
    np.testing.assert_allclose(likely(seen, 0.2, 0.5, 6), [GREY, RED, BLUE], atol=1e-4)
    np.testing.assert_allclose(likely(seen, 0.2, 0.5, 1), [GREY], atol=1e-4)
    assert len(likely(seen, 0.99, 0.99, 6)) == 1  # the two blues count as one


def test_an_variant_recolours_one_thing_that_is_undecided() -> None:
    seen = view({GREY: 0.55, RED: 0.45}, {BLUE: 0.95, GREY: 0.05})
    spots = variant(seen, [seen.ab])
    assert 2 <= len(spots) <= 6
    assert all(spot.x < 0.5 and 0 < spot.y < 1 for spot in spots)
    for spot in spots:
        np.testing.assert_allclose(spot.ab, RED, atol=1e-4)


def test_every_variant_differs_from_those_before() -> None:
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


def test_an_variant_that_the_model_did_not_take_up_is_not_chosen_again() -> None:
    seen = view({GREY: 0.5, RED: 0.4, BLUE: 0.1}, {BLUE: 0.9, RED: 0.1})
    first = variant(seen, [seen.ab])
    second = variant(seen, [seen.ab], first)
    assert (first[0].x < 0.5, *first[0].ab) != (second[0].x < 0.5, *second[0].ab)


@pytest.mark.parametrize(("gap", "count"), [(13, 1), (17, 2)])
def test_colours_within_15_units_count_as_one(gap, count) -> None:
    centers = np.array([(0, 0), (gap, 0)], np.float32)
    likelihood = np.array([0.6, 0.4], np.float32)[:, None, None] * np.ones((2, 4, 4), np.float32)
    seen = pointing([[0.0, 0.0]], likelihood=likelihood, centers=centers)
    found = likely(seen, 0.5, 0.5, 4)
    assert len(found) == count
    np.testing.assert_allclose(found[0], (0.4 * gap if count == 1 else 0, 0), atol=1e-4)


def test_a_cluster_of_colours_outweighs_a_single_one() -> None:
    centers = np.array([(-40, 0), (30, 0), (34, 0), (38, 0)], np.float32)
    chances = np.array([0.34, 0.22, 0.22, 0.22], np.float32)
    likelihood = chances[:, None, None] * np.ones((4, 4, 4), np.float32)
    seen = pointing([[0.0, 0.0]], likelihood=likelihood, centers=centers)
    np.testing.assert_allclose(likely(seen, 0.5, 0.5, 2), [(34, 0), (-40, 0)], atol=1e-4)


def test_a_colour_between_two_others_is_no_likelier_than_they_are() -> None:
    centers = np.array([(0, 0), (30, 0), (60, 0)], np.float32)
    likelihood = np.array([0.4, 0.25, 0.35], np.float32)[:, None, None] * np.ones((3, 4, 4))
    seen = pointing([[0.0, 0.0]], likelihood=likelihood, centers=centers)
    found = likely(seen, 0.5, 0.5, 3)
    np.testing.assert_allclose(found, [(0, 0), (60, 0), (30, 0)], atol=1e-4)


@pytest.mark.parametrize(("gap", "is_another"), [(23, False), (27, True)])
def test_a_variant_differs_by_25_units_from_what_is_known(gap, is_another) -> None:
    centers = np.array([(0, 0), (gap, 0)], np.float32)
    likelihood = np.array([0.6, 0.4], np.float32)[:, None, None] * np.ones((2, 4, 8), np.float32)
    seen = pointing([[0.0] * 4], likelihood=likelihood, centers=centers)
    assert (variant(seen, [seen.ab])[0].ab[0] == pytest.approx(gap)) == is_another


@pytest.mark.parametrize(("angle", "is_kept"), [(50, False), (57, True)])
def test_a_variant_differs_from_earlier_ones_of_things_that_look_alike(angle, is_kept) -> None:
    centers = np.array([(0, 0), (60, 0)], np.float32)
    likelihood = np.array([0.6, 0.4], np.float32)[:, None, None] * np.ones((2, 4, 16), np.float32)
    likelihood[1, 2:] = likelihood[1, :, :8] = 0  # only one thing is undecided, on the right
    seen = pointing([[0.0] * 4 + [angle] * 4], likelihood=likelihood, centers=centers)
    earlier = [ColorPoint(0.1, 0.2, np.array((60, 0), np.float32))]
    assert (variant(seen, [seen.ab], earlier)[0].ab[0] == pytest.approx(60)) == is_kept


def test_a_variant_is_put_on_six_points_that_may_well_have_its_colour() -> None:
    seen = view({GREY: 0.55, RED: 0.45}, {BLUE: 0.95, GREY: 0.05})
    assert len(variant(seen, [seen.ab])) == 6
    chances = seen.likelihood.copy()
    row = (CENTERS == RED).all(axis=1)
    chances[row, 8:, :16] = 0.45 * 0.28  # less than a third of what it is above
    seen = Prediction(seen.ab, chances, seen.features, CENTERS)
    assert all(point.y < 0.5 for point in variant(seen, [seen.ab]))
    chances[row, 8:, :16] = 0.45 * 0.4
    seen = Prediction(seen.ab, chances, seen.features, CENTERS)
    assert any(point.y > 0.5 for point in variant(seen, [seen.ab]))


def test_points_are_two_cells_apart_and_the_farthest_first() -> None:
    row = np.arange(9)
    assert farthest_cells(row, (1, 9), 9, first=0) == [0, 8, 4, 2, 6]
    assert farthest_cells(row, (1, 9), 2, first=0) == [0, 8]
    assert farthest_cells(row[:2], (1, 9), 9, first=0) == [0]


def test_a_variant_changes_what_would_look_most_different() -> None:
    seen = view({GREY: 0.55, RED: 0.45}, {GREY: 0.5, (30, 0): 0.5})
    assert all(point.x < 0.5 for point in variant(seen, [seen.ab]))
