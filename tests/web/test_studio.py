"""The page in a real browser: photographs come, are compared, closed and downloaded."""

import io
import re
import zipfile

import numpy as np
import pytest
import skimage.data
from PIL import Image
from playwright.sync_api import expect

from helpers.studio_page import (
    SPLIT,
    boxes,
    centre,
    check_lightness,
    chroma,
    coloured,
    download,
    drop,
    focused,
    opened,
    shot,
    strip,
)


@pytest.mark.parametrize(("kind", "ending"), [("png", "png"), ("jpeg", "jpg"), ("tiff", "tif")])
def test_a_photograph_is_coloured_and_downloaded(page, grey, kind, ending) -> None:
    opened(page, grey)
    page.select_option("#format", kind)
    saved = download(page)
    assert saved.name == f"astronaut-colour.{ending}"
    with Image.open(saved) as picture:
        assert (picture.format, picture.size) == (kind.upper(), (320, 240))
    check_lightness(saved, grey, 1.5 if kind == "jpeg" else 0.3)


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
    page.get_by_label("Detail, from").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#size-value")).to_have_text("smaller things")
    page.locator("#undo").click()
    expect(page.locator("#undo")).to_be_disabled()


def test_several_photographs_come_as_one_zip(page, grey, cat) -> None:
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    expect(page.locator("#facts")).to_contain_text("astronaut.png")
    with zipfile.ZipFile(download(page, "Save all (ZIP)")) as files:
        assert files.testzip() is None
        assert sorted(files.namelist()) == ["astronaut-colour.jpg", "cat-colour.jpg"]
        assert files.infolist()[0].date_time[0] > 2020
        check_lightness(io.BytesIO(files.read("cat-colour.jpg")), cat, 1.5)


def test_names_in_a_zip_have_no_separators_and_are_distinct(page, cat) -> None:
    files = [
        {"name": name, "mimeType": "image/jpeg", "buffer": cat.read_bytes()}
        for name in ("..\\up:1.jpg", "UP-1.jpg", "up-1.png")
    ]
    page.set_input_files("#files", files)
    expect(strip(page)).to_have_count(3)
    coloured(page)
    with zipfile.ZipFile(download(page, "Save all (ZIP)")) as files:
        wanted = ["UP-1-colour-2.jpg", "up-1-colour-3.jpg", "up-1-colour.jpg"]
        assert sorted(files.namelist()) == wanted


def test_a_zip_names_what_is_not_in_it(page, grey, cat) -> None:
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    first = page.evaluate("() => JSON.parse(sessionStorage['photochrom-open']).open[0].id")
    page.route(f"**/{first}/picture", lambda route: route.fulfill(status=500, json={}))
    with zipfile.ZipFile(download(page, "Save all (ZIP)")) as files:
        assert files.namelist() == ["cat-colour.jpg"]
    expect(page.get_by_role("alert")).to_contain_text("Not in the ZIP:\nastronaut.png: Something")


def test_photographs_are_chosen_and_closed_and_the_keyboard_stays(page, grey, cat) -> None:
    opened(page, grey, cat)
    expect(strip(page)).to_have_count(2)
    page.get_by_label("Show cat.jpg").focus()
    page.keyboard.press("Enter")
    coloured(page)
    expect(page.locator("#facts")).to_contain_text("cat.jpg")
    assert focused(page).startswith("Show cat.jpg")
    with page.expect_request(lambda request: request.method == "DELETE"):
        page.get_by_role("button", name="Close this photo").click()
    expect(page.locator("#facts")).to_contain_text("astronaut.png")
    assert focused(page) == "viewer"
    page.get_by_role("button", name="Close this photo").click()
    expect(page.locator("#welcome")).to_be_visible()
    assert focused(page) == "files"


def test_a_broken_file_shows_a_sentence_that_stays(page, grey, tmp_path) -> None:
    broken = tmp_path / f"{'letter' * 30}.jpg"
    broken.write_text("Dear grandmother")
    alert = page.get_by_role("alert")
    page.set_input_files("#files", broken)
    expect(alert).to_contain_text(f"{broken.name}: the file is not a picture; give JPEG")
    expect(page.locator("#studio")).to_be_hidden()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 1280
    opened(page, broken, grey)
    expect(alert).to_contain_text("not a picture")
    page.get_by_label("Close the message").click()
    expect(alert).to_have_count(0)


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


