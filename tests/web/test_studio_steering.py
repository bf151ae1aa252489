"""The page in a real browser: colour points, variants, borrowed colours, zoom and regions."""

import re

import numpy as np
import pytest
import skimage.data
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from helpers.studio_page import (
    SPLIT,
    centre,
    coloured,
    download,
    drop,
    focused,
    opened,
    pin,
    press,
    recolouring,
    redness,
    shot,
)

HINTS = "#hints > li"
SWATCHES = ".swatches button"


@pytest.fixture
def colour(tmp_path):
    path = tmp_path / "colour.png"
    Image.fromarray(skimage.data.astronaut()[:240, :320]).save(path)
    return path


@pytest.fixture
def large(tmp_path):
    """A grey photograph, larger than its preview: a chequerboard of single pixels."""
    side = np.arange(3000)
    pixels = 90 + 80 * ((side[None] + side[:2000, None]) % 2)
    Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "large.png")
    return tmp_path / "large.png"


def chosen(page) -> list:
    """The colour points of the photo in the viewer, as they are stored."""
    kept = page.evaluate("() => JSON.parse(sessionStorage.getItem('photochrom-choices'))")
    return next(iter(kept.values()))["hints"]


def scale(page) -> float:
    return page.evaluate(
        "() => new DOMMatrix(getComputedStyle(document.getElementById('view')).transform).a"
    )


def test_doubts_are_shown_in_red_and_not_downloaded(page, grey) -> None:
    opened(page, grey)
    colours, saved = shot(page), np.asarray(Image.open(download(page)))
    doubts = page.get_by_role("button", name="Where is it unsure?")
    doubts.click()
    coloured(page)
    expect(doubts).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("() => !document.getElementById('busy').textContent")
    rings = page.locator("#rings span")
    assert 1 <= rings.count() <= 5
    red = shot(page)
    assert (red[..., 0] - red[..., 2]).mean() > (colours[..., 0] - colours[..., 2]).mean() + 5
    assert (np.asarray(Image.open(download(page))) == saved).all()
    doubts.click()
    coloured(page)
    expect(doubts).to_have_attribute("aria-pressed", "false")
    expect(rings).to_have_count(0)
    assert np.abs(shot(page) - colours).mean() < 1


def center(page, selector: str) -> list[float]:
    """Give where the first such element is, once it is shown."""
    script = """selector => {
        const box = document.querySelector(selector)?.getBoundingClientRect();
        return box?.width && [box.x + box.width / 2, box.y + box.height / 2];
    }"""
    return page.wait_for_function(script, arg=selector).json_value()


def test_a_point_is_asked_for_at_the_first_ring(page, grey) -> None:
    opened(page, grey)
    page.get_by_role("button", name="Where is it unsure?").click()
    ring = center(page, "#rings span")
    page.get_by_role("button", name="Add a colour point").click()
    assert np.abs(np.subtract(ring, center(page, "#points .asked"))).max() < 3


@pytest.mark.browsers
def test_a_click_asks_and_changes_nothing(page, grey) -> None:
    opened(page, grey)
    expect(page.locator("#variants button")).to_have_count(5)
    before, asked = shot(page), []
    page.on("request", lambda one: asked.append(one) if "preview" in one.url else None)
    press(page)
    expect(page.locator(SWATCHES)).not_to_have_count(1)
    expect(page.locator(HINTS)).to_have_count(0)
    expect(page.locator("#undo")).to_be_disabled()
    assert np.abs(shot(page) - before).mean() < 0.01  # pixels at seams of what lay over it
    assert asked == []
    page.keyboard.press("Escape")
    expect(page.locator("#picker")).to_be_hidden()
    expect(page.locator("#points button")).to_have_count(0)
    assert focused(page) == "viewer"
    for right, selector in ((120, None), (0, "h1")):
        press(page)
        page.locator(selector).click() if selector else page.mouse.click(*beside(page, right))
        expect(page.locator("#picker")).to_be_hidden()
    assert np.abs(shot(page) - before).mean() < 0.01  # pixels at seams of what lay over it


def beside(page, right) -> tuple[float, float]:
    x, y = centre(page)
    return x + right, y - 60


