"""The sentences of the studio's page, as its files have them."""

import re
from html.parser import HTMLParser

from photochrom.web.page import STATIC

SAME = {"Photochrom", "JPEG", "PNG", "TIFF", "MP4", "MOV", "MKV", "GIF"}
"""What is the same in every language."""
MODULES = [*sorted(STATIC.glob("*.js")), STATIC.parent / "offline/api.js"]
"""Those that say something, that of the engine in the browser, too."""
_ATTRIBUTES = ("aria-label", "title", "alt", "aria-valuetext")
_CALL = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')


class _Sentences(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in _ATTRIBUTES and value:
                self.found.add(" ".join(value.split()))

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if re.search("[A-Za-z]{2}", text):
            self.found.add(text)


def of_the_page() -> set[str]:
    """Give what the HTML says."""
    parser = _Sentences()
    parser.feed((STATIC / "index.html").read_text(encoding="utf-8"))
    return parser.found - SAME


def of_the_code() -> set[str]:
    """Give what the modules say by `t`."""
    texts = (path.read_text(encoding="utf-8") for path in MODULES)
    return {found for text in texts for found in _CALL.findall(text)}


def outside(text: str) -> list[str]:
    """Give string literals of a module that look like words for people, not given to `t`."""
    bare = re.sub(r"//.*", "", _CALL.sub("t(", text))
    literals = re.findall(r'"([^"\n]*)"', bare) + re.findall(r"`([^`\n]*)`", bare)
    words = (re.sub(r"\$\{[^}]*\}", "", one).strip() for one in literals)
    return [
        one for one in words if re.search(r"^[A-Z][a-z]+( |$)|[a-z]{2} [a-z]{2,}.*[.?!…]$", one)
    ]
