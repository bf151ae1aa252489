"""The page in a real browser, on a telephone: everything is two taps away, and large enough."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from helpers.studio_page import boxes, chroma, opened, shot

REACHED = (
    ("Compare", ("#viewer", "#split")),
    ("Variants", ("#variants button", "#paired", "#undo", "#redo", "#closer", "#points-shown")),
    ("Colours", ("#vividness", "#size", "#add-point", "#brush-held", "#eraser-held")),
    ("Colours", ("#uncertainty-shown", "label[for=reference]", "#use-for-all")),
    ("Save", ("#download", "#format", "#download-all", "#jpeg-quality", "#save-pair")),
    ("Save", ("#save-copy", "#save-project", "#save-wipe", "#wipe-format")),
    ("Save", ("#add", "#add-folder", "#close")),
)


@pytest.fixture
def telephone(visit):
    return visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)


def test_everything_is_two_taps_away(telephone, grey, cat) -> None:
    opened(telephone, grey, cat)
    expect(telephone.locator("#variants button")).to_have_count(5)
    bar = telephone.get_by_label("Tools of this photo")
    top = bar.bounding_box()["y"]
    for name, places in REACHED:
        bar.get_by_role("button", name=name).tap()
        for place in places:
            box = boxes(telephone, place)[0]
            assert 0 <= box["y"] <= box["y"] + min(box["height"], 44) <= top, (name, place, box)
    assert Axe().run(telephone).response["violations"] == []


def test_every_target_is_at_least_44_pixels_high(telephone, grey, cat) -> None:
    opened(telephone, grey, cat)
    expect(telephone.locator("#variants button")).to_have_count(5)
    telephone.get_by_label("Tools of this photo").get_by_role("button", name="Save").tap()
    kinds = ":is(button, select, summary, .button, input[type=range])"
    found = boxes(telephone, f":is(#studio, #bar) {kinds}:not(#points *, #split)")
    assert len(found) > 20
    assert [one for one in found if min(one["width"], one["height"]) < 43.9] == []


def test_the_bar_compares(telephone, grey) -> None:
    opened(telephone, grey)
    compare = telephone.get_by_role("button", name="Compare")
    compare.tap()
    expect(compare).to_have_attribute("aria-pressed", "true")
    pixels = shot(telephone)
    half = pixels.shape[1] // 2
    assert chroma(pixels[:, : half - 10]) < 3 < 10 < chroma(pixels[:, half + 10 :])
    compare.tap()
    assert chroma(shot(telephone)[:, : half - 10]) > 10


def test_there_is_no_bar_on_a_wide_screen_or_without_a_photograph(visit, telephone, grey) -> None:
    expect(telephone.locator("#bar")).to_be_hidden()
    page = visit()
    opened(page, grey)
    expect(page.locator("#bar")).to_be_hidden()
