"""The page in a real browser: films."""

import json
import re
import time
from urllib.parse import parse_qs

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from helpers.browsers import downloading
from helpers.films import cut_together, pan, photograph, read, write
from helpers.studio_page import (
    SPLIT,
    chroma,
    coloured,
    download,
    pin,
    recolouring,
    sending,
    shot,
)
from photochrom.image import READABLE
from photochrom.video import EXTENSIONS, project_file, reader
from photochrom.web.app import create_app
from photochrom.web.page import STATIC

FRAMES = 24


@pytest.fixture
def film(tmp_path):
    return write(tmp_path / "holiday.mp4", pan(photograph(), FRAMES), sound="aac")


def shown(page, film) -> None:
    page.set_input_files("#files", film)
    coloured(page)


def test_the_page_knows_films_by_the_endings_that_are_read() -> None:
    told = re.search(r"FILMS = /(.*)/i;", (STATIC / "kinds.js").read_text())
    assert all(re.search(told[1], f"holiday{ending}") for ending in EXTENSIONS)
    assert not any(re.search(told[1], f"photograph{ending}") for ending in READABLE)


@pytest.mark.browsers
def test_a_film_is_steered_by_a_frame_coloured_and_downloaded(page, film, tmp_path) -> None:
    shown(page, film)
    expect(page.locator("#facts")).to_have_text(
        re.compile(r"holiday\.mp4, 160 . 120 pixels, 2\.0 s\. What you see is one frame of it")
    )
    for tools in ("#variant-tools", "#save-photo", "#film-stop", "#film-download"):
        expect(page.locator(tools)).to_be_hidden()
    page.get_by_label("Vividness").fill("0.2")
    coloured(page)
    pin(page)
    expect(page.locator("#hints > li")).to_have_count(1)
    coloured(page)
    with sending(page, "/film", "hints=") as sent:
        page.get_by_role("button", name="Colour the film").click()
    assert "hints=%5B%5B80%2C60%2C" in sent[0]
    assert "%22thing%22%5D%5D" in sent[0]
    expect(page.locator("#film-status")).to_contain_text("Done, in")
    with downloading(page) as found:
        page.get_by_role("button", name="Save").click()
    assert found[0].name == "holiday-colour.mp4"
    assert read(found[0])[1] == read(film)[1]
    page.get_by_label("Vividness").fill("0.9")  # what is done is not what is wanted now
    expect(page.locator("#film-download")).to_be_hidden()
    expect(page.get_by_role("button", name="Colour the film")).to_be_visible()