@pytest.mark.browsers
def test_a_photograph_that_has_colours_may_keep_them(page, tmp_path, grey) -> None:
    path = tmp_path / "colour.png"
    Image.fromarray(skimage.data.astronaut()[:240, :320]).save(path)
    opened(page, path)
    notice = page.locator("#own")
    expect(notice).to_contain_text("has colours already. Photochrom replaces them")
    page.get_by_role("button", name="Keep its colours").click()
    expect(notice).to_contain_text("keeps its own colours")
    coloured(page)
    wanted = np.asarray(Image.open(path).resize(shot(page).shape[1::-1])).astype(int)
    assert np.abs(shot(page) - wanted).mean() < 6
    saved = download(page)
    assert saved.name == "colour.png"
    assert saved.read_bytes() == path.read_bytes()
    page.reload()
    expect(notice).to_contain_text("keeps its own colours")
    assert download(page).read_bytes() == path.read_bytes()
    page.get_by_role("button", name="Colour it anew").click()
    expect(notice).to_contain_text("replaces them")
    page.set_input_files("#files", grey)
    strip(page).nth(1).click()
    expect(notice).to_be_hidden()


@pytest.fixture
def album(tmp_path, grey, cat):
    """A folder with a folder in it, and files that are not photographs."""
    inner = tmp_path / "album" / "1931"
    inner.mkdir(parents=True)
    cat.rename(inner / "cat 10.jpg")
    grey.rename(inner / "cat 9.png")
    for name in ("letter.txt", ".DS_Store", "list.csv"):
        (tmp_path / "album" / name).write_text("Dear grandmother")
    return tmp_path / "album"


def test_a_folder_is_chosen_and_what_is_no_photograph_is_named(page, album) -> None:
    page.set_input_files("#folder", album)
    expect(strip(page)).to_have_count(2)
    coloured(page)
    names = strip(page).evaluate_all("(all) => all.map((one) => one.title)")
    assert names == ["cat 9.png", "cat 10.jpg"]
    wanted = re.compile(
        r"Left out, as they are not photos or films: (letter.txt, list.csv|list.csv, letter.txt).$"
    )
    expect(page.get_by_role("alert")).to_have_text(wanted)


@pytest.mark.browsers
def test_a_folder_that_is_dropped_is_walked(page, album) -> None:
    drop_folder(page, {"a.jpg": album / "1931/cat 10.jpg", "b.txt": album / "letter.txt"}, 6)
    expect(strip(page)).to_have_count(6)
    expect(page.get_by_role("alert")).to_have_text(
        "Left out, as they are not photos or films: b.txt."
    )


def drop_folder(page, files, times) -> None:
    """Drop a folder in which the first file is so many times: browsers give some at a time."""
    page.evaluate(
        """([files, times]) => {
            const entry = ([name, bytes]) => ({
                isFile: true, fullPath: "/album/" + name,
                file: (done) => done(new File([new Uint8Array(bytes)], name)),
            });
            const [first, ...others] = Object.entries(files);
            const inside = [...Array(times).fill(first), ...others].map(entry);
            const folder = { isDirectory: true, createReader: () => ({
                readEntries: (done) => done(inside.splice(0, 4)),
            }) };
            const drop = new Event("drop", { bubbles: true, cancelable: true });
            drop.dataTransfer = { files: [], items: [{ webkitGetAsEntry: () => folder }] };
            document.querySelector("#card").dispatchEvent(drop);
        }""",
        [{name: list(path.read_bytes()) for name, path in files.items()}, times],
    )


def test_variants_come_unasked_and_follow_what_is_chosen(page, grey) -> None:
    opened(page, grey)
    pictures = page.locator("#variants button img")
    expect(pictures).to_have_count(5)
    before = pictures.evaluate_all("(all) => all.map((one) => one.src)")
    assert len(set(before)) == 5
    page.get_by_label("Vividness").fill("0")
    for at, source in enumerate(before):
        expect(pictures.nth(at)).not_to_have_attribute("src", source)
    expect(page.locator("#variants button").first).to_have_attribute("aria-pressed", "true")


