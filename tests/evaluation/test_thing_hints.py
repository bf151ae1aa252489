"""Recoloured things: what is a thing, what colour it gets, and who follows its hints."""

import numpy as np
import pytest
import skimage.data
from PIL import Image

from photochrom.color.gamut import lab_to_samples
from photochrom.color.spaces import lab_to_srgb, srgb_to_lab
from photochrom.evaluation.recoloring import AREA, DIFFERENCE, find_thing, points_inside, recolor
from photochrom.evaluation.scores import to_grey
from photochrom.evaluation.thing_hints import (
    Thing,
    coverage_and_leak,
    recolored_things,
    thing_scores,
)


def room():
    """A grey wall with a red square of a fifth of it and a blue one of a twentieth, as Lab."""
    lab = np.zeros((120, 120, 3), np.float32)
    lab[..., 0] = 60
    lab[20:74, 20:74, 1:] = 35, 20
    lab[90:117, 80:107, 1:] = 5, -35
    return lab


def lab_of(path):
    return srgb_to_lab(np.asarray(Image.open(path)) / np.float32(255))


def test_a_thing_is_one_of_the_squares() -> None:
    found = {}
    for seed in range(8):
        inside = find_thing(room(), np.random.default_rng(seed))
        found[inside.sum()] = inside
    areas = sorted(found)
    assert areas == pytest.approx([27**2, 54**2], rel=0.1)
    assert found[areas[1]][25:70, 25:70].all()
    assert not found[areas[1]][80:].any()


def test_an_even_picture_has_no_thing() -> None:
    assert find_thing(np.full((80, 80, 3), 50, np.float32), np.random.default_rng(0)) is None


def test_only_the_thing_gets_another_colour_and_it_is_one_that_there_is() -> None:
    lab = room()
    inside = np.zeros((120, 120), bool)
    inside[20:74, 20:74] = True
    for seed in range(10):
        new = recolor(lab, inside, np.random.default_rng(seed))
        assert np.array_equal(new[~inside], lab[~inside])
        assert np.array_equal(new[..., 0], lab[..., 0])
        assert np.hypot(*(new[inside][:, 1:] - (35, 20)).T).min() > DIFFERENCE - 1
        rgb = lab_to_srgb(new[inside])
        assert rgb.min() > -0.01
        assert rgb.max() < 1.01


def test_black_holds_no_other_colour() -> None:
    lab = np.zeros((40, 40, 3), np.float32)
    assert recolor(lab, np.ones((40, 40), bool), np.random.default_rng(0)) is None


def test_hints_lie_within_the_thing() -> None:
    inside = np.zeros((60, 60), bool)
    inside[10:30, 10:14] = inside[10:14, 10:30] = True
    points = points_inside(inside, 50, np.random.default_rng(0))
    assert all(inside[row, column] for row, column in points)
    thin = np.zeros((60, 60), bool)
    thin[7] = True
    assert {row for row, _ in points_inside(thin, 9, np.random.default_rng(0))} == {7}


@pytest.fixture
def pictures(tmp_path):
    paths = []
    for name in ("astronaut", "coffee", "chelsea"):
        paths.append(tmp_path / f"{name}.png")
        Image.fromarray(getattr(skimage.data, name)()[:300, :400]).resize((160, 120)).save(
            paths[-1]
        )
    return paths


def test_things_are_the_same_in_every_run_and_spread_over_the_pictures(pictures) -> None:
    one, two = (recolored_things(pictures, max_count=5) for _ in range(2))
    assert [len(thing.hints) for thing in one] == [1, 2, 3, 1, 2]
    for first, second in zip(one, two, strict=True):
        assert np.array_equal(first.wanted, second.wanted)
        assert first.hints == second.hints
        assert AREA[0] < first.inside.mean() < AREA[1]
    assert 3 < len(recolored_things(pictures, max_count=99)) <= 12
    assert not np.array_equal(one[0].wanted, one[3].wanted)


def test_coverage_and_leak_of_answers_that_are_known() -> None:
    lab = room()
    inside = np.zeros((120, 120), bool)
    inside[20:74, 20:74] = True

    def painted(color, rest=(0, 0)):
        planes = np.array(lab)
        planes[..., 1:] = rest
        planes[inside, 1:] = color
        planes[:20, :60, 1:] = 0, 12  # in none of the answers does this move
        return lab_to_samples(*np.ascontiguousarray(planes.transpose(2, 0, 1)), np.uint8)

    thing = Thing(painted((-30, 20)), inside, [])
    before = painted((0, 0))
    assert coverage_and_leak(before, thing.wanted, thing) == (1, 0)
    assert coverage_and_leak(before, before, thing) == (0, 0)
    assert coverage_and_leak(before, painted((-20, 20)), thing) == (1, 0)
    flooded = coverage_and_leak(before, painted((-30, 20), rest=(-30, 20)), thing)
    assert flooded == (1, pytest.approx(1 - 1200 / (120**2 - 54**2)))


class Obedient:
    """Colours grey; with hints, all left of the middle of the picture in the first one's colour."""

    class model:
        takes_hints = True

    def colorize(self, grey, hints=(), **options):
        colored = np.repeat(grey[..., None], 3, axis=2)
        if hints:
            color = np.array(list(bytes.fromhex(hints[0][2][1:])), np.uint8)
            colored[:, : grey.shape[1] // 2] = color
        return colored


def test_scores_are_kept_by_the_number_of_hints(pictures) -> None:
    things = recolored_things(pictures, max_count=6)
    told = []
    scores = thing_scores(Obedient(), things, shown=2, on_progress=lambda: told.append(1))
    assert len(told) == 6
    assert [(count, number) for count, number, _ in scores.rows()] == [
        (1, 2),
        (2, 2),
        (3, 2),
        (0, 6),
    ]
    left = np.arange(160) < 80
    leaks = [
        coverage_and_leak(Obedient().colorize(to_grey(thing.wanted)), after, thing)[1]
        for thing, after in scores.shown
    ]
    assert all(0 < leak <= left.mean() / (1 - AREA[1]) for leak in leaks)
    assert len(scores.shown) == 2
