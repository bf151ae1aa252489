import numpy as np
import pytest

from helpers.predictions import BLUE, CENTERS, GREY, RED, pointing, view
from photochrom.guidance import matching
from photochrom.guidance.matching import (
    Exemplar,
    directions_at,
    found_again,
    share_alike,
    share_of_scene,
    toward,
)
from photochrom.guidance.prediction import Prediction, unit_features


def lab(ab, lightness=50):
    """A picture of one lightness."""
    return np.concatenate([np.full_like(ab[:1], lightness), ab])


def match(seen, other, ab):
    """What a picture takes of another one, whose true colours are ab."""
    return matching.match(seen, Exemplar.of(other, lab(ab)))


def test_what_was_seen_before_is_found_again_and_nothing_else() -> None:
    seen = view({GREY: 1.0}, {BLUE: 1.0})
    points = [(0.1, 0.5), (0.9, 0.5)]
    seen_before = directions_at(seen, points)
    other = Prediction(
        seen.ab, seen.likelihood, seen.features[..., ::-1], CENTERS
    )  # its mirror image
    nearest = [(0.7, 0.5), (0.3, 0.5)]
    found = found_again(other, seen_before, nearest)
    assert [(number, x > 0.5) for number, x, _ in found] == [(0, True), (1, False)]
    strange = np.random.default_rng(1).normal(size=seen.features.shape).astype(np.float32)
    unknown = Prediction(seen.ab, seen.likelihood, strange, CENTERS)
    assert found_again(unknown, seen_before[:1], points[:1]) == []


def test_of_two_that_look_alike_the_nearer_is_the_same_and_in_doubt_none() -> None:
    row = [0.0] + 4 * [90.0] + [0.0] + 4 * [90.0]  # the thing at 0.05, and one like it at 0.55
    seen = pointing([row])
    seen_before = directions_at(seen, [(0.05, 0.5)])
    for at, expected in ((0.1, [0.05]), (0.5, [0.55]), (0.3, [])):
        assert [x for _, x, _ in found_again(seen, seen_before, [(at, 0.5)])] == pytest.approx(
            expected
        )


def test_a_match_takes_the_colour_of_what_looks_alike() -> None:
    seen = view({GREY: 1.0}, {GREY: 1.0})
    other = view({RED: 1.0}, {BLUE: 1.0})
    truth = other.ab.repeat(4, axis=1).repeat(4, axis=2)
    spots = match(seen, other, truth)
    assert len(spots) > 10
    for spot in spots:
        wanted = RED if spot.x < 0.5 else BLUE
        assert spot.ab == pytest.approx(np.array(wanted), abs=3)
    blank = Prediction(other.ab, other.likelihood, np.ones_like(other.features), CENTERS)
    assert match(seen, blank, truth) == []


def test_a_match_is_weakened_towards_what_is_there() -> None:
    seen, other = view({GREY: 1.0}, {GREY: 1.0}), view({RED: 1.0}, {BLUE: 1.0})
    points = match(seen, other, other.ab.repeat(4, axis=1).repeat(4, axis=2))
    for strength in (0, 0.25, 1):
        for one, moved in zip(points, toward(points, seen, strength), strict=True):
            wanted = np.array(GREY) + strength * (one.ab - np.array(GREY))
            assert moved.ab == pytest.approx(wanted, abs=0.1)
            assert (moved.x, moved.y) == (one.x, one.y)


def test_the_share_that_looks_alike() -> None:
    three, one = pointing([[0.0, 0.0, 0.0, 90.0]]), pointing([[0.0]])
    assert share_alike(three, Exemplar.of(one, lab(colors_of(1, RED)))) == 0.75
    assert share_alike(one, Exemplar.of(three, lab(colors_of(1, RED, RED, RED, RED)))) == 1


def test_what_is_of_the_same_scene_looks_alike_and_is_as_light() -> None:
    seen = pointing([[0.0, 50.0, 90.0, 90.0]])
    light = np.repeat(np.repeat([[40.0, 40, 40, 60], [40, 40, 40, 40]], 8, axis=0), 8, axis=1)
    one = Exemplar.of(pointing([[0.0, 100.0]]), lab(colors_of(1, RED, RED), 45))
    assert share_of_scene(seen, light, one) == (2 + 3) / 8  # above, and those that point away
    assert share_of_scene(seen, light + 20, one) == 0


def test_of_several_pictures_the_one_that_looks_alike_is_taken() -> None:
    lent = [
        Exemplar.of(pointing([[angle]]), lab(colors_of(1, color)))
        for angle, color in ((0.0, RED), (90.0, BLUE))
    ]
    both = Exemplar.merged(lent)
    for angle, color in ((0.0, RED), (90.0, BLUE)):
        (point, *_) = matching.match(pointing([[angle]]), both)
        assert point.ab == pytest.approx(np.array(color), abs=1)


def colors_of(cells, *colors) -> np.ndarray:
    """Give ab, (2, 8 h, 8 w): a colour each column of cells above, none below."""
    ab = np.zeros((2, 2 * cells, len(colors)), np.float32)
    ab[:, :cells] = np.array(colors, np.float32).T[:, None]
    return ab.repeat(8, axis=1).repeat(8, axis=2)


@pytest.mark.parametrize(("angle", "count"), [(50, 2), (57, 0)])
def test_a_match_looks_alike_enough(angle, count) -> None:
    found = match(pointing([[0.0]]), pointing([[float(angle)]]), colors_of(1, RED))
    assert len(found) == count - count // 2  # of two cells, which are neighbours


def test_a_match_weighs_colours_by_likeness() -> None:
    angle = np.rad2deg(np.arccos(0.9))
    other = pointing([[0.0, angle]])
    found = match(pointing([[0.0] * 4]), other, colors_of(1, RED, BLUE))
    share = np.exp(-0.1 / 0.05)
    wanted = (np.array(RED) + share * np.array(BLUE)) / (1 + share)
    above = [point.ab for point in found if point.y < 0.5]
    np.testing.assert_allclose(above, np.tile(wanted, (len(above), 1)), atol=0.05)


def test_a_reference_gives_sixty_points() -> None:
    seen = pointing(np.zeros((20, 40)).tolist())
    assert len(match(seen, pointing([[0.0]]), colors_of(1, RED))) == 60


@pytest.mark.parametrize(("angle", "is_found"), [(35, True), (39, False)])
def test_the_same_thing_looks_nearly_the_same(angle, is_found) -> None:
    seen_before = directions_at(pointing([[0.0]]), [(0.5, 0.2)])
    assert bool(found_again(pointing([[float(angle)]]), seen_before, [(0.5, 0.2)])) == is_found


def test_features_are_compared_about_their_mean() -> None:
    features = pointing([[0.0, 90.0]]).features
    np.testing.assert_allclose(unit_features(5 + 3 * features), features.reshape(2, -1), atol=1e-6)