@pytest.mark.browsers
def test_as_it_is_pins_the_colour_that_is_shown(page, grey) -> None:
    opened(page, grey)
    before = middle(page)
    press(page)
    first = page.locator(SWATCHES).first
    expect(first).to_have_text("As it is")
    expect(page.locator(SWATCHES)).not_to_have_count(1)  # it is drawn anew with likely ones
    shown = first.evaluate("(one) => getComputedStyle(one).getPropertyValue('--colour')")
    first.click()
    coloured(page)
    x, y, colour, far = chosen(page)[0]
    assert ((x, y), colour, far) == ((160, 120), shown, "thing")
    assert np.abs(middle(page) - before).max() < 5


def middle(page):
    """The colour in the middle of the photo, (3,)."""
    pixels = shot(page)
    row, column = (side // 2 for side in pixels.shape[:2])
    return pixels[row - 4 : row + 4, column - 4 : column + 4].mean(axis=(0, 1))


def test_a_colour_is_tried_under_the_pointer_and_set_by_a_press(page, grey) -> None:
    opened(page, grey)
    before = shot(page)
    press(page)
    swatch = page.locator(SWATCHES).last
    expect(page.locator(SWATCHES)).not_to_have_count(1)
    with recolouring(page):
        swatch.hover()
    tried = shot(page)
    assert np.abs(tried - before).mean() > 0.5
    expect(page.locator(HINTS)).to_have_count(0)
    with recolouring(page):
        page.mouse.move(5, 5)
    assert np.abs(shot(page) - before).mean() < 0.01  # pixels at seams of what lay over it
    with recolouring(page):
        swatch.click()
    expect(page.locator(HINTS)).to_have_count(1)
    expect(page.locator("#picker")).to_be_hidden()
    assert np.abs(shot(page) - tried).mean() < 0.5


@pytest.mark.browsers
def test_a_double_click_makes_one_point(page, grey) -> None:
    opened(page, grey)
    page.mouse.dblclick(*centre(page))
    expect(page.locator("#picker")).to_be_visible()
    expect(page.locator("#points button")).to_have_count(1)
    page.get_by_role("button", name="As it is").dblclick()
    expect(page.locator(HINTS)).to_have_count(1)


def test_a_point_takes_a_colour_and_gives_it_back(page, grey) -> None:
    opened(page, grey)
    pin(page)
    coloured(page)
    before = redness(page)
    page.locator("#hints").get_by_label("Colour of point 1").fill("#d01020")
    coloured(page)
    assert redness(page) > before + 10
    page.get_by_role("button", name="Colour point 1", exact=True).click()
    page.locator(SWATCHES).nth(1).click()
    coloured(page)
    assert redness(page) < before + 5
    for _ in range(3):
        page.keyboard.press("Control+z")
    expect(page.locator(HINTS)).to_have_count(0)
    expect(page.locator("#picker")).to_be_hidden()
    page.keyboard.press("Control+Shift+z")
    expect(page.locator(HINTS)).to_have_count(1)
    page.get_by_role("button", name="Remove point 1").click()
    expect(page.locator(HINTS)).to_have_count(0)
    assert focused(page) == "add-point"


def test_a_point_is_dragged_moved_by_keys_and_deleted(page, grey) -> None:
    opened(page, grey)
    pin(page)
    x, y = centre(page, "#points button")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y + 50, steps=3)
    page.mouse.up()
    moved = chosen(page)[0]
    assert moved[0] > 180
    assert moved[1] > 130
    page.locator("#points button").focus()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    assert chosen(page)[0][1] == pytest.approx(moved[1] - 9.6, abs=0.1)
    page.keyboard.press("Control+z")
    assert chosen(page)[0] == moved
    page.locator("#points button").focus()
    page.keyboard.press("Delete")
    expect(page.locator(HINTS)).to_have_count(0)
    assert focused(page) == "viewer"


def test_only_the_first_button_asks_and_points_can_be_hidden(page, grey) -> None:
    opened(page, grey)
    for button in ("right", "middle"):
        page.mouse.click(*centre(page), button=button)
    expect(page.locator("#picker")).to_be_hidden()
    pin(page)
    expect(page.locator(HINTS)).to_have_count(1)
    page.get_by_role("button", name="Points").click()
    expect(page.locator("#points button")).to_be_hidden()
    page.get_by_role("button", name="Points").click()
    expect(page.locator("#points button")).to_be_visible()


