"""Painted layers become hints."""

import numpy as np
import pytest

from photochrom.errors import HintError
from photochrom.guidance.hints import MAX_HINTS
from photochrom.guidance.strokes import layer_hints


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
