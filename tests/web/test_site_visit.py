"""Visits of the site in a browser: the studio does there what it does with a server."""

import base64
import io
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image
from playwright.sync_api import expect

from helpers.browsers import PROGRAMS, downloading
from helpers.studio_page import (
    check_lightness,
    coloured,
    download,
    opened,
    press,
    recolouring,
    redness,
    shot,
)
from photochrom import Colorizer
from photochrom.color.spaces import samples_to_lightness, srgb_to_lab
from photochrom.inference import zoo
from photochrom.web import options, site
from photochrom.web.page import STATIC

pytestmark = [pytest.mark.network, pytest.mark.slow]  # ONNX Runtime Web is npm's
LONGEST = 60  # seconds to a first colour, on whatever machine, with whatever else it does
FIRST_VISIT = 30_000_000
"""Bytes that a first visit may load."""


@pytest.fixture(scope="module")
def public(tmp_path_factory, runtime):
    out = tmp_path_factory.mktemp("site") / "public"
    files = site.make(out, runtime=runtime)
    assert sum(path.stat().st_size for path in files) < FIRST_VISIT
    return out


@pytest.fixture(scope="module")
def vivid(public, served):
    """Where the site is, with the flagship."""
    return served(public)


@pytest.fixture(scope="module")
def where(tmp_path_factory, echo, runtime, served):
    """Where a site is whose model is small, and runs at once."""
    out = tmp_path_factory.mktemp("small") / "public"
    site.make(out, str(echo), runtime)
    return served(out)


@pytest.fixture
def page(where, browsers, browser):
    """A page of the site, which asks no other machine and meets no defect."""
    context = browsers.new_context(browser, viewport={"width": 1280, "height": 860})
    page, asked, errors = context.new_page(), [], []
    context.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(where)
    page.wait_for_selector("html[data-ready=yes]")
    yield page
    assert errors == []
    assert all(url.startswith(("http://127.0.0.1:", "blob:", "data:")) for url in asked), asked
    context.close()


@pytest.fixture
def portrait(tmp_path):
    """A photograph of the size that the model sees, so that nobody shrinks it."""
    path = tmp_path / "portrait.png"
    with Image.open(STATIC / "samples/dahlgren.jpg") as image:
        image.convert("L").crop((150, 60, 342, 348)).save(path)
    return path


ASKED = """async ([name, given, options]) => {
    const api = await import('./static/api.js');
    const bytes = Uint8Array.from(atob(given), (one) => one.charCodeAt(0));
    const { id } = await api.upload(new File([bytes], name, { type: "image/png" }));
    const found = [];
    for (const one of options) {
        const blob = await api.picture(id, { ...one, format: "png", jpeg_quality: "92" });
        const url = await new Promise((done) => {
            const reader = Object.assign(new FileReader(), { onload: () => done(reader.result) });
            reader.readAsDataURL(blob);
        });
        found.push(url.split(",")[1]);
    }
    return { found, doubts: await api.uncertainPoints(id, {}), mean: await api.doubt(id, {}),
             likely: await api.suggestions(id, 96, 100) };
}"""
CHOSEN = [
    {},
    {"vividness": 1, "strength": 0.4},
    {"vividness": 0.1},
    {"warmth": 0.6},
    {"palette": "autochrome", "warmth": -1},
    {"palette": "#a03020 20%, #2c4a7c 5%"},
    {"hints": [[96, 100, "#e0a080", "thing"], [20, 20, "#306080", "everything"]]},
    {"hints": [[100, 250, "#204080", "spot"]], "strokes": [["#a03020", 12, [[30, 40], [60, 200]]]]},
    {"size": 128},
]


