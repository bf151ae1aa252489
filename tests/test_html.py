import re

from photochrom import html
from photochrom.image import encode_rgb


def test_a_page_holds_all_it_shows_and_escapes_what_it_is_given() -> None:
    import numpy as np

    data = encode_rgb(np.zeros((4, 4, 3), np.uint8))
    whole = html.page(
        "<Title>",
        [
            html.paragraph("a < b"),
            html.table(["", "x"], [["<one>", 1]]),
            html.picture(data, "black", "a <caption>"),
            html.compare(data, data, "two", subtype="png"),
        ],
    )
    assert whole.startswith("<!doctype html>")
    assert "<one>" not in whole
    assert "&lt;one&gt;" in whole
    assert "<Title>" not in whole
    assert all(source.startswith("data:image/") for source in re.findall(r'src="([^"]+)"', whole))
    assert "http" not in whole
    assert "figcaption { overflow-wrap: anywhere; }" in whole  # long names of files are broken
    assert all("alt=" in image for image in re.findall(r"<img[^>]+>", whole))