def test_a_film_tells_how_far_it_is_can_be_stopped_and_outlives_a_reload(
    page, film, monkeypatch
) -> None:
    frames = reader.Film.frames

    def slowly(self, start=0):
        for frame in frames(self, start):
            time.sleep(0.1)
            yield frame

    monkeypatch.setattr(reader.Film, "frames", slowly)
    shown(page, film)
    page.locator("#film-format").select_option("mkv")
    page.get_by_role("button", name="Colour the film").click()
    expect(page.locator("#film-status")).to_contain_text("Colouring: ")
    expect(page.locator("#film-progress")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Colour the film")).to_be_visible()
    page.get_by_role("button", name="Colour the film").click()
    expect(page.locator("#film-status")).to_contain_text("Colouring: ")
    page.reload()
    expect(page.locator("#film-status")).to_contain_text("Colouring: ")
    expect(page.locator("#film-status")).to_contain_text("Done, in")
    with downloading(page) as found:
        page.get_by_role("button", name="Save").click()
    assert found[0].name == "holiday-colour.mkv"


def test_what_is_wrong_with_a_film_is_said(page, film, tmp_path) -> None:
    broken = tmp_path / "broken.avi"
    broken.write_bytes(b"no film at all")
    page.set_input_files("#files", broken)
    expect(page.get_by_role("alert")).to_contain_text("broken.avi: the file is not a film")
    shown(page, write(tmp_path / "pcm.mkv", pan(photograph(), 3), sound="pcm_u8"))
    page.locator("#film-format").select_option("mp4")
    page.get_by_role("button", name="Colour the film").click()
    expect(page.get_by_role("alert")).to_contain_text("(pcm_u8) do not fit")


def test_films_and_photographs_are_open_together(visit, serve, film, grey, cat) -> None:
    page = visit(serve(create_app()))  # another holds its films for a while
    page.set_input_files("#files", [film, grey, cat])
    expect(page.locator("#strip button")).to_have_count(3)
    coloured(page)
    expect(page.locator("#save-film")).to_be_visible()
    page.get_by_role("button", name="Show astronaut.png").click()
    expect(page.locator("#save-film")).to_be_hidden()
    expect(page.locator("#hint-tools")).to_be_visible()
    expect(page.get_by_role("button", name="Save all")).to_be_visible()
    page.get_by_role("button", name="Show cat.jpg").click()
    page.get_by_role("button", name="Close this photo").click()
    expect(page.get_by_role("button", name="Save all")).to_be_hidden()


def test_a_trial_plays_under_the_line_grey_and_coloured(visit, serve, tmp_path) -> None:
    page = visit(serve(create_app()))  # another holds its films for a while
    long = write(tmp_path / "long.mp4", pan(photograph(), 75))
    shown(page, long)
    page.get_by_role("button", name="Try 5 seconds").click()
    film = page.locator("#film")
    expect(film).to_be_visible(timeout=120_000)
    page.wait_for_function("() => document.getElementById('film').currentTime > 0.2")
    assert film.evaluate("(one) => one.duration") == pytest.approx(5, abs=0.2)
    expect(page.locator("#film-status")).to_contain_text("The piece is done")
    expect(page.locator("#film-download")).to_be_hidden()
    page.get_by_label(SPLIT).fill("50")
    film.evaluate("(one) => one.pause()")
    pixels = shot(page)
    half = pixels.shape[1] // 2
    assert chroma(pixels[:, : half - 10]) < 3 < 8 < chroma(pixels[:, half + 10 :])
    assert Axe().run(page).response["violations"] == []
    page.locator("#viewer").click(position={"x": 60, "y": 200})  # it asks for no colour
    expect(page.locator("#picker")).to_be_hidden()
    page.get_by_role("button", name="Play").click()
    expect(film).to_be_hidden()


def test_any_frame_is_chosen_for_colour_points(visit, serve, film) -> None:
    page = visit(serve(create_app()))  # another holds its films for a while
    shown(page, film)
    expect(page.locator("#film-frame-value")).to_have_text("0.7 s")
    before = shot(page)
    pin(page)
    expect(page.locator("#hints > li")).to_have_count(1)
    coloured(page)
    with recolouring(page):
        page.get_by_label("Frame for colour points").fill("1.8")
    assert np.abs(shot(page) - before).mean() > 5
    expect(page.locator("#hints > li")).to_have_count(0)
    expect(page.get_by_role("button", name="Try 5 seconds")).to_be_hidden()  # it is short
    page.reload()
    coloured(page)
    expect(page.locator("#film-frame-value")).to_have_text("1.8 s")


def test_shots_lead_to_their_frames_and_a_trial_begins_with_one(visit, serve, tmp_path) -> None:
    page = visit(serve(create_app()))  # another holds its films for a while
    names = ("astronaut", "chelsea", "coffee")
    shown(page, write(tmp_path / "three.mp4", cut_together(*names, count=36)))
    before = shot(page)
    page.get_by_role("button", name="Show the shots").click()
    shots = page.locator("#shots button")
    expect(shots).to_have_text(["1 · 00:00", "2 · 00:03", "3 · 00:06"], timeout=120_000)
    page.wait_for_function("() => document.querySelectorAll('#shots img')[2].naturalWidth === 160")
    with recolouring(page):
        shots.nth(1).click()
    assert np.abs(shot(page) - before).mean() > 5
    expect(shots.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(shots.nth(1)).to_be_focused()
    expect(page.locator("#film-frame-value")).to_have_text("4.5 s")
    assert Axe().run(page).response["violations"] == []
    with sending(page, "/film", "start=3&seconds=5"):
        page.get_by_role("button", name="Try 5 seconds").click()
    expect(page.locator("#film-status")).to_contain_text("The piece is done", timeout=120_000)


def test_a_contact_sheet_is_saved(visit, serve, film) -> None:
    page = visit(serve(create_app()))
    shown(page, film)
    page.get_by_label("every").fill("1")
    saved = download(page, "Contact sheet")
    assert saved.name == "holiday-sheet.jpg"
    with Image.open(saved) as sheet:
        assert sheet.width > 2 * 160
    expect(page.locator("#film-status")).to_contain_text("The contact sheet is done")
    expect(page.get_by_role("button", name="Play")).to_be_hidden()
    expect(page.get_by_role("button", name="Colour the film")).to_be_visible()


def test_things_get_other_colours_or_are_forgotten(visit, serve, tmp_path) -> None:
    page = visit(serve(create_app()))
    frames = [*cut_together("astronaut", "coffee", count=4), *pan(photograph(), 8)[4:]]
    shown(page, write(tmp_path / "back.mkv", frames))
    expect(page.locator("#things")).to_be_hidden()
    page.get_by_role("button", name="Colour the film").click()
    things = page.locator("#things-list li")
    expect(things.first).to_contain_text("in 2 shots", timeout=60_000)
    page.wait_for_function("() => document.querySelector('#things-list img').naturalWidth === 40")
    entry = things.first.get_by_title("Give this thing another colour")
    entry.press("Enter")
    expect(page.locator("#picker")).to_have_attribute("aria-label", "Colour of thing 1")
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(entry).to_be_focused()
    expect(page.locator("#picker")).to_be_hidden()
    entry.click()
    page.get_by_role("button", name="Uniform").click()
    page.get_by_role("button", name="Scarlet").click()
    expect(entry).to_have_text("Red, in 2 shots")
    things.nth(1).get_by_role("button", name="Forget").click()
    expect(things.nth(1).get_by_role("button", name="Forget")).to_have_attribute(
        "aria-pressed", "true"
    )
    with sending(page, "/film", "a3242f") as sent:
        page.get_by_role("button", name="Colour the film").click()
    chosen = json.loads(parse_qs(sent[0])["things"][0])
    assert [one[3] for one in chosen] == ["#a3242f", "none"]
    expect(page.locator("#film-status")).to_contain_text("Done, in", timeout=60_000)
    page.get_by_role("button", name="Undo").click()
    expect(things.nth(1).get_by_role("button", name="Forget")).to_have_attribute(
        "aria-pressed", "false"
    )
    page.get_by_role("button", name="Redo").click()
    saved = download(page, "Project")
    assert saved.name == "back-project.toml"
    given = project_file.read(saved)
    assert (len(given.shots), len(given.hints), len(given.forgotten)) == (3, 1, 1)