def test_a_picker_is_a_sheet_on_a_phone_and_never_over_its_point(visit, grey) -> None:
    page = visit(viewport={"width": 390, "height": 600}, has_touch=True)
    opened(page, grey)
    for number, (right, down) in enumerate(((-180, -120), (180, 120))):
        x, y = centre(page)
        page.touchscreen.tap(x + right, y + down)
        page.locator(SWATCHES).first.tap()
        coloured(page)
        box = page.locator("#picker").bounding_box()
        assert (box["x"], box["width"]) == (0, 390)
        assert box["y"] + box["height"] == 600
        point = page.locator("#points button").nth(number).bounding_box()
        assert 0 <= point["y"] <= point["y"] + point["height"] <= box["y"]
        page.get_by_role("button", name="Done").click()
    expect(page.locator(HINTS)).to_have_count(2)


def box(page, selector) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of an element."""
    found = page.locator(selector).bounding_box()
    x, y = found["x"], found["y"]
    return x, y, x + found["width"], y + found["height"]


def test_a_picker_lies_beside_the_photograph_and_closes_without_a_colour(page, grey) -> None:
    opened(page, grey)
    for right in (-300, 0, 300):
        press(page, right)
        left, top, _, bottom = box(page, "#picker")
        assert left >= box(page, "#viewer")[2]
        assert top >= 0
        assert bottom <= 860
        assert page.evaluate("() => document.documentElement.scrollHeight") <= 860
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#picker")).to_be_hidden()
    expect(page.locator(HINTS)).to_have_count(0)


def test_families_have_named_colours_and_those_used_lately_come_back(page, grey) -> None:
    opened(page, grey)
    press(page)
    expect(page.get_by_role("button", name="Recent")).to_have_count(0)
    for family in ("Skin", "Hair", "Wood", "Sky", "Grass", "Brick", "Uniform"):
        page.get_by_role("button", name=family, exact=True).click()
        expect(page.locator(SWATCHES)).to_have_count(6)
    page.get_by_role("button", name="Navy", exact=True).click()
    expect(page.locator(HINTS)).to_have_count(1)
    assert chosen(page)[0][2] == "#262f4e"
    page.reload()
    coloured(page)
    press(page, 100, 50)
    page.get_by_role("button", name="Recent", exact=True).click()
    expect(page.locator(SWATCHES)).to_have_text(["Navy"])
    assert Axe().run(page).response["violations"] == []
    page.locator(SWATCHES).click()
    expect(page.locator(HINTS)).to_have_count(2)


def test_likely_colours_have_names(page, grey) -> None:
    opened(page, grey)
    press(page)
    expect(page.locator(SWATCHES)).not_to_have_count(1)
    names = page.locator(SWATCHES).all_inner_texts()
    assert names[0] == "As it is"
    assert [name for name in names[1:] if not re.fullmatch("[A-Z][a-z]+( [a-z]+)?", name)] == []


def test_a_colour_is_taken_from_the_photograph(page, grey) -> None:
    opened(page, grey)
    press(page, 60, 40)
    page.get_by_role("button", name="Take from the photo").click()
    expect(page.locator("#picker")).to_contain_text("Click the photo where the colour is right.")
    x, y = centre(page)
    page.mouse.click(x - 200, y + 100)
    expect(page.locator(HINTS)).to_have_count(1)
    (point,) = chosen(page)
    where = shot(page)
    rows, columns = (side // 2 for side in where.shape[:2])
    there = where[rows + 96 : rows + 104, columns - 204 : columns - 196].mean(axis=(0, 1))
    taken = [int(point[2][at : at + 2], 16) for at in (1, 3, 5)]
    assert point[0] > 160  # it stays where it was set
    assert np.abs(there - taken).max() < 20


def test_a_variant_lies_below_ones_own_points(page, grey) -> None:
    opened(page, grey)
    press(page)
    page.get_by_label("Another colour").fill("#d01020")
    coloured(page)
    red = redness(page)
    variants = page.locator("#variants button")
    expect(variants).to_have_count(5)
    automatic, second = variants.nth(0), variants.nth(1)
    expect(automatic).to_have_text("Automatic")
    names = variants.all_inner_texts()
    assert len(set(names)) == 5
    name = names[1]
    second.click()
    coloured(page)
    expect(page.locator(HINTS)).to_have_count(2)
    expect(page.locator("#points button")).to_have_count(1)
    expect(page.locator(HINTS).first).to_contain_text(name)
    assert redness(page) > red - 5
    expect(second).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Control+z")
    expect(automatic).to_have_attribute("aria-pressed", "true")
    expect(second).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Control+Shift+z")
    page.get_by_role("button", name=f"Remove: {name}").click()
    expect(automatic).to_have_attribute("aria-pressed", "true")
    expect(page.locator(HINTS)).to_have_count(1)


def test_download_stays_at_hand_however_many_variants_there_are(visit, grey) -> None:
    page = visit(viewport={"width": 1280, "height": 720})
    opened(page, grey)
    expect(page.locator("#variants button")).to_have_count(5)
    download = page.get_by_role("button", name="Save", exact=True)
    expect(download).to_be_in_viewport(ratio=1)
    for name in ("Borrow colours from another photo", "Close this photo"):
        page.get_by_text(name, exact=True).scroll_into_view_if_needed()
        expect(download).to_be_in_viewport(ratio=1)


@pytest.mark.browsers
def test_another_picture_lends_its_colours(page, grey, colour) -> None:
    opened(page, grey)
    page.set_input_files("#reference", grey)
    expect(page.get_by_role("alert")).to_contain_text("no colours to take")
    pin(page)
    expect(page.locator(HINTS)).to_have_count(1)
    drop(page, "#variant-tools label", colour)
    expect(page.locator(HINTS)).to_have_count(2)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator(HINTS).first).to_contain_text("Colours of colour.png")
    expect(page.locator("#points button")).to_have_count(1)
    expect(page.locator("#strip button")).to_have_count(0)
    coloured(page)
    whole = shot(page)
    page.get_by_label("How much of the borrowed colours").fill("0.2")
    expect(page.locator("#borrow-value")).to_have_text("20 %")
    coloured(page)
    assert np.abs(shot(page) - whole).mean() > 1
    page.locator("#undo").click()
    expect(page.locator("#borrow-value")).to_have_text("100 %")
    page.get_by_role("button", name="Remove: Colours of colour.png").click()
    expect(page.locator(HINTS)).to_have_count(1)


@pytest.mark.browsers
def test_a_picture_with_little_in_common_lends_its_palette_and_says_so(page, grey, colour) -> None:
    opened(page, grey)
    little = {"hints": [], "own": [], "share": 0.12, "palette": "#a03020 20%, #2c4a7c 5%"}
    page.route("**/reference", lambda route: route.fulfill(json=little))
    page.set_input_files("#reference", colour)
    said = "Only 12 % of this photo looks like something in the other one."
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.locator("#borrowed")).to_be_hidden()
    expect(page.locator(HINTS)).to_contain_text("Colours of colour.png")
    coloured(page)
    page.unroute("**/reference")
    broken = {"name": "a.jpg", "mimeType": "", "buffer": b"Dear grandmother"}
    page.set_input_files("#reference", broken)
    expect(page.get_by_role("alert")).to_have_text(
        re.compile("^The other photo: the file is not a picture")
    )


def test_the_wheel_zooms_about_the_pointer_and_nothing_is_lost(page, grey) -> None:
    opened(page, grey)
    x, y = centre(page)
    before = page.locator("#view").bounding_box()
    page.mouse.move(x + 200, y - 100)
    page.mouse.wheel(0, -400)
    expect(page.locator("#farther")).to_be_enabled()
    after = page.locator("#view").bounding_box()
    for side, length, pointer in (("x", "width", x + 200), ("y", "height", y - 100)):
        share = [(pointer - box[side]) / box[length] for box in (before, after)]
        assert share[0] == pytest.approx(share[1], abs=0.01)
    page.mouse.down()
    page.mouse.move(x + 5000, y + 5000, steps=3)
    page.mouse.up()
    stage, view = (page.locator(one).bounding_box() for one in ("#viewer", "#view"))
    assert view["x"] <= stage["x"] + 1
    assert view["y"] <= stage["y"] + 1
    page.mouse.wheel(0, -20_000)
    assert scale(page) < 20
    page.get_by_role("button", name="Fit").click()
    assert page.locator("#view").bounding_box() == before
    for _ in range(2):
        page.get_by_label("Larger").click()
    page.get_by_label("Smaller").click()
    assert scale(page) == pytest.approx(1.25)
    expect(page.locator(HINTS)).to_have_count(0)


def test_two_fingers_zoom_and_one_scrolls_the_page(visit, grey) -> None:
    page = visit(viewport={"width": 390, "height": 500}, has_touch=True, is_mobile=True)
    opened(page, grey)
    fingers = page.context.new_cdp_session(page)
    x, y = centre(page)

    def touch(kind, *points) -> None:
        given = [{"x": right, "y": down, "id": at} for at, (right, down) in enumerate(points)]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": given})

    def swipe(*steps) -> None:
        touch("touchStart", steps[0])
        for step in steps[1:]:
            touch("touchMove", step)
        touch("touchEnd")

    swipe(*((x, y + 60 - 15 * step) for step in range(9)))
    page.wait_for_function("() => scrollY > 20")
    page.evaluate("() => scrollTo(0, 0)")
    x, y = centre(page)
    touch("touchStart", (x - 30, y))
    touch("touchStart", (x - 30, y), (x + 30, y))
    for step in range(1, 5):
        touch("touchMove", (x - 30 - 15 * step, y), (x + 30 + 15 * step, y))
    touch("touchEnd")
    assert scale(page) == pytest.approx(3, abs=0.2)
    before = page.locator("#view").bounding_box()["x"]
    swipe((x, y), (x + 20, y), (x + 60, y))
    assert page.locator("#view").bounding_box()["x"] == pytest.approx(before + 60, abs=1)
    expect(page.locator(HINTS)).to_have_count(0)


def test_enlarged_it_shows_the_pixels_of_the_original(page, large) -> None:
    opened(page, large)
    page.get_by_label(SPLIT).fill("50")
    expect(page.locator("#after-detail")).to_be_hidden()
    for _ in range(6):
        page.get_by_label("Larger").click()
    for side in ("before", "after"):
        expect(page.locator(f"#{side}-detail")).to_be_visible(timeout=10_000)
    crisp, dull = (
        shot(page, "#viewer", also).mean(axis=2)[100:300, -300:-100].std()
        for also in ("", "#after-detail, ")
    )
    assert crisp > 2 * dull
    page.get_by_role("button", name="Fit").click()
    expect(page.locator("#after-detail")).to_be_hidden()


@pytest.mark.browsers
def test_a_point_reaches_its_thing_and_shows_it_before_it_is_set(page, grey) -> None:
    opened(page, grey)
    plain = shot(page)
    press(page, 60, 40)
    outline = page.locator("#outline")
    expect(page.get_by_label("This thing")).to_be_checked()
    expect(outline).to_be_visible()
    page.get_by_text("Everything like it").click()
    expect(outline).to_be_hidden()
    page.get_by_text("This spot").click()
    expect(outline).to_be_visible()
    expect(page.locator(HINTS)).to_have_count(0)
    page.get_by_label("Another colour").fill("#c02020")
    expect(page.locator(HINTS)).to_have_count(1)
    coloured(page)
    page.keyboard.press("Escape")
    expect(outline).to_be_hidden()
    rows, columns = (side // 2 for side in plain.shape[:2])
    changed = np.abs(shot(page) - plain).mean(axis=2)
    assert changed[rows + 36 : rows + 44, columns + 56 : columns + 64].mean() > 5
    assert changed[: rows - 80].mean() < 1
    kept = page.evaluate("() => Object.values(JSON.parse(sessionStorage['photochrom-choices']))[0]")
    assert kept["hints"][0][3] == "spot"
    page.get_by_role("button", name="Colour point 1", exact=True).click()
    expect(page.get_by_label("This spot")).to_be_checked()


def test_where_it_is_unsure_is_asked_one_question_after_the_other(page, grey) -> None:
    opened(page, grey)
    page.get_by_role("button", name="Where is it unsure?").click()
    center(page, "#rings span")
    coloured(page)
    expect(page.locator(".legend")).to_be_visible()
    colours = shot(page)
    begin = page.locator("#tour")
    count = page.locator("#rings span").count()
    expect(begin).to_have_text(f"Answer {count} questions")
    assert Axe().run(page).response["violations"] == []
    begin.click()
    picker = page.locator("#picker")
    for number in range(1, count + 1):
        expect(picker).to_contain_text(f"Question {number} of {count}: what colour is this?")
        expect(page.locator(SWATCHES)).not_to_have_count(1)
        if number == 1:
            assert Axe().run(page).response["violations"] == []
            page.locator(SWATCHES).nth(1).click()
        else:
            page.get_by_role("button", name="Next").click()
    expect(picker).to_be_hidden()
    expect(begin).to_be_focused()
    expect(page.locator(HINTS)).to_have_count(1)
    assert colours.shape == shot(page).shape
    begin.click()
    expect(picker).to_contain_text("Question 1 of")
    page.keyboard.press("Escape")
    expect(picker).to_be_hidden()
    expect(page.locator(HINTS)).to_have_count(1)
