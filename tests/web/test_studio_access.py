"""The page in a real browser, for everyone: by keyboard, by screen reader, at any width."""

from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from helpers.browsers import downloading
from helpers.studio_page import SPLIT, boxes, coloured, download, focused, opened


@pytest.mark.browsers
def test_the_keyboard_alone_leads_from_a_file_to_its_download(page, grey) -> None:
    page.on("filechooser", lambda chooser: None)  # asks the browser, early, to tell of any
    for name in ("language", "files"):
        page.keyboard.press("Tab")
        assert focused(page) == name
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(grey)
    coloured(page)

    def tab_to(name, backwards=False) -> None:
        for _ in range(40):
            if focused(page) == name:
                return
            page.keyboard.press("Shift+Tab" if backwards else "Tab")
        raise AssertionError(f"the keyboard does not reach {name}")

    tab_to("viewer")
    page.keyboard.press("+")
    assert "scale(1.25)" in page.locator("#view").get_attribute("style")
    page.keyboard.press("0")
    assert "scale(1)" in page.locator("#view").get_attribute("style")
    for name in ("split", "closer", "points-shown", "vividness", "size", "add-point"):
        tab_to(name)
    page.keyboard.press("Enter")
    expect(page.locator("#points button")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#points button")).to_be_focused()
    expect(page.locator(".swatches button").nth(1)).to_be_visible()
    expect(page.locator("#hints > li")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".swatches button").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".swatches button").nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".swatches button").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#points button")).to_be_focused()
    tab_to("download")
    coloured(page)
    with downloading(page) as found:
        page.keyboard.press("Enter")
    assert found[0].name == "astronaut-colour.jpg"


@pytest.mark.parametrize(
    ("browser", "width", "scheme"),
    [*product(["chromium"], [390, 1280], ["light", "dark"]), ("firefox", 390, "light")],
    indirect=["browser"],
)
def test_nothing_stands_in_anyones_way(visit, tmp_path, grey, cat, width, scheme) -> None:
    broken = tmp_path / "letter.jpg"
    broken.write_text("Dear grandmother")
    page = visit(viewport={"width": width, "height": 844}, color_scheme=scheme)
    assert Axe().run(page).response["violations"] == []
    opened(page, grey, cat, broken)
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label(SPLIT).fill("50")
    page.get_by_role("button", name="Add a colour point").click()
    expect(page.locator("#picker")).to_be_visible()
    expect(page.locator("#variants button")).to_have_count(5)
    page.locator("#variants button").nth(1).click()
    coloured(page)
    assert Axe().run(page).response["violations"] == []


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_no_width_makes_it_scroll_sideways(visit, grey, width) -> None:
    page = visit(viewport={"width": width, "height": 900})
    opened(page, grey)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    stage = page.locator("#viewer").bounding_box()
    assert stage["height"] > (250 if width == 390 else 700)
    assert stage["width"] > (380 if width == 390 else width - 400)
    assert [one for one in boxes(page, "button, .button") if one["height"] < 40] == []


def test_it_works_under_its_own_policy_and_asks_no_one_else(visit, address, grey) -> None:
    page = visit(ready=False)
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.reload()
    page.set_input_files("#files", grey)
    expect(page.locator("#after")).to_have_js_property("naturalWidth", 320)
    page.get_by_label(SPLIT).fill("30")
    page.get_by_role("button", name="Add a colour point").click()
    expect(page.locator("#picker")).to_be_visible()
    expect(page.locator("#busy")).to_be_empty()
    assert download(page).name == "astronaut-colour.jpg"
    assert all(url.startswith((address, f"blob:{address}")) for url in asked)
    assert said == []
