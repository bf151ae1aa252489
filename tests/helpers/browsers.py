"""Chromium and Firefox, as the system has them, driven by Playwright."""

import atexit
import os
import shutil
import time
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import pytest

PROGRAMS = {
    "chromium": ("chromium-headless-shell", "chromium", "google-chrome"),
    "firefox": ("firefox-esr", "firefox"),
}
"""The first that is there; the headless shell has Chromium's engine, and no windows to draw."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-site-isolation-trials",
]
"""What lets Chromium run as root, and in fewer processes, which take less of the processor."""
ASKED = ("color_scheme", "reduced_motion", "forced_colors", "contrast")
"""What Playwright asks each page to emulate; Firefox refuses, and has settings for two of them."""


class Browsers:
    """Browsers that run from when each is first wanted until all are ended."""

    def __init__(self) -> None:
        self._stack, self._running, self._driver = ExitStack(), {}, None

    def new_context(self, name: str, **options):
        """Open a context with Playwright's options; pixels can be read at once: nothing moves."""
        options = {"reduced_motion": "reduce", "color_scheme": "light", **options}
        if name == "chromium":
            return self._started(name, args=ARGUMENTS).new_context(**options)
        wishes = {
            "ui.prefersReducedMotion": int(options["reduced_motion"] == "reduce"),
            "ui.systemUsesDarkTheme": int(options["color_scheme"] == "dark"),
        }
        options_of_all = {"channel": "moz-firefox", "downloads_path": downloads()}
        one = self._started(name, **options_of_all, firefox_user_prefs=wishes)
        return one.new_context(**options | dict.fromkeys(ASKED, "null"))

    def close(self) -> None:
        """End them."""
        self._stack.close()
        self._running, self._driver = {}, None

    def _started(self, name: str, **options):
        from playwright.sync_api import expect, sync_playwright

        if not self._driver:
            expect.set_options(timeout=30_000)  # where other work keeps the processor busy
            self._driver = self._stack.enter_context(sync_playwright())
        key = name, str(options)
        if key not in self._running:
            launch = partial(getattr(self._driver, name).launch, executable_path=_program(name))
            self._running[key] = self._stack.enter_context(launch(**options))
        return self._running[key]


def _program(name: str) -> str | None:
    found = next(filter(None, map(shutil.which, PROGRAMS[name])), None)
    if not found and not os.environ.get("CI"):
        pytest.skip(f"needs {name}: apt install {PROGRAMS[name][0]}")
    return found


@cache
def downloads() -> Path:
    """Give the folder of what is downloaded."""
    folder = TemporaryDirectory(prefix="photochrom-downloads-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@contextmanager
def downloading(page):
    """Wait for a download; append the path of the file, of the name that was asked for."""
    found = []
    folder = Path(mkdtemp(dir=downloads()))
    if page.context.browser.browser_type.name == "chromium":
        with page.expect_download() as waited:
            yield found
        found.append(folder / waited.value.suggested_filename)
        waited.value.save_as(found[0])
        return
    yield found  # Firefox names no download to Playwright, but writes it
    found.append(Path(shutil.move(_complete(downloads()), folder)))


def _complete(folder: Path, seconds: float = 60) -> Path:
    """Wait for one file in a folder, whole."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        files = [path for path in folder.iterdir() if path.is_file()]
        if len(files) == 1 and files[0].suffix != ".part" and files[0].stat().st_size:
            return files[0]
        time.sleep(0.05)
    raise AssertionError("nothing was downloaded")
