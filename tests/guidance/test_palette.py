import numpy as np
import pytest

from helpers.predictions import BLUE, CENTERS, GREY, RED, index
from photochrom.errors import HintError
from photochrom.guidance.hints import from_ab, to_ab
from photochrom.guidance.palette import ColorPrior, Palette, parse, presets


def logits(*things: dict) -> np.ndarray:
    """Logits (K, 8, 8 a thing) of things side by side, each with the chances of its colours."""
    chance = np.full((len(CENTERS), 8, 8 * len(things)), 1e-6, np.float32)
    for number, thing in enumerate(things):
        for color, share in thing.items():
            chance[index(color), :, 8 * number : 8 * (number + 1)] = share
    return np.log(chance)


def colors(seen: np.ndarray, prior: ColorPrior) -> np.ndarray:
    """The mean colour of each thing, (things, 2)."""
    ab = prior.ab(seen, CENTERS)
    return ab.reshape(2, 8, -1, 8).mean(axis=(1, 3)).T


def test_a_palette_decides_what_is_open_and_leaves_what_is_sure() -> None:
    seen = logits({GREY: 0.5, RED: 0.3, BLUE: 0.2}, {BLUE: 0.99})
    open_thing, sure = colors(seen, ColorPrior(Palette((from_ab(RED), from_ab(BLUE)))))
    assert np.linalg.norm(open_thing - RED) < 25
    assert np.linalg.norm(sure - BLUE) < 5


def test_shares_that_are_given_are_reached() -> None:
    seen = logits(*[{RED: 0.5 - shift, BLUE: 0.5 + shift} for shift in (0.02, 0.01, 0, -0.01)])
    found = []
    for share in (0.25, 0.75):
        palette = Palette((from_ab(RED), from_ab(BLUE)), (share, 1 - share))
        found.append(colors(seen, ColorPrior(palette))[:, 0].mean())
    assert found[1] - found[0] > 15  # a of red is 60, of blue 10


def test_without_shares_as_much_of_each_colour_comes_as_fits() -> None:
    few = logits({RED: 0.6, BLUE: 0.4}, {BLUE: 0.9, RED: 0.1}, {BLUE: 0.9, RED: 0.1})
    first, *others = colors(few, ColorPrior(Palette((from_ab(RED), from_ab(BLUE)))))
    assert first[0] > 2 * max(other[0] - BLUE[0] for other in others)


def test_warmth_moves_what_is_open_and_leaves_what_is_sure() -> None:
    seen = logits({(0, -10): 0.5, (0, 30): 0.5}, {BLUE: 1.0})
    cool, plain, warm = (colors(seen, ColorPrior(warmth=warmth))[:, 1] for warmth in (-1, 0, 1))
    assert cool[0] < plain[0] - 5 < plain[0] < warm[0] - 5
    np.testing.assert_allclose([cool[1], warm[1]], plain[1], atol=1)


def test_a_picture_gives_its_colours_with_their_shares() -> None:
    ab = np.zeros((2, 40, 40), np.float32)
    ab[:, :10] = to_ab("#a03020")[:, None, None]
    ab[0, 20, 20] = 80  # too little to be taken
    palette = Palette.of_picture(ab)
    assert len(palette.colors) == 2
    assert palette.shares == pytest.approx((0.75, 0.25), abs=0.01)
    np.testing.assert_allclose(to_ab(palette.colors[1]), to_ab("#a03020"), atol=1)
    assert np.linalg.norm(to_ab(palette.colors[0])) < 2


def test_a_palette_is_read_as_people_write_it_and_written_so_that_it_can_be_read() -> None:
    palette = parse("#f00 20%, rgb(0, 0, 128) 30%,Tan 2.5 %")
    assert palette == Palette(("#ff0000", "#000080", "#d2b48c"), (0.2, 0.3, 0.025))
    assert parse(str(palette)) == palette
    assert parse(["navy", "tan"]) == parse("navy, tan") == Palette(("#000080", "#d2b48c"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1 to 32 colours, not 0"),
        (" , ,", "1 to 32 colours, not 0"),
        (",".join(["tan"] * 100), "1 to 32 colours, not 100"),
        ("navvy", "'navvy' is neither a colour nor a palette (did you mean navy?)"),
        ("kodachrom", "did you mean kodachrome?"),
        ("navy 30%, tan", "give every colour of the palette a share"),
        ("navy 80%, tan 40%", "make 120%; give at most 100%"),
    ],
)
def test_what_is_not_a_palette_is_refused_in_words(text, words) -> None:
    with pytest.raises(HintError) as caught:
        parse(text)
    assert words in str(caught.value)


def test_every_preset_has_colours_and_says_where_they_are_described() -> None:
    for name, preset in presets().items():
        assert parse(name) == preset.palette
        assert 3 <= len(preset.palette.colors) <= 32
        assert preset.description
        assert preset.source
        for color in preset.palette.colors:
            assert color == color.lower()
            to_ab(color)
