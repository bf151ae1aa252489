"""Firefox as Debian ships it, which Playwright does not drive: over Marionette."""

import base64
import io
import json
import shutil
import socket
import subprocess
import time
from pathlib import Path

import numpy as np
from PIL import Image

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how WebDriver names an element


class Firefox:
    """A browser without a window, 1280 x 900, with a new profile in a folder."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = {"marionette.port": port, "ui.prefersReducedMotion": 1}
        lines = [f'user_pref("{name}", {value});' for name, value in settings.items()]
        (folder / "user.js").write_text("\n".join(lines))
        program = shutil.which("firefox-esr") or shutil.which("firefox")
        assert program
        size = ["--width", "1280", "--height", "900"]
        self._process = subprocess.Popen(
            [program, "--headless", "--marionette", "--profile", str(folder), *size],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while True:
            try:
                self._socket = socket.create_connection(("127.0.0.1", port), timeout=90)
                break
            except OSError:
                assert time.monotonic() < until, "Firefox does not start"
                time.sleep(0.2)
        self._file, self._number = self._socket.makefile("rb"), 0
        self._read()
        self._ask("NewSession", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})

    def close(self) -> None:
        """End it."""
        self._socket.close()
        self._process.terminate()
        self._process.wait(30)

    def visit(self, address: str) -> None:
        """Open a page, and wait until it is ready."""
        self._ask("Navigate", url=address)
        self.wait("document.documentElement.dataset.ready === 'yes'")

    def run(self, script: str, *given):
        """Run a script; give what it returns."""
        return self._ask("ExecuteScript", script=script, args=list(given))["value"]

    def wait(self, condition: str, seconds: float = 60) -> None:
        """Wait until an expression is true."""
        until = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            assert time.monotonic() < until, condition
            time.sleep(0.1)

    def choose(self, selector: str, path: Path) -> None:
        """Choose a file."""
        self._ask("ElementSendKeys", id=self._find(selector), text=str(path))

    def click(self, selector: str) -> None:
        """Click an element, in its middle."""
        self._ask("ElementClick", id=self._find(selector))

    def pixels(self, selector: str):
        """Give what an element looks like, (H, W, 3)."""
        data = self._ask("TakeScreenshot", id=self._find(selector), full=False)["value"]
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            return np.asarray(image.convert("RGB")).astype(int)

    def _find(self, selector: str) -> str:
        found = self._ask("FindElement", using="css selector", value=selector)
        return found["value"][_ELEMENT]

    def _ask(self, name: str, **given):
        self._number += 1
        text = json.dumps([0, self._number, f"WebDriver:{name}", given]).encode()
        self._socket.sendall(f"{len(text)}:".encode() + text)
        _, _, error, answer = self._read()
        assert error is None, error
        return answer

    def _read(self):
        length = b""
        while (digit := self._file.read(1)) != b":":
            length += digit
        return json.loads(self._file.read(int(length)))
