"""The page as it looks: some of its states, compared with stored pictures, light and dark."""

import io
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from helpers.studio_page import SPLIT, opened, press, styled

STORED = Path(__file__).parent / "looks"
WIDTH = 320  # pixels of a stored picture
MAX_MEAN, MAX_SHARE = 6.0, 0.04  # of 255: mean difference; and the share that differs by 48


def compare(page, name, *, update) -> None:
    """Compare a page with its stored picture, or store it."""
    page.mouse.move(2, 2)
    photo = "#view img, #pair img, #variants img, #drop img { visibility: hidden !important }"
    plain = "#busy, #outline { opacity: 0 !important } * { caret-color: transparent !important }"
    with styled(page, photo + plain):
        data = page.screenshot()
    with Image.open(io.BytesIO(data)) as shot:
        height = round(WIDTH * shot.height / shot.width)
        found = shot.convert("L").resize((WIDTH, height), Image.Resampling.BOX)
    path = STORED / f"{name}.png"
    if update:
        STORED.mkdir(exist_ok=True)
        found.quantize(32).save(path, optimize=True)
        return
    with Image.open(path) as stored:
        wanted = np.asarray(stored.convert("L")).astype(int)
    assert wanted.shape == (height, WIDTH), f"{name} has another size"
    away = np.abs(np.asarray(found).astype(int) - wanted)
    assert away.mean() < MAX_MEAN, f"{name} looks other than {path}; see CONTRIBUTING.md"
    assert (away > 48).mean() < MAX_SHARE, f"{name} looks other than {path}; see CONTRIBUTING.md"


@pytest.fixture
def looks(request):
    """Compare a page with its stored picture; with --update-looks, store it."""
    return partial(compare, update=request.config.getoption("--update-looks"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_the_page_looks_as_it_did(visit, grey, cat, looks, scheme, width, height) -> None:
    page = visit(viewport={"width": width, "height": height}, color_scheme=scheme)
    name = f"{width}-{scheme}"
    looks(page, f"welcome-{name}")
    opened(page, grey, cat)
    expect(page.locator("#variants button")).to_have_count(5)
    page.get_by_label(SPLIT).fill("50")
    looks(page, f"photo-{name}")
    press(page, 40, 40)
    expect(page.locator(".swatches button")).not_to_have_count(1)
    page.get_by_role("button", name="Uniform").click()
    looks(page, f"picker-{name}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Side by side").click()
    looks(page, f"pair-{name}")
    page.get_by_role("button", name="All photos", exact=True).click()
    expect(page.locator("#table")).to_be_visible()
    expect(page.get_by_role("button", name="Side by side")).to_be_hidden()
    expect(page.locator("#strip .unsure")).to_have_count(2)  # so its model says of all
    page.locator("#strip img").evaluate_all("(all) => Promise.all(all.map((one) => one.decode()))")
    looks(page, f"table-{name}")
