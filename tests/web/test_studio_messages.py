"""The page in a real browser: what it says while files come in, and when something goes wrong."""

from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from helpers.studio_page import SPLIT, boxes, coloured, opened, recolouring, strip

UPLOADS = "**/v1/sessions"


@contextmanager
def held(page, pattern):
    """Hold requests back until the end."""
    routes = []
    page.route(pattern, lambda route: routes.append(route))
    yield routes
    for route in routes:
        route.continue_()
    page.unroute(pattern)


@pytest.mark.browsers
def test_a_file_is_shown_before_it_is_sent(page, grey) -> None:
    with held(page, UPLOADS):
        page.set_input_files("#files", grey)
        expect(page.locator("#before")).to_have_js_property("naturalWidth", 320)
        expect(page.locator("#opening-status")).to_have_text("Sending astronaut.png")
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        assert page.locator("#controls").evaluate("(one) => one.inert")
        page.locator("#viewer").click()  # there is nothing to choose a colour of
        expect(page.locator("#picker")).to_be_hidden()
    coloured(page)
    expect(page.locator("#opening")).to_be_hidden()
    assert not page.locator("#controls").evaluate("(one) => one.inert")
    expect(page.locator("#facts")).to_contain_text("astronaut.png, 320")


@pytest.mark.browsers
def test_an_upload_is_cancelled(page, grey, cat) -> None:
    with held(page, UPLOADS) as routes:
        page.set_input_files("#files", [grey, cat])
        expect(page.locator("#opening-status")).to_have_text("1 of 2: sending astronaut.png")
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#welcome")).to_be_visible()
        expect(page.locator("#opening")).to_be_hidden()
        routes.clear()
    expect(page.locator(".message")).to_have_count(0)
    opened(page, cat)
    expect(page.locator("#facts")).to_contain_text("cat.jpg")


def test_the_bar_tells_how_many_files_there_are(page, grey, cat) -> None:
    told = []
    page.expose_function("told", lambda text: told.append(text))
    page.evaluate(
        """() => {
            const status = document.getElementById("opening-status");
            const watch = new MutationObserver(() => told(status.textContent));
            watch.observe(status, { childList: true });
        }"""
    )
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    page.wait_for_function("() => document.getElementById('opening').hidden")
    assert "2 of 2: sending cat.jpg" in told
    assert "2 of 2: opening cat.jpg" in told


@pytest.mark.browsers
def test_each_cause_has_its_message_and_none_covers_a_tool(page, grey, cat, tmp_path) -> None:
    letters = [tmp_path / f"letter{number}.jpg" for number in range(6)]
    for letter in letters:
        letter.write_text("Dear grandmother")
    opened(page, grey, *letters)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("letter3.jpg and 2 more: the file is not a picture")
    expect(alert).to_have_count(1)
    page.set_input_files("#reference", cat)
    expect(alert).to_have_count(2)
    expect(alert.last).to_contain_text("no colours to take")
    page.get_by_label(SPLIT).fill("50")
    tools = boxes(page, "#tools button, #viewer, #controls button, #strip button")
    for message in boxes(page, ".message"):
        assert all(apart(message, tool) for tool in tools)
    page.get_by_label("Close the message").first.click()
    expect(alert).to_have_count(1)
    opened(page, cat)
    expect(alert).to_contain_text("no colours to take")


def apart(one, two) -> bool:
    """Whether two boxes have nothing in common."""
    across = one["right"] <= two["left"] or two["right"] <= one["left"]
    return across or one["bottom"] <= two["top"] or two["bottom"] <= one["top"]


@pytest.mark.browsers
def test_what_failed_in_the_server_is_tried_again_by_a_press(page, grey) -> None:
    opened(page, grey)
    page.route("**/preview", lambda route: route.fulfill(status=500, json={"detail": "no luck"}))
    page.get_by_label("Vividness").fill("0.1")
    expect(page.get_by_role("alert")).to_have_text("No luck.")
    page.unroute("**/preview")
    with recolouring(page):
        page.get_by_role("button", name="Try again").click()
    expect(page.locator(".message")).to_have_count(0)


def test_after_the_network_comes_back_the_photo_is_asked_for_again(page, grey) -> None:
    opened(page, grey)
    page.route("**/*", lambda route: route.abort())
    page.get_by_label("Vividness").fill("0.1")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Photochrom does not answer. Is it still running?")
    page.get_by_role("button", name="Add a colour point").click()
    expect(page.locator("#busy")).to_be_empty()
    expect(alert).to_have_count(1)
    with recolouring(page):
        page.unroute("**/*")
    expect(page.locator("#picker")).to_be_visible()
    expect(alert).to_have_count(0)


def test_files_that_could_not_be_sent_are_sent_when_the_server_is_back(page, grey, cat) -> None:
    page.route("**/*", lambda route: route.abort())
    page.set_input_files("#files", [grey, cat])
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    expect(page.locator("#welcome")).to_be_visible()
    page.unroute("**/*")
    expect(strip(page)).to_have_count(2)
    coloured(page)
    expect(page.locator(".message")).to_have_count(0)


def test_a_file_that_is_too_large_is_not_sent(visit, serve, grey) -> None:
    from photochrom.web.app import create_app
    from photochrom.web.settings import Settings

    page = visit(serve(create_app(Settings(max_bytes=1 << 20))))
    asked = []
    page.on("request", lambda request: asked.append(request.method))
    page.set_input_files("#files", {"name": "a.png", "mimeType": "", "buffer": bytes(2 << 20)})
    expect(page.get_by_role("alert")).to_have_text(
        "a.png: It is larger than 1 MB, the most that is taken here."
    )
    assert "POST" not in asked
