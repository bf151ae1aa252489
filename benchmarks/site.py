"""Print what a visit of the site costs in each browser: bytes, and seconds to the first colour.

It makes the site, serves it, and opens a photograph in Chromium and in Firefox, as far as they are
here, on a first visit, which has one thread, and on a second one. Run it on a quiet machine.
"""

import argparse
import functools
import http.server
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from playwright.sync_api import Page, Playwright, sync_playwright

from photochrom.inference import zoo
from photochrom.web import site

PHOTO = Path(__file__).parents[1] / "examples/old/brothers.jpg"
NOTHING = dict.fromkeys(("color_scheme", "reduced_motion", "forced_colors", "contrast"), "null")
"""What Playwright is not to ask of Firefox as it is shipped."""
SHELL = "chromium-headless-shell"
BROWSERS: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "Chromium": ("chromium", ("chromium", "google-chrome", SHELL), {"args": ["--no-sandbox"]}),
    "Firefox": ("firefox", ("firefox-esr", "firefox"), {"channel": "moz-firefox", **NOTHING}),
}
"""By name: Playwright's name, programs, and options."""
LOADED = """async () => {
    await (await import('./static/api.js')).hold('none').catch(() => null);  // after the model
    addEventListener('change', () => { window.begun = performance.now(); }, true);
}"""
COLOURED = """() => {
    const [after, before] = ['after', 'before'].map((id) => document.getElementById(id));
    const shown = after.src && after.src !== before.src && after.complete;
    return shown && (performance.now() - begun) / 1000;
}"""
FORGOTTEN = "() => { localStorage.clear(); indexedDB.deleteDatabase('photochrom'); }"
MINUTES = 5  # at most, for what takes seconds


class Counting(http.server.SimpleHTTPRequestHandler):
    """Serves files as any host does, and counts the bytes of their contents."""

    sent: ClassVar[list[int]] = []
    extensions_map: ClassVar[dict[str, str]] = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file."""
        data = source.read()
        self.sent.append(len(data))
        outputfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """Serve a folder; give its address."""
    handler = functools.partial(Counting, directory=str(directory))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def first_colour(page: Page, address: str, photo: Path) -> float:
    """Open the page and a photograph; give the seconds from there to its colours."""
    page.goto(address)
    page.wait_for_selector("html[data-ready=yes]")
    page.evaluate(LOADED)
    page.set_input_files("#files", photo)
    return float(page.wait_for_function(COLOURED).json_value())


def visits(playwright: Playwright, name: str, address: str, photo: Path) -> tuple[int, list[float]]:
    """Visit the site twice; give the bytes of the first visit, and the seconds of both."""
    kind, programs, options = BROWSERS[name]
    program = next(filter(None, map(shutil.which, programs)), None)
    launch = getattr(playwright, kind).launch_persistent_context  # a private window keeps less
    with (
        tempfile.TemporaryDirectory() as profile,
        launch(profile, executable_path=program, **options) as context,
    ):
        context.set_default_timeout(MINUTES * 60_000)
        page = context.new_page()
        Counting.sent.clear()
        seconds = [first_colour(page, address, photo)]
        page.wait_for_function("() => navigator.serviceWorker.controller")
        page.evaluate(FORGOTTEN)
        count = sum(Counting.sent)
        return count, [*seconds, first_colour(page, address, photo)]


def row(*lines: str) -> None:
    """Print lines at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def main() -> None:
    """Print a table; exit with 1 where a first colour took longer than the bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runtime", type=Path, help="ONNX Runtime Web's folder dist; else by npm")
    parser.add_argument("-m", "--model", default=zoo.DEFAULT)
    parser.add_argument("--photo", type=Path, default=PHOTO)
    parser.add_argument("--bound", type=float, help="fail where a first colour takes more seconds")
    given = parser.parse_args()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        public = Path(directory, "public")
        size = sum(path.stat().st_size for path in site.make(public, given.model, given.runtime))
        row(f"The site has {size / 1e6:.1f} MB.", "")
        row("| browser | a first visit loads | first colour | on the second visit |")
        row("|---|---|---|---|")
        for name, (_, programs, _) in BROWSERS.items():
            if not any(map(shutil.which, programs)):
                row(f"| {name} | not here | | |")
                continue
            with served(public) as address:
                count, seconds = visits(playwright, name, address, given.photo)
            first, second = (f"{one:.2f} s" for one in seconds)
            row(f"| {name} | {count / 1e6:.1f} MB | {first} | {second} |")
            slowest = max(slowest, *seconds)
    if given.bound and slowest > given.bound:
        raise SystemExit(f"a first colour took {slowest:.2f} s, more than {given.bound:g} s")


if __name__ == "__main__":
    main()