def test_its_colours_are_those_of_python(page, vivid, portrait) -> None:
    page.goto(vivid)
    page.wait_for_selector("html[data-ready=yes]")
    given = [portrait.name, base64.b64encode(portrait.read_bytes()).decode(), CHOSEN]
    told = page.evaluate(ASKED, given)
    model, grey = Colorizer(threads=1), np.asarray(Image.open(portrait))
    alone = model.colorize(grey)
    for chosen, data in zip(CHOSEN, told["found"], strict=True):
        fields = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in chosen.items()
        }
        wanted = options.parse(fields, zoo.DEFAULT)
        hints = wanted.all_hints((192, 288))
        expected = model.colorize(grey, replace(wanted.for_colorize(), hints=hints))
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            found = np.asarray(image.convert("RGB"))
        labs = [srgb_to_lab(one / np.float32(255)) for one in (found, expected, alone)]
        shrunk = "size" in chosen  # where the browser shrinks in a way of its own
        assert np.abs(labs[0] - labs[1]).mean() < (1.0 if shrunk else 0.2), chosen
        assert chosen == {} or np.abs(labs[1] - labs[2]).mean() > 0.4, chosen
        assert np.abs(samples_to_lightness(found) - samples_to_lightness(grey)).mean() < 0.25
    uncertainty = model.uncertainty(grey)
    assert told["mean"] == pytest.approx(uncertainty.values.mean(), abs=0.2)
    for one, point in zip(told["doubts"], uncertainty.points, strict=True):
        assert (one["x"], one["y"]) == pytest.approx((point.x, point.y))
        assert one["uncertainty"] == pytest.approx(point.uncertainty, abs=0.3)
    assert len(told["likely"]) == len(model.suggest(grey, 96, 100))


@pytest.mark.browsers
def test_a_photograph_is_coloured_changed_and_saved(page, tmp_path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "A camera", 6
    with Image.open(STATIC / "samples/dahlgren.jpg") as image:
        image.convert("L").save(tmp_path / "grandpa.jpg", exif=exif, quality=95)
    with Image.open(tmp_path / "grandpa.jpg") as image:
        image.rotate(-90, expand=True).save(tmp_path / "upright.png")
    opened(page, tmp_path / "grandpa.jpg")
    expect(page.locator("#variants img")).to_have_count(5)
    expect(page.locator("#format option")).to_have_text(["JPEG", "PNG"])
    page.select_option("#format", "png")
    saved = download(page)
    assert saved.name == "grandpa-colour.png"
    check_lightness(saved, tmp_path / "upright.png")
    with Image.open(saved) as image:
        assert image.size == (495, 560)
        assert (image.getexif()[0x010F], image.getexif()[0x0112]) == ("A camera", 1)
    press(page, down=-30)
    expect(page.locator("#outline")).to_be_visible()
    with recolouring(page):
        page.locator("#picker .swatches button").nth(1).click()
    page.keyboard.press("Escape")
    with recolouring(page):
        page.get_by_role("button", name="Warmer").click()
    page.select_option("#format", "jpeg")
    with Image.open(download(page)) as image:
        assert (image.getexif()[0x010F], image.getexif()[0x0112]) == ("A camera", 1)
    with downloading(page) as found:
        page.evaluate("() => document.getElementById('save-project').click()")
    chosen = json.loads(found[0].read_text())
    assert chosen["warmth"] > 0
    assert chosen["hints"][0][3] == "thing"
    page.click("#more-ways summary")
    expect(page.locator("#save-copy")).to_be_visible()
    expect(page.locator("#clip")).to_be_hidden()


def test_doubts_are_shown_and_asked_for(page, portrait) -> None:
    opened(page, portrait)
    with recolouring(page):
        page.click("#uncertainty-shown")
    count = page.locator("#rings span").count()
    assert count > 2
    page.click("#tour")
    expect(page.locator("#picker")).to_contain_text(f"Question 1 of {count}")


def test_the_brush_paints_and_the_palette_changes_all(page, portrait) -> None:
    opened(page, portrait)
    coloured(page)
    before = redness(page)
    page.click("#brush-held")
    page.fill("#brush-colour", "#d02010")
    box = page.locator("#view").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 30, y)
    page.mouse.down()
    page.mouse.move(x + 30, y, steps=4)
    with recolouring(page):
        page.mouse.up()
    page.click("#brush-held")
    assert redness(page) > before + 8
    earlier = shot(page)
    with recolouring(page):
        page.select_option("#palette", "autochrome")
    assert np.abs(shot(page) - earlier).mean() > 1


def test_colours_are_borrowed(page, portrait, tmp_path) -> None:
    opened(page, portrait)
    astronaut = tmp_path / "astronaut.png"
    Image.fromarray(skimage.data.astronaut()).save(astronaut)
    with recolouring(page):
        page.set_input_files("#reference", astronaut)
    lent = page.evaluate("() => JSON.parse(localStorage['photochrom-choices'])")
    (base,) = [one["base"] for one in lent.values()]
    assert base["hints"] if "hints" in base else "%" in base["look"]["palette"]
    page.set_input_files("#reference", portrait)
    expect(page.locator("#messages")).to_contain_text("It has no colours to take")


