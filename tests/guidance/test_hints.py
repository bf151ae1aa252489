import numpy as np
import pytest

from photochrom.errors import HintError
from photochrom.guidance.hints import MAX_HINTS, from_ab, parse, read, to_ab, to_planes


def test_colours_and_places() -> None:
    np.testing.assert_allclose(to_ab("#ff0000"), [80.09, 67.20], atol=0.02)
    planes = to_planes([(100, 50, "#ff0000")], (200, 100), (40, 20))
    assert planes.shape == (3, 20, 40)
    assert planes[2].sum() == 9
    assert planes[2, 10, 20] == 1
    np.testing.assert_allclose(planes[:2, 10, 20], to_ab("#ff0000"))
    assert planes[:2, planes[2] == 0].max() == 0
    assert to_planes([(0, 0, "#00ff00"), (199, 99, "#00ff00")], (200, 100), (40, 20))[2].sum() == 8


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        ([(200, 5, "#ffffff")], "200,5 is outside the picture of 200 x 100"),
        ([(-1, 5, "#ffffff")], "outside"),
        (
            [(5, 5, "crimsonish")],
            r"'crimsonish' is not a valid colour .did you mean crimson\?.; write #a03020",
        ),
        ([(5, 5, "#ffffff")] * (MAX_HINTS + 1), f"at most {MAX_HINTS}"),
    ],
)
def test_wrong_hints_are_explained(hints, message) -> None:
    with pytest.raises(HintError, match=message):
        to_planes(hints, (200, 100), (40, 20))


def test_hints_are_read(tmp_path) -> None:
    assert parse("3, 4.5, #a03020") == (3, 4.5, "#a03020")
    for text in ("3,4", "a,b,#000000"):
        with pytest.raises(HintError, match=r"x,y,#rrggbb such as"):
            parse(text)
    (tmp_path / "h.json").write_text('[[1, 2, "#aabbcc"]]')
    assert read(tmp_path / "h.json") == [(1, 2, "#aabbcc")]
    (tmp_path / "h.json").write_text("[[1, 2]]")
    with pytest.raises(HintError, match="is not a JSON list of hints"):
        read(tmp_path / "h.json")
    with pytest.raises(HintError, match="no file of hints"):
        read(tmp_path / "none.json")


def test_a_colour_is_written_at_a_lightness_that_shows_it() -> None:
    ab = to_ab("#a03020")
    assert from_ab(ab, 5) == from_ab(ab, 25) != from_ab(ab, 26)
    assert from_ab(ab, 95) == from_ab(ab, 85) != from_ab(ab, 84)
    np.testing.assert_allclose(to_ab(from_ab(ab, 40)), ab, atol=0.8)
