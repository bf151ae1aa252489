"""The page in a real browser, and its server: reloads, what is forgotten, tokens, waiting."""

import httpx
from playwright.sync_api import expect

from helpers.studio_page import check_lightness, coloured, download, opened, pin, strip
from photochrom.web.app import create_app
from photochrom.web.settings import Settings


def test_a_reload_keeps_the_photograph_and_what_was_chosen(page, address, grey, cat) -> None:
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    page.get_by_label("Vividness").fill("0.2")
    pin(page)
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
    page.get_by_label("Close the message").click()
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
    expect(page.locator(".message")).to_have_count(0)
    page.reload()
    coloured(page)
    forget(page, address)
    page.get_by_label("Vividness").fill("1")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("astronaut.png is no longer kept here. Add it again")


def test_what_the_page_shows_is_held(visit, serve, grey, cat) -> None:
    address = serve(create_app(Settings(max_sessions=2)))
    page = visit(address)
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    coloured(page)
    other = httpx.post(f"{address}v1/sessions", content=grey.read_bytes())
    assert other.status_code == 507
    page.reload()
    expect(strip(page)).to_have_count(2)
    page.get_by_role("button", name="Close this photo").click()
    expect(strip(page)).to_have_count(0)
    assert httpx.post(f"{address}v1/sessions", content=grey.read_bytes()).status_code == 201


def test_two_browsers_at_once_each_keep_their_own(visit, grey, cat) -> None:
    pages = [visit(), visit()]
    for page, path in zip(pages, (grey, cat), strict=True):
        page.set_input_files("#files", path)
    for page, path in zip(pages, (grey, cat), strict=True):
        coloured(page)
        page.select_option("#format", "png")
        check_lightness(download(page).path(), path)


def test_a_token_is_asked_for_in_the_page_until_it_is_right(visit, serve, grey) -> None:
    page = visit(serve(create_app(Settings(token="secret"))), ready=False)
    form, field = page.locator("#token-wanted"), page.get_by_label("This server wants its token")
    expect(field).to_be_focused()
    expect(form).not_to_contain_text("not it")
    page.set_input_files("#files", grey)  # waits for it, too
    field.fill("wrong")
    page.get_by_role("button", name="Go on").click()
    expect(form).to_contain_text("That was not it.")
    field.fill("secret ")
    page.get_by_role("button", name="Go on").click()
    expect(form).to_be_hidden()
    coloured(page)
    expect(page.locator("#add-point")).to_be_visible()
    expect(page.locator(".message")).to_have_count(0)
    page.reload()
    coloured(page)
    expect(form).to_be_hidden()


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
    expect(page.locator(".message")).to_have_count(0)
