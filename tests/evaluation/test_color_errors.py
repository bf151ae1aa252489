"""The errors that the eye sees first, on pictures of which each is known."""

import numpy as np
import pytest
import skimage.data

from photochrom.color.gamut import lab_to_samples
from photochrom.evaluation.color_errors import SIDE, Share, color_errors, is_skin, shrunk_lab
from photochrom.evaluation.scores import SHARES, Scores


def picture(*bands, lightness=60.0, side=SIDE):
    """Draw upright bands of equal width, each of one (a, b), as an sRGB picture."""
    ab = np.zeros((side, side, 2), np.float32)
    for number, color in enumerate(bands):
        ab[:, number * side // len(bands) : (number + 1) * side // len(bands)] = color
    planes = np.full((side, side), lightness, np.float32), ab[..., 0], ab[..., 1]
    return lab_to_samples(*planes, np.uint8)


def errors(predicted, truth):
    found = color_errors(predicted, truth)
    return [None if one.whole == 0 else one.amount / one.whole for one in found.values()]


GREY, RED, BLUE, SKIN = (0, 0), (40, 20), (5, -40), (16, 20)


def test_the_truth_has_no_errors_and_grey_has_those_of_leaving_all_grey() -> None:
    truth = picture(GREY, RED, SKIN)
    assert errors(truth, truth) == [0, 0, 0, 0, 0]
    assert errors(picture(GREY), truth) == [pytest.approx(1, abs=0.01), 0, 1, 1, 0]


@pytest.mark.parametrize(
    ("scale", "missed", "false"), [(0.5, 0.5, 0), (0.25, 0.75, 0), (1.5, 0, 0.5)]
)
def test_edges_that_are_too_weak_are_missed_and_too_strong_ones_false(scale, missed, false) -> None:
    truth, other = picture(RED, BLUE), picture(*np.multiply((RED, BLUE), scale))
    assert errors(other, truth)[:2] == [
        pytest.approx(missed, abs=0.02),
        pytest.approx(false, abs=0.02),
    ]


def test_an_edge_elsewhere_is_missed_and_false() -> None:
    truth, other = picture(RED, RED, BLUE), picture(RED, BLUE, BLUE)
    assert errors(other, truth)[:2] == [pytest.approx(1), pytest.approx(1)]


def test_a_part_left_grey_is_told_by_its_share() -> None:
    truth = picture(SKIN, SKIN, SKIN, SKIN, BLUE, BLUE, GREY, GREY)
    other = picture(SKIN, SKIN, SKIN, (2, 3), BLUE, GREY, GREY, BLUE)
    assert errors(other, truth)[2:] == [2 / 6, 1 / 4, 1 / 2]


def test_what_a_picture_has_not_is_a_share_of_nothing() -> None:
    only_blue = errors(picture(GREY), picture(BLUE))
    assert only_blue == [None, None, 1, None, None]


def test_skin_is_told_by_hue_chroma_and_lightness() -> None:
    lab = np.array([[60, 16, 20], [60, -16, 20], [60, 4, 5], [60, 40, 50], [20, 16, 20]], float)
    assert is_skin(lab[None]).tolist() == [[True, False, False, False, False]]


def test_pictures_are_compared_small() -> None:
    fine = np.indices((200, 300)).sum(axis=0) % 2  # a chessboard of pixels in two colours
    board = np.where(fine[..., None], picture(RED)[0, 0], picture(BLUE)[0, 0]).astype(np.uint8)
    lab = shrunk_lab(board)
    assert lab.shape == (64, 96, 3)
    assert lab[2:-2, 2:-2].std(axis=(0, 1)).max() < 2
    even = shrunk_lab(np.repeat(np.repeat(skimage.data.coffee()[:SIDE, :SIDE], 3, 0), 3, 1))
    np.testing.assert_allclose(even, shrunk_lab(skimage.data.coffee()[:SIDE, :SIDE]), atol=1e-3)
    assert shrunk_lab(board[:40, :50]).shape == (40, 50, 3)


def test_shares_of_a_set_are_of_all_pictures_together() -> None:
    scores = Scores("one")
    for part, whole in ((0.0, 0.1), (0.3, 0.3), (0.0, 0.0)):
        scores.add({name: Share(part, whole) for name in SHARES}, 0.0)
    assert scores.share("left grey") == pytest.approx(0.75)
    low, high = scores.share_interval("left grey")
    assert 0 <= low <= 0.75 <= high <= 1
    assert scores.each()["left grey"] == [0, 1, None]
    none = Scores("none")
    none.add(dict.fromkeys(SHARES, Share(0.0, 0.0)), 0.0)
    assert none.share("left grey") is None
    assert none.share_interval("left grey") is None
