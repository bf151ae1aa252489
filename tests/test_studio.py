"""The page in a real browser: photographs come, are compared, kept and downloaded."""

import io
import zipfile

import httpx
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from browsing import SPLIT, centre, chroma, coloured, drop, focused, opened, shot
from photochrom.color import samples_to_lightness
from photochrom.web.app import create_app
from photochrom.web.settings import Settings


def download(page, name="Download"):
    with page.expect_download() as waited:
        page.get_by_role("button", name=name, exact=True).click()
    return waited.value


def check_lightness(saved, path, most=0.3) -> None:
    with Image.open(saved) as one, Image.open(path) as before:
        found, wanted = np.asarray(one.convert("RGB")), np.asarray(before)
    assert np.abs(samples_to_lightness(found) - samples_to_lightness(wanted)).mean() < most


def strip(page):
    return page.locator("#strip button")


@pytest.mark.parametrize(("kind", "ending"), [("png", "png"), ("jpeg", "jpg"), ("tiff", "tif")])
def test_a_photograph_is_coloured_and_downloaded(page, grey, kind, ending) -> None:
    opened(page, grey)
    page.select_option("#format", kind)
    saved = download(page)
    assert saved.suggested_filename == f"astronaut-colour.{ending}"
    with Image.open(saved.path()) as picture:
        assert (picture.format, picture.size) == (kind.upper(), (320, 240))
    check_lightness(saved.path(), grey, 1.5 if kind == "jpeg" else 0.3)


def test_left_of_the_line_is_before_and_right_of_it_after(page, grey) -> None:
    opened(page, grey)
    page.get_by_label(SPLIT).fill("50")
    pixels = shot(page)
    half = pixels.shape[1] // 2
    assert chroma(pixels[:, : half - 10]) < 2 < 10 < chroma(pixels[:, half + 10 :])
    x, y = centre(page)
    page.mouse.move(x, y)  # the grip
    page.mouse.down()
    page.mouse.move(x + 200, y, steps=4)
    page.mouse.up()
    assert chroma(shot(page)[:, : half + 180]) < 2
    page.mouse.move(x + 200, y - 150)  # the line itself
    page.mouse.down()
    page.mouse.move(x - 200, y - 150, steps=4)
    page.mouse.up()
    assert chroma(shot(page)[:, half - 180 :]) > 10
    expect(page.locator("#hints > li")).to_have_count(0)
    page.get_by_label(SPLIT).focus()
    page.keyboard.press("Home")
    expect(page.get_by_label(SPLIT)).to_have_attribute("aria-valuetext", "0 % before")


def test_sliders_answer_while_they_are_dragged_and_a_drag_is_undone_as_one(page, grey) -> None:
    opened(page, grey)
    before = chroma(shot(page))
    x, y = centre(page, "#vividness")
    page.mouse.move(x, y)
    page.mouse.down()
    for step in (40, 80, 120, 200):
        page.mouse.move(x - step, y)
    coloured(page)
    assert chroma(shot(page)) < before
    expect(page.locator("#vividness-value")).to_have_text("0 %")
    page.mouse.up()
    page.keyboard.press("Control+z")
    expect(page.get_by_label("Vividness")).to_have_value("0.5")
    expect(page.locator("#undo")).to_be_disabled()
    page.get_by_label("What is looked for").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#size-value")).to_have_text("smaller things")
    page.locator("#undo").click()
    expect(page.locator("#undo")).to_be_disabled()


def test_a_reload_keeps_the_photograph_and_what_was_chosen(page, address, grey, cat) -> None:
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    page.get_by_label("Vividness").fill("0.2")
    page.get_by_role("button", name="Add a place").click()
    expect(page.locator("#hints > li")).to_have_count(1)
    coloured(page)
    page.reload()
    expect(strip(page)).to_have_count(2)
    coloured(page)
    expect(page.get_by_label("Vividness")).to_have_value("0.2")
    expect(page.locator("#hints > li")).to_have_count(1)
    forget(page, address)
    page.reload()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("No longer kept here: astronaut.png, cat.jpg. Add again")
    opened(page, grey)
    expect(page.locator("#hints > li")).to_have_count(1)