def test_an_enlarged_photo_has_its_own_pixels(page, tmp_path) -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(60, 200, (1500, 2400), np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.png")
    opened(page, tmp_path / "large.png")
    for _ in range(6):
        page.click("#closer")
    expect(page.locator("#after-detail")).to_be_visible()
    assert page.evaluate("() => document.getElementById('after-detail').naturalWidth") < 1400


@pytest.mark.usefixtures("browsers")  # for the marker: the script drives its own
def test_a_visit_is_measured_in_each_browser(runtime, capsys) -> None:
    script = Path(__file__).parents[2] / "benchmarks/site.py"
    words = ["--runtime", runtime, "--photo", STATIC / "samples/dahlgren.jpg", "--bound", LONGEST]
    command = [sys.executable, script, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = done.stdout
    with capsys.disabled():
        sys.stdout.write(f"\n{said}")
    rows = re.findall(
        r"^\| (\w+) \| ([\d.]+) MB \| ([\d.]+) s \| ([\d.]+) s \|$", said, re.MULTILINE
    )
    there = [name for name, programs in PROGRAMS.items() if any(map(shutil.which, programs))]
    assert [name.lower() for name, *_ in rows] == there
    for _, loaded, *seconds in rows:
        assert float(loaded) * 1e6 < FIRST_VISIT, "what it loads, it loads once"
        assert min(map(float, seconds)) > 0


def test_what_it_cannot_open_is_for_a_command(page, tmp_path) -> None:
    Image.fromarray(np.zeros((9, 9), np.uint16)).save(tmp_path / "scan.tif")
    (tmp_path / "film.mp4").write_bytes(b"film")
    page.set_input_files("#files", [tmp_path / "scan.tif", tmp_path / "film.mp4"])
    sentence = "scan.tif, film.mp4: It cannot be opened in a browser; the command photochrom"
    expect(page.locator("#messages")).to_contain_text(sentence)
    expect(page.locator("#limits")).to_contain_text("16 bits")
    assert "video" not in page.locator("#files").get_attribute("accept")


def test_it_works_offline_and_in_another_language(page, portrait) -> None:
    opened(page, portrait)
    page.wait_for_function("() => navigator.serviceWorker.controller")
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    coloured(page)  # the photo is sent again, from this browser
    assert page.evaluate("crossOriginIsolated")
    page.get_by_label("Language").select_option("Deutsch")
    coloured(page)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#save-photo")).to_contain_text("Sichern")
    expect(page.locator("#limits")).to_contain_text("photochrom colorize")


def test_a_browser_offers_to_install_it(page) -> None:
    page.wait_for_function("() => navigator.serviceWorker.controller")
    chromium = page.context.new_cdp_session(page)
    assert chromium.send("Page.getAppManifest")["errors"] == []
    found = chromium.send("Page.getInstallabilityErrors")["installabilityErrors"]
    private = {"in-incognito"}  # as every page of a test is
    assert {one["errorId"] for one in found} <= private


def test_a_browser_without_simd_is_named(where, browsers, browser) -> None:
    page = browsers.new_context(browser).new_page()
    page.add_init_script("WebAssembly.validate = () => false;")
    page.goto(where)
    page.wait_for_selector("html[data-ready=yes]")
    expect(page.locator("#messages")).to_contain_text(
        "This browser has no WebAssembly SIMD; take a newer one, or the command photochrom colorize"
    )
    page.context.close()


def test_a_model_without_guides_shows_no_tools_for_them(
    tmp_path, runtime, served, browsers, browser, portrait
) -> None:
    site.make(tmp_path / "public", "beta", runtime)
    page = browsers.new_context(browser).new_page()
    page.goto(served(tmp_path / "public"))
    page.wait_for_selector("html[data-ready=yes]")
    opened(page, portrait)
    expect(page.locator("#hint-tools")).to_be_hidden()
    expect(page.locator("#variants")).to_be_hidden()
    expect(page.locator("#messages")).to_be_empty()
    page.context.close()
