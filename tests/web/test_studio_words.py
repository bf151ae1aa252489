"""The page's words: four languages, and none outside their files."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from helpers import page_words
from helpers.studio_page import boxes, coloured, opened, press
from photochrom.web.page import STATIC

LANGUAGES = ("de", "fr", "es")


def read(language) -> dict[str, str]:
    return json.loads((STATIC / f"words/{language}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_in_every_language(language) -> None:
    found, wanted = read(language), page_words.of_the_page() | page_words.of_the_code()
    assert wanted - set(found) == set()
    assert set(found) - wanted == set()
    for english, other in found.items():
        places = [sorted(re.findall(r"{\w+}", one)) for one in (english, other)]
        assert places[0] == places[1], english
        assert other.strip(), english


@pytest.mark.parametrize(
    "path", page_words.MODULES, ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_no_sentence_is_outside_the_files(path) -> None:
    keys = {"Escape", "Delete", "Backspace", "Bearer"}
    if path.name == "words.js":
        keys |= {"English", "Deutsch"}
    assert set(page_words.outside(path.read_text(encoding="utf-8"))) <= keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_colours_of_a_family_have_names_of_their_own(language) -> None:
    words, text = read(language), (STATIC / "colours.js").read_text(encoding="utf-8")
    families = re.findall(r"\]: {(.+?)}", text)
    families.append(text[text.index("const NAMES") :])
    for family in families:
        names = re.findall(r't\("([^"]+)"\)', family)
        assert len({words[name] for name in names}) == len(set(names)), family


@pytest.mark.browsers
def test_the_page_speaks_the_browsers_language_and_another_that_is_chosen(visit, grey) -> None:
    page = visit(locale="de-AT")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#welcome-title")).to_have_text("Ein Schwarz-Weiß-Foto hinzufügen")
    opened(page, grey)
    press(page)
    expect(page.locator("#picker")).to_contain_text("Welche Farbe ist das?")
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Sprache").select_option("Español")
    coloured(page)
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("button", name="Guardar", exact=True)).to_be_visible()
    expect(page.locator("#facts")).to_contain_text("Se guarda a tamaño completo.")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("locale", LANGUAGES)
def test_longer_words_fit(visit, grey, cat, locale, width) -> None:
    page = visit(viewport={"width": width, "height": 844}, locale=locale)
    opened(page, grey, cat)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    (panel,) = boxes(page, "#controls")
    found = boxes(page, "#controls :is(button, .button, select)")
    assert [one for one in found if one["right"] > panel["right"] + 1] == []


def test_a_language_that_is_not_there_is_english(visit) -> None:
    page = visit(locale="ja-JP")
    expect(page.locator("html")).to_have_attribute("lang", "en")