def forget(page, address) -> None:
    """Let the server forget what is open."""
    kept = page.evaluate("() => JSON.parse(sessionStorage.getItem('photochrom-open')).open")
    for one in kept:
        httpx.delete(f"{address}v1/sessions/{one['id']}")


def test_what_the_server_has_forgotten_is_sent_again(page, address, grey) -> None:
    opened(page, grey)
    forget(page, address)
    page.get_by_label("Vividness").fill("0")
    coloured(page)
    expect(page.locator("#message-box")).to_be_hidden()
    page.reload()
    coloured(page)
    forget(page, address)
    page.get_by_label("Vividness").fill("1")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("astronaut.png is no longer kept here. Add it again")


def test_several_photographs_come_as_one_zip(page, grey, cat) -> None:
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    expect(page.locator("#facts")).to_contain_text("astronaut.png")
    with zipfile.ZipFile(download(page, "Download all (ZIP)").path()) as files:
        assert files.testzip() is None
        assert sorted(files.namelist()) == ["astronaut-colour.jpg", "cat-colour.jpg"]
        assert files.infolist()[0].date_time[0] > 2020
        check_lightness(io.BytesIO(files.read("cat-colour.jpg")), cat, 1.5)


def test_a_zip_names_what_is_not_in_it(page, grey, cat) -> None:
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    first = page.evaluate("() => JSON.parse(sessionStorage['photochrom-open']).open[0].id")
    page.route(f"**/{first}/picture", lambda route: route.fulfill(status=500, json={}))
    with zipfile.ZipFile(download(page, "Download all (ZIP)").path()) as files:
        assert files.namelist() == ["cat-colour.jpg"]
    expect(page.get_by_role("alert")).to_contain_text("Not in the ZIP:\nastronaut.png: Something")


def test_photographs_are_chosen_and_closed_and_the_keyboard_stays(page, grey, cat) -> None:
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    page.get_by_label("Show cat.jpg").focus()
    page.keyboard.press("Enter")
    coloured(page)
    expect(page.locator("#facts")).to_contain_text("cat.jpg")
    assert focused(page) == "Show cat.jpg"
    with page.expect_request(lambda request: request.method == "DELETE"):
        page.get_by_role("button", name="Close this one").click()
    expect(page.locator("#facts")).to_contain_text("astronaut.png")
    assert focused(page) == "stage"
    page.get_by_role("button", name="Close this one").click()
    expect(page.locator("#welcome")).to_be_visible()
    assert focused(page) == "files"


def test_two_browsers_at_once_each_keep_their_own(visit, grey, cat) -> None:
    pages = [visit(), visit()]
    for page, path in zip(pages, (grey, cat), strict=True):
        page.set_input_files("#files", path)
    for page, path in zip(pages, (grey, cat), strict=True):
        coloured(page)
        page.select_option("#format", "png")
        check_lightness(download(page).path(), path)


def test_a_broken_file_shows_a_sentence_that_stays(page, grey, tmp_path) -> None:
    broken = tmp_path / f"{'letter' * 30}.jpg"
    broken.write_text("Dear grandmother")
    alert = page.get_by_role("alert")
    page.set_input_files("#files", broken)
    expect(alert).to_contain_text(f"{broken.name}: not a picture; give JPEG")
    expect(page.locator("#studio")).to_be_hidden()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 1280
    opened(page, broken, grey)
    expect(alert).to_contain_text("not a picture")
    page.get_by_label("Close the message").click()
    expect(alert).to_be_hidden()


