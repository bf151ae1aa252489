"""What the tests of the page do and see in a browser."""

import io
import time
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import numpy as np
from PIL import Image

from helpers.browsers import downloading
from photochrom.color.spaces import samples_to_lightness

TWICE = 0.6  # seconds: more than lie between the clicks of a double click
SPLIT = "Line between before, on its left, and after"

_pressed = WeakKeyDictionary()  # when each page was last clicked


def coloured(page) -> None:
    """Wait until the picture on the stage is the coloured one, and nothing is under way."""
    page.wait_for_function(
        "() => { const [a, b] = ['after', 'before'].map((id) => document.getElementById(id));"
        " return a.src && a.src !== b.src && a.complete"
        " && !document.getElementById('busy').textContent; }"
    )


@contextmanager
def recolouring(page):
    """Wait until another preview than before is shown."""
    before = page.locator("#after").get_attribute("src")
    yield
    page.wait_for_function(
        "(before) => { const after = document.getElementById('after');"
        " return after.src !== before && after.complete"
        " && !document.getElementById('busy').textContent; }",
        arg=before,
    )


def opened(page, *paths) -> None:
    """Open photographs, and wait until the first is coloured."""
    page.set_input_files("#files", paths)
    coloured(page)


@contextmanager
def styled(page, style):
    """Let a page look otherwise for a while, by means that its own policy permits."""
    sheets = "document.adoptedStyleSheets"
    page.evaluate(
        f"""(style) => {{
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(style);
            {sheets} = [sheet];
        }}""",
        style,
    )
    yield
    page.evaluate(f"() => {{ {sheets} = []; }}")


def shot(page, element="#view", also=""):
    """Give the pixels of the photograph, (H, W, 3), without what lies over it.

    `also` names more that is hidden, as the beginning of a CSS selector.
    """
    over = (
        "#split, #line, .side, #points, #rings, #sweep, #outline, #strokes, #brush, #picker, #busy"
    )
    with styled(page, f"{also}{over} {{ opacity: 0 !important }}"):  # the pointer stays
        data = page.locator(element).screenshot()
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def chroma(pixels) -> float:
    """Mean spread of the channels."""
    return float(np.ptp(pixels, axis=2).mean())


def redness(page) -> float:
    """Red beyond green in the middle of the photograph."""
    pixels = shot(page)
    rows, columns = (side // 2 for side in pixels.shape[:2])
    middle = pixels[rows - 40 : rows + 40, columns - 40 : columns + 40]
    return float((middle[..., 0] - middle[..., 1]).mean())


def centre(page, selector="#view") -> tuple[float, float]:
    """Give the middle of an element."""
    box = page.locator(selector).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def boxes(page, selector) -> list[dict]:
    """Give the boxes of all such elements that are seen, all as they are at one moment."""
    return page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)]
            .filter((one) => one.checkVisibility({ visibilityProperty: true }))
            .map((one) => ({ html: one.outerHTML, ...one.getBoundingClientRect().toJSON() }))""",
        selector,
    )


def press(page, right=0.0, down=0.0) -> None:
    """Click the photo so many pixels from its middle, and wait until a colour is asked for.

    Two clicks that follow each other at once would enlarge the photo.
    """
    since = time.monotonic() - _pressed.get(page, 0)
    if since < TWICE:
        page.wait_for_timeout(1000 * (TWICE - since))
    x, y = centre(page)
    page.mouse.click(x + right, y + down)
    _pressed[page] = time.monotonic()
    page.wait_for_selector("#picker:not([hidden])")


def pin(page, right=0.0, down=0.0) -> None:
    """Set a colour point with the colour that is there."""
    press(page, right, down)
    page.get_by_role("button", name="As it is").click()


def focused(page) -> str:
    """Say what has the keyboard: its id, its label or its kind."""
    return page.evaluate(
        "() => { const one = document.activeElement;"
        " return one.id || one.getAttribute('aria-label') || one.textContent || one.tagName; }"
    )


def drop(page, selector, path) -> None:
    """Drop a file on an element."""
    page.evaluate(
        """([selector, name, bytes]) => {
            const given = new DataTransfer();
            given.items.add(new File([new Uint8Array(bytes)], name));
            const drop = { dataTransfer: given, bubbles: true, cancelable: true };
            document.querySelector(selector).dispatchEvent(new DragEvent("drop", drop));
        }""",
        [selector, path.name, list(path.read_bytes())],
    )


def download(page, name="Save"):
    """Click a button, and give the path of what is downloaded."""
    with downloading(page) as found:
        page.get_by_role("button", name=name, exact=True).click()
    return found[0]


def check_lightness(saved, path, most=0.3) -> None:
    """Check that a picture, a path or a file, has the lightness of the grey one at `path`."""
    with Image.open(saved) as one, Image.open(path) as before:
        found, wanted = np.asarray(one.convert("RGB")), np.asarray(before)
    assert np.abs(samples_to_lightness(found) - samples_to_lightness(wanted)).mean() < most


@contextmanager
def sending(page, ending, part):
    """Wait until the page sends a form with such a part to an address that ends so; append it."""
    page.evaluate(
        """(ending) => {
            const { fetch } = window;
            window.sent = [];
            window.fetch = (address, options) => {
                if (address.endsWith(ending) && options?.body) window.sent.push(`${options.body}`);
                return fetch(address, options);
            };
        }""",
        ending,
    )
    found = []
    yield found
    script = "(part) => window.sent.find((one) => one.includes(part))"
    found.append(page.wait_for_function(script, arg=part).json_value())


def strip(page):
    """The small pictures of all photographs that are open."""
    return page.locator("#strip button")
