"""The page in a real browser, and its server: reloads, what is forgotten, tokens, waiting."""

import threading
import time

import httpx
import numpy as np
import pytest
import uvicorn
from playwright.sync_api import expect

from helpers.studio_page import check_lightness, coloured, download, opened, pin, shot, strip
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


@pytest.fixture
def restart(echo_as_vivid):
    """Start a server, and each time again a new one in its place; gives its address."""
    running, port = [], 0

    def stop() -> None:
        for server, thread in running:
            server.should_exit = True
            thread.join()
        running.clear()

    def start() -> str:
        nonlocal port
        stop()
        config = uvicorn.Config(create_app(), port=port, log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/"

    yield start
    stop()


@pytest.mark.browsers
def test_nothing_is_lost_when_the_server_is_started_again(visit, restart, grey, cat) -> None:
    page = visit(restart())
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    page.get_by_label("Show cat.jpg").click()
    page.get_by_label("Vividness").fill("0.2")
    pin(page)
    coloured(page)
    wanted = shot(page)
    page.goto("about:blank")  # which keeps it from asking meanwhile
    address = restart()
    page.goto(address)
    another = page.context.new_page()  # the server opens one, too
    another.goto(address)
    for tab in (page, another):
        expect(strip(tab)).to_have_count(2)
        coloured(tab)
        expect(tab.get_by_label("Vividness")).to_have_value("0.2")
        expect(tab.locator("#hints > li")).to_have_count(1)
        expect(tab.locator(".message")).to_have_count(0)
        expect(tab.locator("#facts")).to_contain_text("cat.jpg")
    assert np.abs(shot(page) - wanted).mean() < 0.1
    check_lightness(download(page), cat, 1.5)
    page.get_by_role("button", name="Close this photo").click()
    page.goto("about:blank")
    page.goto(restart())
    coloured(page)
    expect(page.locator("#facts")).to_contain_text("astronaut.png")


def test_without_a_place_to_keep_files_what_is_lost_is_named(visit, address, grey) -> None:
    page = visit(ready=False)
    none = "{ value: { open: () => { throw new Error('none') } } }"
    page.add_init_script(f"Object.defineProperty(window, 'indexedDB', {none})")
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    opened(page, grey)
    page.get_by_label("Vividness").fill("0.2")
    coloured(page)
    forget(page, address)
    page.reload()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("No longer kept here: astronaut.png. Add again")
    page.get_by_label("Close the message").click()
    opened(page, grey)
    expect(page.get_by_label("Vividness")).to_have_value("0.2")


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
    coloured(page)
    expect(page.get_by_role("alert")).to_have_count(0)


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
        check_lightness(download(page), path)


@pytest.mark.browsers
def test_a_token_is_asked_for_in_the_page_until_it_is_right(visit, serve, grey) -> None:
    page = visit(serve(create_app(Settings(token="secret"))), ready=False)
    form, field = page.locator("#token-wanted"), page.get_by_label("This server wants its token")
    expect(field).to_be_focused()
    expect(form).not_to_contain_text("not it")
    page.set_input_files("#files", grey)  # waits for it, too
    expect(page.locator("#workspace #token-wanted")).to_be_visible()  # it makes room for the photo
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
