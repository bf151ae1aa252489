"""The page in a real browser: two pictures of a photograph side by side."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from helpers.studio_page import centre, opened, shot


def place(page, side) -> str:
    return page.locator(f"#{side}-view").evaluate("(one) => one.style.transform")


@pytest.mark.browsers
def test_two_variants_are_compared_under_one_zoom(page, grey) -> None:
    opened(page, grey)
    expect(page.locator("#variants button")).to_have_count(5)
    page.get_by_role("button", name="Side by side").click()
    expect(page.locator("#viewer")).to_be_hidden()
    names = page.locator("#variants button").all_inner_texts()
    left, right = page.get_by_label("Shown on the left"), page.get_by_label("Shown on the right")
    left.select_option(names[1])
    right.select_option(names[2])
    assert np.abs(shot(page, "#left-view") - shot(page, "#right-view")).mean() > 0.5
    page.mouse.move(*centre(page, "#left-view"))
    page.mouse.wheel(0, -300)
    assert place(page, "left") == place(page, "right") != ""
    before = place(page, "right")
    page.mouse.down()
    page.mouse.move(200, 300, steps=3)
    page.mouse.up()
    assert place(page, "left") == place(page, "right") != before
    page.get_by_role("button", name="Fit").click()
    assert "scale(1)" in place(page, "left")
    assert Axe().run(page).response["violations"] == []
    page.locator("#right-used").click()
    expect(page.locator("#variants button").nth(2)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Side by side").click()
    expect(page.locator("#viewer")).to_be_visible()
    assert page.locator("#view").bounding_box()["height"] > 400


def test_before_and_what_is_chosen_stand_side_by_side_on_a_telephone(visit, grey) -> None:
    page = visit(viewport={"width": 390, "height": 844})
    opened(page, grey)
    page.get_by_role("button", name="Side by side").click()
    page.get_by_label("Shown on the right").select_option("Before")
    boxes = [page.locator(f"#{side}-view").bounding_box() for side in ("left", "right")]
    assert boxes[0]["width"] > 300  # one below the other: the photograph is wide
    assert boxes[1]["y"] > boxes[0]["y"] + boxes[0]["height"]
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.locator("#pair").focus()
    page.keyboard.press("+")
    assert "scale(1.25)" in place(page, "left")
    assert Axe().run(page).response["violations"] == []