def test_variants_are_whole_pictures_warmer_cooler_and_of_a_period(page, grey) -> None:
    opened(page, grey)
    variants = page.locator("#variants button")
    expect(variants).to_have_count(5)
    names = ["Automatic", "Calmer", "Warmer", "Cooler", "Hand-coloured"]
    assert variants.all_inner_texts() == names
    warmth = page.evaluate(
        """async () => {
            const found = [];
            for (const image of document.querySelectorAll("#variants img")) {
                await image.decode();
                const context = new OffscreenCanvas(32, 32).getContext("2d");
                context.drawImage(image, 0, 0, 32, 32);
                const { data } = context.getImageData(0, 0, 32, 32);
                const sums = [0, 0];
                for (let at = 0; at < data.length; at += 4) {
                    sums[0] += (data[at] - data[at + 2]) / 1024;
                    sums[1] += Math.abs(data[at] - data[at + 2]) / 1024;
                }
                found.push(sums);
            }
            return found;
        }"""
    )
    automatic, calmer, warmer, cooler, _ = warmth
    assert cooler[0] < automatic[0] < warmer[0]
    assert calmer[1] < 0.8 * automatic[1]
    variants.nth(2).click()
    coloured(page)
    expect(page.locator("#download")).to_be_enabled()
    expect(variants.nth(2)).to_have_attribute("aria-pressed", "true")


def test_an_upright_photograph_has_the_height_of_the_window(visit, tmp_path) -> None:
    path = tmp_path / "upright.png"
    Image.fromarray(skimage.data.astronaut()[:400, :300, 0]).save(path)
    page = visit(viewport={"width": 1280, "height": 800})
    opened(page, path)
    expect(page.locator("#variants button")).to_have_count(5)
    (box,) = boxes(page, "#view")
    assert box["height"] > 0.9 * 800
    assert box["width"] * box["height"] > 0.4 * 1280 * 800
    assert [one for one in boxes(page, "#variants button") if one["left"] < box["right"]] == []
    assert page.evaluate("() => document.documentElement.scrollHeight") <= 800


@pytest.mark.browsers
def test_the_first_colour_sweeps_across_where_motion_is_welcome(visit, grey) -> None:
    sweeps = "() => document.getAnimations().map((one) => one.effect.getTiming().duration)"
    for motion, wanted in (("no-preference", [900, 900]), ("reduce", [])):
        page = visit(reduced_motion=motion)
        page.evaluate(
            """() => {
                const animate = Element.prototype.animate;
                Element.prototype.animate = function (...given) {
                    const one = animate.apply(this, given);
                    one.pause();
                    return one;
                };
            }"""
        )
        opened(page, grey)
        assert page.evaluate(sweeps) == wanted
        if wanted:
            page.evaluate(
                "() => document.getAnimations().forEach((one) => { one.currentTime = 450; })"
            )
            pixels, half = shot(page), shot(page).shape[1] // 2
            assert chroma(pixels[:, : half // 3]) > 10
            assert chroma(pixels[:, -half // 3 :]) < 2
            page.evaluate("() => document.getAnimations().forEach((one) => one.finish())")
            expect(page.locator("#sweep")).to_be_hidden()
        assert chroma(shot(page)) > 10
        page.get_by_label("Vividness").fill("0.9")
        coloured(page)
        assert page.evaluate(sweeps) == []


def test_the_space_bar_shows_the_photograph_as_it_was(page, grey) -> None:
    opened(page, grey)
    page.locator("#viewer").focus()
    page.keyboard.down(" ")
    assert chroma(shot(page)) < 2
    page.keyboard.up(" ")
    assert chroma(shot(page)) > 10
    page.get_by_label("Vividness").focus()
    page.keyboard.down(" ")
    assert chroma(shot(page)) > 10


@pytest.mark.browsers
def test_a_photograph_that_is_held_is_shown_as_it_was_and_a_drag_moves_the_line(page, grey) -> None:
    opened(page, grey)
    x, y = centre(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_selector("#view.before")
    assert chroma(shot(page)) < 2
    page.mouse.up()
    assert chroma(shot(page)) > 10
    expect(page.locator("#picker")).to_be_hidden()  # it was no press
    page.mouse.down()
    page.mouse.move(x + 100, y, steps=4)
    page.mouse.up()
    half = shot(page).shape[1] // 2
    assert chroma(shot(page)[:, : half + 80]) < 2 < 10 < chroma(shot(page)[:, half + 120 :])
    expect(page.locator("#picker")).to_be_hidden()
    page.mouse.click(x - 100, y)
    expect(page.locator("#picker")).to_be_visible()
