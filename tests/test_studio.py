"""The page in a real browser."""

import io
import os
import shutil
import threading
import time
import zipfile

import numpy as np
import pytest
import skimage.data
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from photochrom.color import samples_to_lightness
from photochrom.web.app import create_app

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    not CHROMIUM and not os.environ.get("CI"), reason="needs chromium: apt install chromium"
)


@pytest.fixture(scope="module")
def address(echo_as_vivid):
    server = uvicorn.Server(uvicorn.Config(create_app(), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield one
        one.close()


@pytest.fixture
def page(browser, address):
    context = browser.new_context(viewport={"width": 1280, "height": 860}, bypass_csp=True)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    page.wait_for_selector("html[data-ready=yes]")
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def grey(tmp_path):
    path = tmp_path / "astronaut.png"
    Image.fromarray(skimage.data.astronaut()[:240, :320, 0]).save(path)
    return path


def coloured(page) -> None:
    """Wait until the picture on the stage is the coloured one, and nothing is under way."""
    page.wait_for_function(
        "() => { const [a, b] = ['after', 'before'].map((id) => document.getElementById(id));"
        " return a.src && a.src !== b.src && a.complete"
        " && !document.getElementById('busy').textContent; }"
    )


def chroma(page) -> float:
    """Mean spread of the channels of what the stage shows."""
    with Image.open(io.BytesIO(page.locator("#stage").screenshot())) as shot:
        return float(np.ptp(np.asarray(shot.convert("RGB")).astype(int), axis=2).mean())


def test_a_photograph_is_coloured_compared_and_downloaded(page, grey) -> None:
    page.set_input_files("#files", grey)
    coloured(page)
    vivid = chroma(page)
    page.get_by_label("How much of the photograph as it was").fill("100")
    assert chroma(page) < 0.5 * vivid
    page.select_option("#format", "png")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "astronaut-colour.png"
    with Image.open(download.value.path()) as saved, Image.open(grey) as before:
        painted, original = np.asarray(saved), np.asarray(before)
    assert painted.shape == (240, 320, 3)
    difference = samples_to_lightness(painted) - samples_to_lightness(original)
    assert np.abs(difference).mean() < 0.3


def test_vividness_answers_and_is_undone(page, grey) -> None:
    page.set_input_files("#files", grey)
    coloured(page)
    before = chroma(page)
    page.get_by_label("Vividness").fill("0")
    page.wait_for_timeout(100)
    coloured(page)
    assert chroma(page) < before
    page.keyboard.press("Control+z")
    expect(page.get_by_label("Vividness")).to_have_value("0.5")


def redness(page) -> float:
    """Red beyond green in the middle of the stage."""
    with Image.open(io.BytesIO(page.locator("#stage").screenshot())) as shot:
        pixels = np.asarray(shot.convert("RGB")).astype(float)
    rows, columns = (side // 2 for side in pixels.shape[:2])
    middle = pixels[rows - 40 : rows + 40, columns - 40 : columns + 40]
    return float((middle[..., 0] - middle[..., 1]).mean())


def test_a_place_takes_a_colour_and_gives_it_back(page, grey) -> None:
    page.set_input_files("#files", grey)
    coloured(page)
    box = page.locator("#stage").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#hints > li")).to_have_count(1)
    expect(page.locator(".swatches button").first).to_be_visible()
    coloured(page)
    before = redness(page)
    page.get_by_label("Colour of place 1").fill("#d01020")
    coloured(page)
    assert redness(page) > before + 10
    page.locator(".swatches button").first.click()
    coloured(page)
    assert redness(page) < before + 5
    for _ in range(3):
        page.keyboard.press("Control+z")
    expect(page.locator("#hints > li")).to_have_count(0)
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#hints > li")).to_have_count(1)
    page.get_by_role("button", name="Remove place 1").click()
    expect(page.locator("#hints > li")).to_have_count(0)


def test_versions_are_shown_and_one_is_chosen(page, grey) -> None:
    page.set_input_files("#files", grey)
    coloured(page)
    page.get_by_role("button", name="Show versions").click()
    expect(page.locator("#proposals button")).to_have_count(4, timeout=30_000)
    page.get_by_role("button", name="Version 2").click()
    expect(page.locator("#hints > li").first).to_be_visible()
    coloured(page)
    page.get_by_role("button", name="Version 1, automatic").click()
    expect(page.locator("#hints > li")).to_have_count(0)


def test_another_picture_lends_its_colours(page, grey, tmp_path) -> None:
    page.set_input_files("#files", grey)
    coloured(page)
    page.set_input_files("#reference", grey)
    expect(page.get_by_role("alert")).to_contain_text("no colours to take")
    Image.fromarray(skimage.data.astronaut()[:240, :320]).save(tmp_path / "colour.png")
    page.set_input_files("#reference", tmp_path / "colour.png")
    expect(page.locator("#hints > li").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Remove all").click()
    expect(page.locator("#hints > li")).to_have_count(0)


def test_choices_outlive_a_reload(page, grey) -> None:
    page.set_input_files("#files", grey)
    coloured(page)
    page.get_by_label("Vividness").fill("0.2")
    page.wait_for_timeout(100)
    coloured(page)
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    page.set_input_files("#files", grey)
    coloured(page)
    expect(page.get_by_label("Vividness")).to_have_value("0.2")


def test_several_photographs_come_as_one_zip(page, grey, tmp_path) -> None:
    other = tmp_path / "cat.jpg"
    Image.fromarray(skimage.data.chelsea()[:200, :200, 0]).save(other)
    page.set_input_files("#files", [grey, other])
    expect(page.locator("#strip button")).to_have_count(2, timeout=30_000)
    coloured(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all").click()
    with zipfile.ZipFile(download.value.path()) as files:
        assert files.testzip() is None
        assert sorted(files.namelist()) == ["astronaut-colour.jpg", "cat-colour.jpg"]


def test_two_browsers_at_once_each_keep_their_own(browser, address, grey, tmp_path) -> None:
    other = tmp_path / "cat.png"
    Image.fromarray(skimage.data.chelsea()[:200, :260, 0]).save(other)
    contexts = [browser.new_context(bypass_csp=True) for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto(address)
        page.wait_for_selector("html[data-ready=yes]")
    for page, path in zip(pages, (grey, other), strict=True):
        page.set_input_files("#files", path)
    for page, path in zip(pages, (grey, other), strict=True):
        coloured(page)
        page.select_option("#format", "png")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download", exact=True).click()
        with Image.open(download.value.path()) as saved, Image.open(path) as before:
            lightness = [samples_to_lightness(np.asarray(one)) for one in (saved, before)]
        assert np.abs(lightness[0] - lightness[1]).mean() < 0.3
    for context in contexts:
        context.close()


def test_a_broken_file_shows_a_sentence(page, tmp_path) -> None:
    (tmp_path / "letter.jpg").write_text("Dear grandmother")
    page.set_input_files("#files", tmp_path / "letter.jpg")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("letter.jpg")
    expect(alert).to_contain_text("ot a picture")
    expect(page.locator("#studio")).to_be_hidden()


def test_the_keyboard_reaches_everything(page, grey) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.id") == "files"
    page.set_input_files("#files", grey)
    coloured(page)
    reached = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.id"))
    assert {"stage", "split", "vividness", "size", "format", "download"} <= reached
    page.locator("#stage").focus()
    page.keyboard.press("+")
    assert "scale(1.25)" in page.locator("#view").get_attribute("style")
    page.keyboard.press("0")
    assert "scale(1)" in page.locator("#view").get_attribute("style")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_anyones_way(browser, address, grey, scheme) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("html[data-ready=yes]")
    assert Axe().run(page).response["violations"] == []
    page.set_input_files("#files", grey)
    coloured(page)
    assert Axe().run(page).response["violations"] == []
    context.close()


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_no_width_makes_it_scroll_sideways(browser, address, grey, width) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    page.set_input_files("#files", grey)
    coloured(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    context.close()
