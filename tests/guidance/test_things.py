"""The things of a film's shots: what they are, and in which shots each was seen."""

import numpy as np
import pytest

from photochrom.color.names import NAMES, nearest_name
from photochrom.guidance.memory import Take
from photochrom.guidance.things import ThingList, things_of

ROWS, COLUMNS, CHANNELS = 24, 32, 16
SKY, COAT, WALL, DOG = np.random.default_rng(0).normal(size=(4, CHANNELS)).astype(np.float32)


def shot(*things) -> Take:
    """A shot of things, each (what is seen, first column, last column, lightness, ab)."""
    features = np.zeros((CHANNELS, ROWS, COLUMNS), np.float32)
    light, ab = (np.zeros((n, ROWS, COLUMNS), np.float32) for n in (1, 2))
    for seen, first, last, bright, color in things:
        features[:, :, first:last] = seen[:, None, None]
        light[:, :, first:last] = bright
        ab[:, :, first:last] = np.float32(color)[:, None, None]
    rng = np.random.default_rng(1)
    features += rng.normal(0, 0.05, features.shape).astype(np.float32)
    return Take.of(features, light[0].repeat(8, axis=0).repeat(8, axis=1), ab)


def test_a_thing_is_what_looks_alike_the_largest_first() -> None:
    sky, coat = things_of(shot((SKY, 0, 22, 80, (-5, -20)), (COAT, 22, 32, 30, (30, 20))))
    np.testing.assert_allclose(sky.ab, [-5, -20], atol=0.1)
    np.testing.assert_allclose(coat.ab, [30, 20], atol=0.1)
    assert (round(sky.lightness), round(coat.lightness)) == (80, 30)
    assert sky.point[0] < 22 / ROWS < coat.point[0]


def test_a_speck_is_no_thing_and_what_is_darker_is_another() -> None:
    seen = shot(*((one, 16 * n, 16 * n + 16, 80, (0, 0)) for n, one in enumerate((SKY, WALL))))
    assert len(things_of(seen)) == 2
    speck = shot((SKY, 0, 16, 80, (0, 0)), (WALL, 16, 31, 80, (0, 0)), (DOG, 31, 32, 30, (0, 0)))
    assert len(things_of(speck)) == 2
    seen = shot((WALL, 0, 20, 80, (0, 0)), (SKY, 20, 24, 60, (0, 0)), (WALL, 24, 32, 30, (0, 0)))
    assert [round(one.lightness) for one in things_of(seen)] == [80, 30, 60]


def test_a_thing_has_the_shots_of_its_scene_that_show_it() -> None:
    found = ThingList()
    found.add(shot((SKY, 0, 20, 80, (-5, -20)), (COAT, 20, 32, 30, (30, 20))))
    found.add(shot((WALL, 0, 16, 50, (5, 5)), (DOG, 16, 32, 40, (10, 20))))
    found.add(shot((SKY, 8, 32, 80, (0, 0)), (COAT, 0, 8, 30, (0, 0))))
    assert [one.shots for one in found.things] == [[0, 2], [0, 2], [1], [1]]
    np.testing.assert_allclose(found.things[1].thing.ab, [30, 20], atol=0.1)


@pytest.mark.parametrize(
    ("color", "name"),
    [("#403a39", "dimgray"), ("#000084", "navy"), ("#ff6040", "tomato")],
)
def test_a_color_has_the_nearest_name(color, name) -> None:
    assert nearest_name(color) == name
    assert nearest_name(NAMES[name]) == name