def test_photographs_are_dropped_and_pasted(page, grey, cat) -> None:
    drop(page, "#drop", grey)
    coloured(page)
    expect(page.locator("#facts")).to_contain_text("astronaut.png")
    page.evaluate(
        """([name, bytes]) => {
            const given = new DataTransfer();
            given.items.add(new File([new Uint8Array(bytes)], name));
            dispatchEvent(new ClipboardEvent("paste", { clipboardData: given }));
        }""",
        [cat.name, list(cat.read_bytes())],
    )
    expect(strip(page)).to_have_count(2)
    coloured(page)
    expect(page.locator("#facts")).to_contain_text("astronaut.png")


def test_the_keyboard_alone_leads_from_a_file_to_its_download(page, grey) -> None:
    page.keyboard.press("Tab")
    assert focused(page) == "files"
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

    tab_to("stage")
    page.keyboard.press("+")
    assert "scale(1.25)" in page.locator("#view").get_attribute("style")
    page.keyboard.press("0")
    assert "scale(1)" in page.locator("#view").get_attribute("style")
    for name in ("split", "closer", "marks-shown", "vividness", "size", "hint-middle"):
        tab_to(name)
    page.keyboard.press("Enter")
    expect(page.locator("#hints > li")).to_have_count(1)
    expect(page.locator("#marks button")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#marks button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".swatches button").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".swatches button").nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".swatches button").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#marks button")).to_be_focused()
    tab_to("download")
    coloured(page)
    with page.expect_download() as waited:
        page.keyboard.press("Enter")
    assert waited.value.suggested_filename == "astronaut-colour.jpg"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_stands_in_anyones_way(visit, tmp_path, grey, cat, width, scheme) -> None:
    broken = tmp_path / "letter.jpg"
    broken.write_text("Dear grandmother")
    page = visit(viewport={"width": width, "height": 860}, color_scheme=scheme)
    assert Axe().run(page).response["violations"] == []
    opened(page, grey, cat, broken)
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label(SPLIT).fill("50")
    page.get_by_role("button", name="Add a place").click()
    expect(page.locator("#palette")).to_be_visible()
    page.get_by_role("button", name="Show versions").click()
    expect(page.locator("#proposals button")).to_have_count(4)
    page.get_by_role("button", name="Version 2").click()
    coloured(page)
    assert Axe().run(page).response["violations"] == []


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_no_width_makes_it_scroll_sideways(visit, grey, width) -> None:
    page = visit(viewport={"width": width, "height": 900})
    opened(page, grey)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    stage = page.locator("#stage").bounding_box()
    assert stage["height"] > (250 if width == 390 else 750)
    assert stage["width"] > (380 if width == 390 else width - 400)
    for button in page.locator("button:visible, .button:visible").all():
        assert button.bounding_box()["height"] >= 40


def test_it_works_under_its_own_policy_and_asks_no_one_else(visit, address, grey) -> None:
    page = visit(bypass_csp=False, ready=False)
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.reload()
    page.set_input_files("#files", grey)
    expect(page.locator("#after")).to_have_js_property("naturalWidth", 320)
    page.get_by_label(SPLIT).fill("30")
    page.get_by_role("button", name="Add a place").click()
    expect(page.locator("#palette")).to_be_visible()
    expect(page.locator("#busy")).to_be_empty()
    assert download(page).suggested_filename == "astronaut-colour.jpg"
    assert all(url.startswith((address, f"blob:{address}")) for url in asked)
    assert said == []


def test_a_token_is_asked_for_until_it_is_right(visit, serve, grey) -> None:
    page = visit(serve(create_app(Settings(token="secret"))))  # unanswered at first
    given = iter(["wrong", "secret"])
    page.on("dialog", lambda dialog: dialog.accept(next(given)))
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    opened(page, grey)
    assert next(given, None) is None


def test_what_is_put_off_is_asked_again(page, grey) -> None:
    asked = []

    def put_off(route) -> None:
        asked.append(route.request.url)
        if len(asked) > 2:
            route.continue_()
        else:
            route.fulfill(status=429, headers={"Retry-After": "0"}, json={"detail": "too many"})

    page.route("**/v1/sessions", put_off)
    opened(page, grey)
    assert len(asked) == 3
    expect(page.locator("#message-box")).to_be_hidden()
