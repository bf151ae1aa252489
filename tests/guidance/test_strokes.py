"""Painted layers become hints."""

import numpy as np
import pytest

from photochrom.errors import HintError
from photochrom.guidance.hints import MAX_HINTS
from photochrom.guidance.strokes import from_json, layer_hints, stroke_hints


def layer(height=256, width=320, dtype=np.uint8):
    return np.zeros((height, width, 3), dtype), np.zeros((height, width), dtype)


def test_a_stroke_becomes_hints_of_its_colour_where_it_is() -> None:
    rgb, alpha = layer()
    rgb[100:103, 40:200], alpha[100:103, 40:200] = (200, 30, 20), 255
    hints = layer_hints(rgb, alpha)
    assert 30 <= len(hints) <= 45
    assert {color for _, _, color in hints} == {"#c81e14"}
    assert min(x for x, _, _ in hints) < 44
    assert max(x for x, _, _ in hints) > 195
    assert {y for _, y, _ in hints} == {101.0}


def test_two_colours_stay_apart_and_thin_paint_is_left_out() -> None:
    rgb, alpha = layer()
    rgb[20, 20], alpha[20, 20] = (0, 0, 255), 255
    rgb[200, 300], alpha[200, 300] = (255, 255, 0), 130
    rgb[80, 80], alpha[80, 80] = (9, 9, 9), 100
    assert layer_hints(rgb, alpha) == [(20.0, 20.0, "#0000ff"), (300.0, 200.0, "#ffff00")]


def test_a_stroke_may_lead_out_of_the_picture_and_another_lie_beside_it() -> None:
    beside = ("#2040c0", 40.0, ((300.0, 180.0), (310.0, 400.0)))
    assert stroke_hints([beside], (90, 120)) == []
    out = ("#a03020", 20.0, ((80.0, 60.0), (400.0, 60.0), (-50.0, -300.0)))
    assert stroke_hints([beside, out], (90, 120)) == stroke_hints([out], (90, 120))
    assert {color for *_, color, _ in stroke_hints([out], (90, 120))} == {"#a03020"}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_layer_that_is_full_gives_no_more_than_can_be(dtype) -> None:
    rgb, alpha = layer(dtype=dtype)
    full = np.iinfo(dtype).max
    rgb[..., 1], alpha[:] = full, full
    hints = layer_hints(rgb, alpha)
    assert MAX_HINTS / 5 < len(hints) <= MAX_HINTS
    assert {color for _, _, color in hints} == {"#00ff00"}


def test_an_empty_layer_is_refused() -> None:
    with pytest.raises(HintError, match="nothing is painted on the layer of hints"):
        layer_hints(*layer())


def test_strokes_become_hints_that_reach_no_further_than_they_are_painted() -> None:
    found = stroke_hints([("#c81e14", 40, ((100, 300), (500, 300)))], (800, 600))
    assert {(color, far) for _, _, color, far in found} == {("#c81e14", "spot")}
    xs, ys = zip(*((x, y) for x, y, _, _ in found), strict=True)
    assert (min(xs), max(xs)) == pytest.approx((85, 515), abs=12)
    assert (min(ys), max(ys)) == pytest.approx((285, 315), abs=12)


def test_a_later_stroke_lies_over_an_earlier_one_and_the_eraser_takes_away() -> None:
    line = ((0, 50), (199, 50))
    strokes = [("#ff0000", 20, line), ("#0000ff", 20, ((100, 50),)), (None, 30, ((199, 50),))]
    found = stroke_hints(strokes, (200, 100))
    middle = {color for x, y, color, _ in found if 96 < x < 104 and 46 < y < 54}
    assert middle == {"#0000ff"}
    assert {color for x, _, color, _ in found if x < 80} == {"#ff0000"}
    assert max(x for x, _, _, _ in found) < 188
    assert stroke_hints([*strokes, (None, 900, ((100, 50),))], (200, 100)) == []


def test_strokes_beside_a_picture_paint_nothing_and_their_hints_lie_in_it() -> None:
    assert stroke_hints([("#ff0000", 4, ((-90, -90), (-80, -80)))], (64, 48)) == []
    found = stroke_hints([("#ff0000", 60, ((-10, -10), (900, 700)))], (64, 48), 50)
    assert 1 < len(found) <= 50
    assert all(0 <= x < 64 and 0 <= y < 48 for x, y, _, _ in found)


def test_a_stroke_is_read_from_json_and_too_many_are_refused() -> None:
    assert from_json(["navy", 3, [[1, 2]]]) == ("#000080", 3.0, ((1.0, 2.0),))
    assert from_json([None, 3, [[1, 2]]])[0] is None
    for wrong in (["navy", 0, [[1, 2]]], ["navy", 3, []], ["navy", 3]):
        with pytest.raises(ValueError, match=r"."):
            from_json(wrong)
    with pytest.raises(HintError, match="strokes of 20001 points are too many"):
        stroke_hints([("#ff0000", 4, ((0.0, 0.0),) * 20_001)], (64, 48))
