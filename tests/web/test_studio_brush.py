"""The page in a real browser: colours that are painted on a photograph."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from helpers.studio_page import centre, coloured, opened, recolouring, shot


def paint(page, *, down=0.0) -> None:
    """Paint a line of 200 screen pixels, so far below the middle of the photograph."""
    x, y = centre(page)
    with recolouring(page):
        page.mouse.move(x - 100, y + down)
        page.mouse.down()
        page.mouse.move(x + 100, y + down, steps=8)
        page.mouse.up()


@pytest.mark.browsers
def test_the_brush_colours_what_it_paints_and_the_eraser_takes_it_away(page, grey) -> None:
    opened(page, grey)
    before = shot(page)
    rows, columns = (side // 2 for side in before.shape[:2])
    line = slice(rows - 4, rows + 4), slice(columns - 60, columns + 60)
    page.get_by_role("button", name="Brush", exact=True).click()
    page.get_by_label("Colour of the brush").fill("#c02020")
    paint(page)
    changed = np.abs(shot(page) - before).mean(axis=2)
    assert changed[line].mean() > 5
    assert changed[: rows - 200].mean() < 1
    assert Axe().run(page).response["violations"] == []
    expect(page.locator("#points button")).to_have_count(0)
    page.get_by_role("button", name="Eraser").click()
    page.get_by_label("Width of the brush").fill("20")
    paint(page)
    assert np.abs(shot(page) - before).mean() < 0.1
    page.keyboard.press("Escape")
    expect(page.locator("#strokes")).to_be_hidden()
    with recolouring(page):
        page.keyboard.press("Control+z")
    assert np.abs(shot(page) - before).mean(axis=2)[line].mean() > 5


def test_strokes_outlive_a_reload_and_are_removed_as_one(page, grey) -> None:
    opened(page, grey)
    page.get_by_role("button", name="Brush", exact=True).click()
    paint(page)
    paint(page, down=60)
    page.reload()
    coloured(page)
    entry = page.locator("#hints > li")
    expect(entry).to_contain_text("Strokes of the brush")
    page.get_by_role("button", name="Brush", exact=True).click()
    page.mouse.click(*centre(page))  # paints, and asks for nothing
    expect(page.locator("#picker")).to_be_hidden()
    page.get_by_role("button", name="Remove: Strokes of the brush").click()
    expect(entry).to_have_count(0)
