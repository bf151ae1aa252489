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
    page = visit(bypass_csp=False)
    opened(page, grey)
    page.get_by_text("More ways to save").click()
    return page


def test_before_and_after_are_saved_as_one_picture(visit, saving) -> None:
    saved = download(saving, "Before and after")
    assert saved.suggested_filename == "astronaut-before-after.jpg"
    with Image.open(saved.path()) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert pixels.shape == (492, 320, 3)  # one below the other: it is wide
    assert chroma(pixels[:230]) < 3 < 10 < chroma(pixels[260:])


@pytest.mark.parametrize("name", ["gif", "mp4"])
def test_a_clip_of_four_seconds_is_saved(saving, name) -> None:
    saving.get_by_label("Clip").select_option(name)
    saved = download(saving, "Save a clip")
    assert saved.suggested_filename == f"astronaut-wipe.{name}"
    data = saved.path().read_bytes()
    assert data[:3] == b"GIF" if name == "gif" else data[4:8] == b"ftyp"


def test_a_photograph_is_copied(visit, grey) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    opened(page, grey)
    page.get_by_text("More ways to save").click()
    page.get_by_role("button", name="Copy").click()
    page.wait_for_timeout(500)
    read = """async () => {
        const [item] = await navigator.clipboard.read();
        return [...new Uint8Array(await (await item.getType("image/png")).arrayBuffer())];
    }"""
    with Image.open(io.BytesIO(bytes(page.evaluate(read)))) as picture:
        assert picture.size == (320, 240)
        assert chroma(np.asarray(picture.convert("RGB")).astype(int)) > 10
    expect(page.locator(".message")).to_have_count(0)


def test_the_quality_of_a_jpeg_is_chosen(saving) -> None:
    sizes = []
    for quality in ("50", "100"):
        saving.get_by_label("Quality of a JPEG").fill(quality)
        sizes.append(len(download(saving).path().read_bytes()))
    assert 2 * sizes[0] < sizes[1]
    saving.select_option("#format", "png")
    expect(saving.get_by_label("Quality of a JPEG")).to_be_disabled()
    assert Axe().run(saving).response["violations"] == []


def test_the_project_is_one_that_the_command_takes(saving, grey, echo, tmp_path) -> None:
    press(saving)
    saving.get_by_label("Another colour").fill("#c02020")
    saving.get_by_label("Vividness").fill("0.8")
    coloured(saving)
    saving.select_option("#format", "png")
    wanted = download(saving).path()
    saved = download(saving, "Project")
    assert saved.suggested_filename == "astronaut-project.json"
    project = tmp_path / "project.json"
    saved.save_as(project)
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
