"""The page in a real browser: every way to save a photograph."""

import io
import json

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from PIL import Image
from playwright.sync_api import expect

from helpers.studio_page import chroma, coloured, download, opened, press
from photochrom.cli.main import main


@pytest.fixture
def saving(visit, grey):
    """A page with a photograph, and all ways to save it in sight; under its own policy."""
    page = visit()
    opened(page, grey)
    page.get_by_text("More ways to save").click()
    return page


def test_before_and_after_are_saved_as_one_picture(visit, saving) -> None:
    saved = download(saving, "Before and after")
    assert saved.name == "astronaut-before-after.jpg"
    with Image.open(saved) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert pixels.shape == (492, 320, 3)  # one below the other: it is wide
    assert chroma(pixels[:230]) < 3 < 10 < chroma(pixels[260:])


@pytest.mark.parametrize(
    ("browser", "name"),
    [("chromium", "gif"), ("chromium", "mp4"), ("firefox", "gif")],
    indirect=["browser"],
)
def test_a_clip_of_four_seconds_is_saved(saving, name) -> None:
    saving.get_by_label("Clip").select_option(name)
    saved = download(saving, "Save a clip")
    assert saved.name == f"astronaut-wipe.{name}"
    data = saved.read_bytes()
    assert data[:3] == b"GIF" if name == "gif" else data[4:8] == b"ftyp"


COPIED = """() => {
    const { clipboard } = navigator, write = clipboard.write.bind(clipboard);
    clipboard.write = async ([item]) => {
        await write([item]);
        window.copied = [...new Uint8Array(await (await item.getType("image/png")).arrayBuffer())];
    };
}"""
"""Lets a page say what it copied."""


@pytest.mark.browsers
def test_a_photograph_is_copied(visit, browser, grey) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    opened(page, grey)
    page.evaluate(COPIED)
    page.get_by_text("More ways to save").click()
    page.get_by_role("button", name="Copy").click()
    data = page.wait_for_function("() => window.copied").json_value()
    with Image.open(io.BytesIO(bytes(data))) as picture:
        assert picture.size == (320, 240)
        assert chroma(np.asarray(picture.convert("RGB")).astype(int)) > 10
    expect(page.locator(".message")).to_have_count(0)
    if browser == "chromium":  # without a window, Firefox has a clipboard of text alone
        types = page.evaluate("async () => (await navigator.clipboard.read())[0].types")
        assert types == ["image/png"]


def test_the_quality_of_a_jpeg_is_chosen(saving) -> None:
    sizes = []
    for quality in ("50", "100"):
        saving.get_by_label("Quality of a JPEG").fill(quality)
        sizes.append(len(download(saving).read_bytes()))
    assert 2 * sizes[0] < sizes[1]
    saving.select_option("#format", "png")
    expect(saving.get_by_label("Quality of a JPEG")).to_be_disabled()
    assert Axe().run(saving).response["violations"] == []


@pytest.mark.browsers
def test_the_project_is_one_that_the_command_takes(saving, grey, echo, tmp_path) -> None:
    press(saving)
    saving.get_by_label("Another colour").fill("#c02020")
    saving.get_by_label("Vividness").fill("0.8")
    coloured(saving)
    saving.select_option("#format", "png")
    wanted = download(saving)
    saving.get_by_text("More ways to save").click()  # which a point has closed
    project = download(saving, "Project")
    assert project.name == "astronaut-project.json"
    assert json.loads(project.read_text())["vividness"] == 0.8
    words = ["colorize", str(grey), "-m", str(echo), "--project", str(project)]
    result = CliRunner().invoke(main, [*words, "-o", str(tmp_path / "made.png")])
    assert result.exit_code == 0, result.output
    found, page = (
        np.asarray(Image.open(one).convert("RGB")).astype(int)
        for one in (tmp_path / "made.png", wanted)
    )
    assert np.abs(found - page).max() <= 1


def test_a_telephone_hands_the_photograph_on(visit, grey) -> None:
    page = visit(viewport={"width": 390, "height": 844})
    expect(page.locator("#share")).to_be_hidden()
    page.add_init_script(
        "navigator.canShare = () => true;"
        "navigator.share = async ({ files }) => { window.shared = files[0].name; };"
    )
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    opened(page, grey)
    page.get_by_text("More ways to save").click()
    page.get_by_role("button", name="Share").click()
    page.wait_for_function("() => window.shared === 'astronaut-colour.jpg'")
