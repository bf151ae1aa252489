"""The memory of things: what was seen in shots, and the colours that it was given."""

from dataclasses import replace

import numpy as np
import pytest

from photochrom.guidance import memory
from photochrom.guidance.memory import Take, ThingMemory, similarity

ROWS, COLUMNS, CHANNELS = 24, 32, 16


def scene(seed, shift=0, light=0.0):
    """What a model sees in a scene from another side, its lightness, and where all of it is."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(CHANNELS, ROWS, 2 * COLUMNS)).astype(np.float32)
    bright = rng.uniform(20, 80, (ROWS, 2 * COLUMNS)).astype(np.float32)
    seen = np.s_[..., shift : shift + COLUMNS]
    lightness = bright[seen].repeat(8, axis=0).repeat(8, axis=1) + np.float32(light)
    return features[seen], lightness


def plain(a, b):
    """One colour everywhere, (2, 2 h, 2 w)."""
    return np.broadcast_to(np.float32([a, b])[:, None, None], (2, 2 * ROWS, 2 * COLUMNS))


def take(seed, ab, **given):
    return Take.of(*scene(seed, **given), ab)


def after(*takes) -> ThingMemory:
    """What is remembered after shots of one frame each."""
    memory = ThingMemory()
    for one in takes:
        memory = memory.next_shot(one).learned(one)
    return memory


def recalled(memory, seen, own):
    return memory.next_shot(seen).recalled(seen, own)[0].mean(axis=(1, 2))


def test_a_scene_that_comes_back_has_the_colours_that_it_had() -> None:
    memory = after(take(0, plain(30, 20)), take(1, plain(-20, 10)), take(2, plain(5, 40)))
    own = plain(0, 0)
    for seed, wanted in ((0, (30, 20)), (1, (-20, 10)), (2, (5, 40))):
        seen = take(seed, own, shift=6, light=4)
        assert recalled(memory, seen, own) == pytest.approx(np.array(wanted), abs=9)


def test_what_was_not_seen_stays_as_it_is() -> None:
    memory, own = after(take(0, plain(30, 20))), plain(1, 2)
    assert recalled(memory, take(7, own), own) == pytest.approx([1, 2])
    assert recalled(memory, take(0, own, light=30), own) == pytest.approx([1, 2])  # far lighter
    assert recalled(ThingMemory(), take(0, own), own) == pytest.approx([1, 2])


def test_each_thing_has_its_own_colour() -> None:
    ab = np.zeros((2, 2 * ROWS, 2 * COLUMNS), np.float32)
    ab[0, :, :COLUMNS] = 40
    ab[1, :, COLUMNS:] = -40
    own = np.zeros_like(ab)
    seen = take(0, own)
    found, _ = after(take(0, ab)).next_shot(seen).recalled(seen, own)
    assert np.abs(found - ab).mean() < 2


def test_colours_are_the_mean_over_a_shot() -> None:
    first, second = take(0, plain(30, 0)), take(0, plain(10, 0))
    memory = ThingMemory().next_shot(first).learned(first).learned(second)
    assert recalled(memory, take(0, plain(0, 0)), plain(0, 0))[0] == pytest.approx(20, abs=1)


def test_of_two_shots_the_one_is_preferred_whose_colours_were_chosen() -> None:
    grey = take(0, plain(0, 0))
    chosen = replace(take(0, plain(30, 0), shift=4), chosen=np.ones_like(grey.chosen))
    own = plain(5, 5)
    seen = take(0, own)
    memory = after(chosen, take(9, own), grey)
    assert recalled(memory, seen, own)[0] > 20
    assert (
        recalled(after(replace(chosen, chosen=grey.chosen), take(9, own), grey), seen, own)[0] < 5
    )
    found = memory.next_shot(seen).recalled(seen, own)[1]
    assert found.mean() > 0.7  # it goes on to be a chosen one


def test_it_is_kept_as_arrays() -> None:
    memory = after(take(0, plain(1, 2)), take(1, plain(3, 4)), take(0, plain(1, 2), shift=3))
    again = ThingMemory.of(memory.arrays())
    assert (again.alike, again.seen, len(again.takes)) == (memory.alike, 1, 2)
    for one, other in zip((*memory.takes, memory.now), (*again.takes, again.now), strict=True):
        assert all(np.array_equal(vars(one)[name], vars(other)[name]) for name in vars(one))
    assert ThingMemory.of({}) == ThingMemory()


def test_few_shots_are_remembered_and_those_longest_that_come_back() -> None:
    first = take(0, plain(30, 20))
    memory = after(*(one for seed in range(1, 30) for one in (first, take(seed, plain(0, 0)))))
    assert len(memory.takes) <= 25
    assert recalled(memory, take(0, plain(0, 0)), plain(0, 0))[0] > 20


def test_a_large_picture_is_remembered_by_some_of_its_cells() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(4, 120, 200)).astype(np.float32)
    seen = Take.of(features, np.zeros((960, 1600), np.float32), np.zeros((2, 240, 400), np.float32))
    assert len(seen.lightness) <= 1300
    found, _ = after(seen).next_shot(seen).recalled(seen, np.ones((2, 240, 400), np.float32))
    assert found.shape == (2, 240, 400)


def test_how_a_picture_lies_in_another_is_found_among_wrong_pairs() -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform(0, 1, (200, 2)).astype(np.float32)
    others = np.float32(0.8) * points + np.float32([0.2, 0.1])
    others[:100] = rng.uniform(0, 1, (100, 2))
    scale, shift = similarity(points, others)
    assert scale == pytest.approx(0.8, abs=0.02)
    assert shift == pytest.approx([0.2, 0.1], abs=0.02)
    assert similarity(points, rng.uniform(0, 1, (200, 2))) is None
    assert similarity(points[:10], others[:10]) is None


def test_cells_that_are_compared_block_by_block_are_found_as_all_at_once(monkeypatch) -> None:
    own = plain(1, 2)
    seen, shown = take(0, own, shift=6, light=4), take(0, plain(30, 20))
    found = seen.matched(shown)
    monkeypatch.setattr(memory, "_AT_ONCE", 7)
    for few, all_at_once in zip(seen.matched(shown), found, strict=True):
        assert few == pytest.approx(all_at_once, abs=1e-3)
    scale, shift = np.float32(1.2), np.float32([0.1, -0.2])
    away = scale * seen.points[:, None] + shift - shown.points
    squares = (away**2).sum(axis=2) / memory._ASTRAY**2
    assert memory._squares(seen.points, shown.points, scale, shift) == pytest.approx(
        squares, rel=1e-3, abs=1e-3
    )
