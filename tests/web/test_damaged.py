"""JPEG files that are cut off: over REST, and on the page in a real browser."""

import io

import numpy as np
import pytest
import skimage.data
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect
from starlette.testclient import TestClient

from helpers.rest import detail, opened
from helpers.studio_page import download, shot
from helpers.studio_page import opened as open_on_page
from photochrom.web.app import create_app

pytestmark = pytest.mark.filterwarnings("ignore:.*cut off")


def cut(size=(240, 320), share=0.6) -> bytes:
    file = io.BytesIO()
    grey = skimage.data.astronaut()[: size[0], : size[1], 0]
    Image.fromarray(grey).save(file, "jpeg", quality=95)
    return file.getvalue()[: int(len(file.getvalue()) * share)]


@pytest.fixture(scope="module")
def client(echo_as_vivid):
    with TestClient(create_app(), base_url="http://localhost") as one:
        yield one


def spread(pixels):
    """How colourful each row is."""
    return np.ptp(pixels.astype(int), axis=2).mean(axis=1)


def test_what_is_there_is_coloured_and_what_is_missing_told(client) -> None:
    told = client.post("/v1/sessions", content=cut())
    assert told.status_code == 201
    missing = told.json()["missing"]
    assert missing["side"] == "bottom"
    assert 0.2 < missing["share"] < 0.6
    rows = round(240 * missing["share"]) - 16
    session = f"/v1/sessions/{told.json()['id']}"
    region = f"{session}/preview?left=0&top=120&width=320&height=120"
    for path in (f"{session}/preview", f"{session}/picture", region):
        found = spread(opened(client.get(path)))
        assert found[-rows:].max() < 2, path
        assert found[:20].mean() > 5, path
    whole = client.post("/v1/sessions", content=cut(share=1))
    assert whole.json()["missing"] is None


def test_one_request_takes_it_only_where_that_is_asked_for(client) -> None:
    refused = client.post("/v1/colorize", content=cut())
    assert "cut off; pass allow_damaged=True" in detail(refused, 422)
    made = opened(client.post("/v1/colorize?allow_damaged=true", content=cut()))
    assert spread(made)[:60].mean() > 5
    assert spread(made)[-20:].max() < 2


@pytest.mark.browsers
def test_the_page_says_which_part_is_missing_and_never_paints_it(page, tmp_path) -> None:
    path = tmp_path / "half.jpg"
    path.write_bytes(cut())
    open_on_page(page, path)
    banner = page.locator("#missing")
    expect(banner).to_contain_text("The file is cut off: ")
    expect(banner).to_contain_text("% of the photo, at the bottom, is missing and stays grey.")
    pixels = shot(page)
    assert spread(pixels[: len(pixels) // 4]).mean() > 5
    assert spread(pixels[-len(pixels) // 8 :]).max() < 3
    assert Axe().run(page).response["violations"] == []
    with Image.open(download(page)) as saved:
        assert spread(np.asarray(saved.convert("RGB")))[-20:].max() < 3
    page.reload()
    expect(banner).to_be_visible()
