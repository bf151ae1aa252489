"""Take the README's pictures of the studio, and make the one that welcomes in it.

`python docs/make/studio_pictures.py OUT`; it needs Chromium.
"""

import argparse
import shutil
import threading
import time
from pathlib import Path

import uvicorn
from playwright.sync_api import sync_playwright

from photochrom import Colorizer
from photochrom.image import load_rgb, save_rgb
from photochrom.web.app import create_app
from photochrom.web.page import STATIC

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.jpg"))
OLD = Path(__file__).parents[2] / "examples/old/brothers.jpg"
WELCOME, TOP = (640, 420), 72  # width and height in pixels, and where in the photograph
VIEWS = (("light", 1280, 800), ("dark", 390, 800))
COLOURED = """() => {
    const one = (id) => document.getElementById(id), after = one("after");
    return after.src !== one("before").src && after.complete && !one("busy").textContent;
}"""


def welcome() -> None:
    """Make the pictures on the card where photographs are dropped: a part of one, twice."""
    before = load_rgb(OLD, WELCOME[0])
    after = Colorizer().colorize(before)
    for name, whole in (("before", before), ("after", after)):
        save_rgb(whole[TOP : TOP + WELCOME[1]], STATIC / f"welcome-{name}.jpg")


def main() -> None:
    """Serve the studio, open the examples in it, and photograph it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT")
    out: Path = parser.parse_args().out
    welcome()
    server = uvicorn.Server(uvicorn.Config(create_app(), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for scheme, width, height in VIEWS:
            view = {"width": width, "height": height}
            page = browser.new_page(viewport=view, color_scheme=scheme)
            page.goto(address)
            page.wait_for_selector("html[data-ready=yes]")
            page.set_input_files("#files", EXAMPLES)
            page.wait_for_selector(f"#strip .cell:nth-child({len(EXAMPLES)})")
            page.get_by_label("Show chelsea.jpg").click()
            page.get_by_label("Line between before").fill("45")
            page.wait_for_selector("#variants button:nth-child(5)")
            page.wait_for_function(COLOURED)
            page.screenshot(path=out / f"studio-{scheme}.jpg", quality=85, type="jpeg")
        browser.close()
    server.should_exit = True
    thread.join()


if __name__ == "__main__":
    main()
