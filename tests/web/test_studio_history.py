"""The page in a real browser: what the photograph looked like before, and the first welcome."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from helpers.studio_page import coloured, opened, recolouring, shot
from photochrom.web.page import STATIC

STEPS = "#steps button"
SAMPLES = sorted((STATIC / "samples").glob("*.jpg"))


@pytest.mark.browsers
def test_small_pictures_lead_back_to_what_was(page, grey) -> None:
    opened(page, grey)
    expect(page.locator("#history")).to_be_hidden()
    first = shot(page)
    for vividness, count in (("0", 2), ("1", 3)):
        page.locator("#vividness").blur()
        with recolouring(page):
            page.get_by_label("Vividness").fill(vividness)
        expect(page.locator(STEPS)).to_have_count(count)
    expect(page.locator(STEPS).nth(2)).to_have_attribute("aria-current", "true")
    with recolouring(page):
        page.get_by_label("Step 1 of 3").click()
    assert np.abs(shot(page) - first).mean() < 0.1
    expect(page.locator(STEPS)).to_have_count(3)  # those after it are there, too
    expect(page.get_by_label("Step 1 of 3")).to_be_focused()
    assert Axe().run(page).response["violations"] == []
    with recolouring(page):
        page.get_by_label("Step 3 of 3").click()
    expect(page.locator("#vividness-value")).to_have_text("100 %")
    page.locator("#undo").click()
    expect(page.locator("#vividness-value")).to_have_text("0 %")


def test_no_more_than_the_last_dozen_is_shown(page, grey) -> None:
    opened(page, grey)
    for at in range(15):
        page.locator("#vividness").blur()
        with recolouring(page):
            page.get_by_label("Vividness").fill(f"{0.05 * at:g}")
    expect(page.locator(STEPS)).to_have_count(12)


@pytest.mark.parametrize(
    ("browser", "at"),
    [("chromium", 0), ("chromium", 1), ("chromium", 2), ("firefox", 0)],
    indirect=["browser"],
)
def test_a_sample_is_coloured_by_one_press(page, at) -> None:
    page.locator("#samples button").nth(at).click()
    coloured(page)
    name = page.evaluate("() => JSON.parse(sessionStorage['photochrom-open']).open[0].name")
    with Image.open(STATIC / "samples" / name) as sample:
        expect(page.locator("#facts")).to_contain_text(str(sample.width))


def test_every_sample_has_its_origin_beside_it() -> None:
    told = (STATIC / "samples/README.md").read_text(encoding="utf-8")
    assert len(SAMPLES) == 3
    assert all(f"`{path.name}`" in told for path in SAMPLES)


def test_the_line_of_the_welcome_moves_unless_motion_is_unwelcome(visit) -> None:
    for motion, moves in (("no-preference", True), ("reduce", False)):
        page = visit(reduced_motion=motion)
        line = page.locator("#welcome-line")
        found = {line.bounding_box()["x"]}
        for _ in range(5):
            page.wait_for_timeout(200)
            found.add(line.bounding_box()["x"])
        assert (len(found) > 1) is moves
