"""The page in a real browser: the light table, where many photographs are seen at once."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from helpers.studio_page import chroma, coloured, opened, recolouring, sending, shot, strip


def table(page) -> None:
    page.get_by_role("button", name="All photos", exact=True).click()
    expect(page.locator("#viewer")).to_be_hidden()


@pytest.mark.browsers
def test_the_light_table_shows_all_photographs_with_their_state(page, grey, cat) -> None:
    expect(page.locator("#table")).to_be_hidden()
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    expect(page.locator("#strip .state")).to_have_text(["worth a look"])  # of the cat
    page.get_by_role("button", name="All photos", exact=True).click()
    expect(page.locator("#viewer")).to_be_hidden()
    expect(page.get_by_text("cat.jpg", exact=True)).to_be_visible()
    page.get_by_label("Show cat.jpg").click()
    expect(page.locator("#viewer")).to_be_visible()
    expect(page.locator("#facts")).to_contain_text("cat.jpg")
    page.get_by_label("Show astronaut.png").click()
    coloured(page)
    broken = {"status": 422, "json": {"detail": "out of ink"}}
    page.route("**/preview", lambda route: route.fulfill(**broken))
    page.get_by_label("Vividness").fill("0.1")
    page.get_by_role("button", name="Use for all photos").click()
    expect(page.get_by_label("Show cat.jpg, failed")).to_have_attribute(
        "title", "cat.jpg: Out of ink."
    )
    page.unroute("**/preview")
    page.get_by_label("Show cat.jpg").click()
    expect(page.locator("#vividness-value")).to_have_text("10 %")
    coloured(page)
    page.locator("#undo").click()
    expect(page.locator("#vividness-value")).to_have_text("50 %")


def test_sixty_photographs_fit_on_the_light_table(page, cat) -> None:
    files = [
        {"name": f"cat {at:02}.jpg", "mimeType": "image/jpeg", "buffer": cat.read_bytes()}
        for at in range(60)
    ]
    page.set_input_files("#files", files)
    expect(strip(page)).to_have_count(60, timeout=90_000)
    page.get_by_role("button", name="All photos", exact=True).click()
    expect(page.locator("#strip .waiting")).to_have_count(0, timeout=90_000)
    sides = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    assert sides == [1280, 860]
    page.get_by_label("Show cat 59.jpg").click()
    expect(page.locator("#facts")).to_contain_text("cat 59.jpg")


def test_chosen_photographs_get_settings_and_palette_and_others_do_not(page, grey, cat) -> None:
    other = {"name": "other.jpg", "mimeType": "image/jpeg", "buffer": cat.read_bytes()}
    opened(page, grey, cat)
    page.set_input_files("#files", other)
    expect(strip(page)).to_have_count(3)
    table(page)
    page.get_by_label("Vividness").fill("0.9")
    page.get_by_label("Palette").select_option("autochrome")
    page.get_by_label("Choose cat.jpg").check()
    with sending(page, "/preview", "palette=autochrome") as sent:
        page.get_by_role("button", name="Use for the 1 chosen").click()
    assert "vividness=0.9" in sent[0]
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Choose all").click()
    expect(page.get_by_role("button", name="Use for the 3 chosen")).to_be_visible()
    page.get_by_role("button", name="Choose none").click()
    expect(page.get_by_role("button", name="Use for all photos")).to_be_visible()
    page.get_by_label("Show cat.jpg").click()
    expect(page.get_by_label("Palette")).to_have_value("autochrome")
    expect(page.locator("#vividness-value")).to_have_text("90 %")
    page.get_by_label("Show other.jpg").click()
    expect(page.get_by_label("Palette")).to_have_value("")
    expect(page.locator("#vividness-value")).to_have_text("50 %")


def test_what_is_under_way_is_told_and_cancelled(page, cat) -> None:
    files = [
        {"name": f"cat {at}.jpg", "mimeType": "image/jpeg", "buffer": cat.read_bytes()}
        for at in range(8)
    ]
    page.set_input_files("#files", files)
    expect(strip(page)).to_have_count(8)
    coloured(page)
    table(page)
    expect(page.locator("#developing")).to_be_hidden()
    page.get_by_label("Vividness").fill("0.1")
    expect(page.locator("#vividness-value")).to_have_text("10 %")
    coloured(page)
    held = []
    page.route("**/preview", lambda route: held.append(route))
    page.get_by_role("button", name="Use for all photos").click()
    expect(page.locator("#developing-status")).to_have_text("Working on photo 1 of 7")
    page.locator("#developing-cancel").click()
    expect(page.locator("#developing")).to_be_hidden()
    assert len(held) == 1
    with page.expect_response("**/preview"):
        held[0].continue_()
    page.unroute("**/preview")
    page.wait_for_timeout(300)
    expect(page.locator("#strip .waiting")).to_have_count(0)
    page.get_by_label("Show cat 7.jpg").click()  # it is coloured once it is looked at
    expect(page.locator("#vividness-value")).to_have_text("10 %")
    coloured(page)


def test_what_the_model_is_unsure_of_is_worth_a_look(page, grey, cat) -> None:
    def doubtful(route) -> None:
        answer = {"places": [], "mean": 25.0 if unsure in route.request.url else 5.0}
        route.fulfill(json=answer)

    opened(page, grey)
    (one,) = json.loads(page.evaluate("() => sessionStorage['photochrom-open']"))["open"]
    unsure = one["id"]
    page.route("**/doubts", doubtful)
    page.set_input_files("#files", cat)
    expect(strip(page)).to_have_count(2)
    table(page)
    expect(page.get_by_label("Show astronaut.png, worth a look")).to_be_visible()
    expect(page.locator("#strip .state")).to_have_count(1)
    page.get_by_role("button", name="Choose those worth a look").click()
    expect(page.get_by_label("Choose astronaut.png")).to_be_checked()
    expect(page.get_by_label("Choose cat.jpg")).not_to_be_checked()


def test_a_period_is_chosen_and_undone(page, grey) -> None:
    opened(page, grey)
    before = shot(page)
    with recolouring(page):
        page.get_by_label("Palette").select_option("hand-coloured")
    assert abs(chroma(shot(page)) - chroma(before)) > 0.5
    expect(page.locator("#variants button").last).to_have_attribute("aria-pressed", "true")
    page.locator("#undo").click()
    expect(page.get_by_label("Palette")).to_have_value("")


def test_the_page_offers_the_palettes_that_there_are(page) -> None:
    from photochrom.guidance.palette import presets

    offered = page.locator("#palette option").evaluate_all("(all) => all.map((one) => one.value)")
    assert offered == ["", *presets()]
