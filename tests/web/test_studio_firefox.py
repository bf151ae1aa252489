"""The page in Firefox: what is shown, asked and chosen there."""

import shutil

import numpy as np
import pytest

from helpers.firefox import Firefox
from helpers.studio_page import chroma

COLOURED = (
    "document.getElementById('after').src !== document.getElementById('before').src"
    " && document.getElementById('after').complete"
    " && !document.getElementById('busy').textContent"
)


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    if not (shutil.which("firefox-esr") or shutil.which("firefox")):
        pytest.skip("needs Firefox: apt install firefox-esr")
    one = Firefox(tmp_path_factory.mktemp("firefox"))
    yield one
    one.close()


@pytest.fixture
def page(firefox, address, grey):
    """The page, with a photograph in colour."""
    firefox.visit(address)
    firefox.run(
        "localStorage.clear(); sessionStorage.clear(); indexedDB.deleteDatabase('photochrom')"
    )
    firefox.visit(address)
    firefox.choose("#files", grey)
    firefox.wait(COLOURED)
    return firefox


def show(firefox, share) -> None:
    """Move the line."""
    script = """const split = document.getElementById("split");
        split.value = arguments[0];
        split.dispatchEvent(new Event("input"));"""
    firefox.run(script, share)


def test_left_of_the_line_is_before_and_right_of_it_after(page) -> None:
    show(page, 50)
    pixels = page.pixels("#view")
    half = pixels.shape[1] // 2
    assert chroma(pixels[:, : half - 40]) < 2 < 10 < chroma(pixels[:, half + 40 :])


def test_a_click_asks_and_a_colour_changes_its_thing(page) -> None:
    page.wait("document.querySelectorAll('#variants button').length === 5")
    before = page.pixels("#view")
    page.click("#viewer")
    page.wait("document.querySelectorAll('.swatches button').length > 1")
    assert page.run("return document.querySelectorAll('#hints > li').length") == 0
    picker = page.run("return document.getElementById('picker').getBoundingClientRect().left")
    assert picker >= page.run(
        "return document.getElementById('viewer').getBoundingClientRect().right"
    )
    page.click("[data-key=tab-Brick]")
    page.click(".swatches button")
    page.wait("document.querySelectorAll('#hints > li').length === 1")
    page.wait(COLOURED)
    changed = np.abs(page.pixels("#view") - before).mean(axis=2)
    rows, columns = (side // 2 for side in changed.shape)
    assert changed[rows - 40 : rows + 40, columns - 60 : columns + 60].mean() > 3


def test_two_pictures_stand_side_by_side(page) -> None:
    page.wait("document.querySelectorAll('#variants button').length === 5")
    page.click("#paired")
    page.run(
        "document.getElementById('left-shown').value = 'before';"
        "document.getElementById('left-shown').dispatchEvent(new Event('change'))"
    )
    assert chroma(page.pixels("#left-view")) < 2 < 10 < chroma(page.pixels("#right-view"))
    page.click("#closer")
    places = [
        page.run(f"return document.getElementById('{side}-view').style.transform")
        for side in ("left", "right")
    ]
    assert places[0] == places[1]
    assert "scale(1.25)" in places[0]


def test_the_browser_keeps_what_is_open(page, address) -> None:
    page.visit(address)
    page.wait(COLOURED)
    facts = page.run("return document.getElementById('facts').textContent")
    assert "astronaut.png, 320" in facts
