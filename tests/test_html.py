import base64
import io
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


def test_a_picture_shows_itself_in_a_notebook(echo, tmp_path) -> None:
    import numpy as np
    from PIL import Image

    from photochrom import Colorizer

    for mode, dtype in (("L", np.uint8), ("I;16", np.uint16)):
        top = np.iinfo(dtype).max
        ramp = np.tile(np.linspace(0.2 * top, 0.8 * top, 1200), (600, 1)).astype(dtype)
        path = tmp_path / f"{mode[0]}&b.png"
        Image.fromarray(ramp).save(path)
        shown = Colorizer(echo).colorize(path)._repr_html_()
        sources = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', shown)
        before, after = (Image.open(io.BytesIO(base64.b64decode(one))) for one in sources)
        assert before.size == after.size == (512, 256)
        red, _, blue = np.asarray(after.convert("RGB")).astype(int).mean(axis=(0, 1))
        assert red - blue > 10
        assert np.ptp(np.asarray(before.convert("RGB")), axis=2).max() <= 3
        assert "--width:512px" in shown
        assert "&amp;b.png" in shown
        assert "<script" not in shown


def test_pages_show_themselves_in_a_notebook(echo, tmp_path) -> None:
    from PIL import Image

    from photochrom import Colorizer

    pages = [Image.new("L", (64, 48), 40 * number) for number in range(6)]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    shown = Colorizer(echo).colorize(tmp_path / "pages.tif")._repr_html_()
    assert shown.count('class="over"') == 4
