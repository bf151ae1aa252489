"""Colours as people write them."""

import pytest

from photochrom.color.names import NAMES, to_hex


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("#A03020", "#a03020"),
        ("#f0A", "#ff00aa"),
        ("Navy", "#000080"),
        ("light steel blue", "#b0c4de"),
        ("grey", "#808080"),
        ("rgb(160,48,32)", "#a03020"),
        (" RGB( 0, 0 ,255 ) ", "#0000ff"),
        ("rgb(160 48 32)", "#a03020"),
        ("rgb(100%, 50%, 0%)", "#ff8000"),
    ],
)
def test_colours_are_understood(text, color) -> None:
    assert to_hex(text) == color


@pytest.mark.parametrize(
    "text",
    ["", "#", "#12", "#12345", "#1234567", "#ggg", "rgb(1,2)", "rgb(256,0,0)", "rgb(101%,0,0)"],
)
def test_what_is_no_colour_is_none(text) -> None:
    assert to_hex(text) is None


def test_all_names_of_css_are_there() -> None:
    assert len(NAMES) == 148
    assert NAMES["gray"] == NAMES["grey"]
    assert all(to_hex(value) == value for value in NAMES.values())
