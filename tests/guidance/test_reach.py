"""How far a hint reaches."""

import numpy as np
import pytest

from helpers.predictions import BLUE, RED, view
from photochrom.errors import HintError
from photochrom.guidance.hints import check_reach, in_words, parse, reach_of, read, unbounded
from photochrom.guidance.reach import Terrain

SEEN = view({RED: 1.0}, {BLUE: 1.0})  # two things, side by side, 16 x 32 at a quarter
FLAT = np.full((64, 128), 50, np.float32)


def reach(prediction, lightness, point, far):
    terrain = Terrain.of(prediction.features, lightness, prediction.ab.shape[1:])
    return terrain.reach(point, far)


def test_a_thing_is_coloured_and_what_is_beside_it_is_not() -> None:
    found = reach(SEEN, FLAT, (0.2, 0.5), "thing")
    assert found.shape == (16, 32)
    assert found[:, :14].mean() > 0.9
    assert found[:, 18:].max() < 0.05
    other = reach(SEEN, FLAT, (0.8, 0.5), "thing")
    assert other[:, 18:].mean() > 0.9
    assert other[:, :14].max() < 0.05


def test_what_lies_behind_something_else_is_less_of_a_thing() -> None:
    lightness = FLAT.copy()
    lightness[:, 24:40] = 2  # a dark bar, 4 columns wide
    terrain = Terrain.of(SEEN.features, lightness, (16, 32))
    (chance,), _ = terrain.things([(0.1, 0.5)])
    assert chance[:, :5].mean() > 0.9
    assert chance[:, 10:].max() < 0.45  # alike and as light, but apart


def test_a_spot_is_small_and_everything_is_all() -> None:
    spot = reach(SEEN, FLAT, (0.2, 0.5), "spot")
    assert spot[8, 6] == 1
    assert spot[8, 10] < 0.01
    assert (reach(SEEN, FLAT, (0.2, 0.5), "everything") == 1).all()


def test_the_point_itself_is_always_reached() -> None:
    noise = np.random.default_rng(2).uniform(0, 100, FLAT.shape).astype(np.float32)
    for x, y in ((0.0, 0.0), (0.999, 0.999), (0.5, 0.3)):
        for far in ("spot", "thing"):
            found = reach(SEEN, noise, (x, y), far)
            assert found[int(16 * y), int(32 * x)] == pytest.approx(1, abs=1e-3)
            assert 0 <= found.min()
            assert found.max() <= 1


def test_hints_say_how_far_they_reach(tmp_path) -> None:
    assert parse("120,80,navy,thing") == (120.0, 80.0, "#000080", "thing")
    assert parse("120,80,rgb(1,2,3),spot") == (120.0, 80.0, "#010203", "spot")
    assert parse("120,80,rgb(1,2,3)") == (120.0, 80.0, "#010203")
    path = tmp_path / "hints.json"
    path.write_text('[[1, 2, "#ffffff"], [3, 4, "red", "everything"], [5, 6, "red", "spot"]]')
    hints = read(path)
    assert [reach_of(hint) for hint in hints] == ["thing", "everything", "spot"]
    assert unbounded(hints) == [(3.0, 4.0, "#ff0000")]
    assert in_words(hints) == "1,2,#ffffff 3,4,#ff0000,everything 5,6,#ff0000,spot"
    with pytest.raises(HintError, match="a hint reaches spot, thing or everything, not 'room'"):
        check_reach("room")
    path.write_text('[[5, 6, "red", "room"]]')
    with pytest.raises(HintError, match="not 'room'"):
        read(path)
