"""The site without a server: its files, its arithmetic against Python's, a visit in a browser."""

import functools
import http.server
import io
import json
import re
import shutil
import subprocess
import threading
import urllib.error

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from helpers import echo_model
from photochrom import Colorizer, PhotochromError
from photochrom.cli.main import main
from photochrom.color.spaces import samples_to_lightness, srgb_to_lab
from photochrom.color.upsampling import Recombiner, guided_coefficients
from photochrom.guidance.propagation import located, propagate
from photochrom.guidance.reach import Terrain
from photochrom.web import site

COLORED = "#status:text-matches('^Coloured in')"
FIRST_VISIT = 30_000_000
"""Bytes that a first visit may load."""


@pytest.fixture(scope="module")
def stub(tmp_path_factory):
    """A folder with files of the runtime's names, which run nothing."""
    directory = tmp_path_factory.mktemp("runtime")
    for name in site.RUNTIME:
        (directory / name).write_text("export const env = { wasm: {} };")
    return directory


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    """ONNX Runtime Web's files, by npm."""
    if not shutil.which("npm"):
        pytest.skip("needs npm")
    directory = tmp_path_factory.mktemp("npm")
    package = f"onnxruntime-web@{site.RUNTIME_VERSION}"
    done = subprocess.run(["npm", "pack", package], cwd=directory, capture_output=True)
    if done.returncode:
        pytest.skip("npm does not reach its registry")
    (archive,) = directory.glob("*.tgz")
    (directory / "dist").mkdir()
    for name, data in site.unpacked(archive.read_bytes()).items():
        (directory / "dist" / name).write_bytes(data)
    return directory / "dist"


@pytest.fixture(scope="module")
def served():
    """Serve folders as a plain file server does; give their addresses."""
    running = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        extensions_map = {  # noqa: RUF012 - as the base has it
            **http.server.SimpleHTTPRequestHandler.extensions_map,
            ".mjs": "text/javascript",
            ".wasm": "application/wasm",
        }

        def log_message(self, *_):
            pass

    def start(directory) -> str:
        handler = functools.partial(Quiet, directory=str(directory))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def test_a_site_is_written_with_all_that_it_needs(tmp_path, stub, echo) -> None:
    out = tmp_path / "public"
    words = ["site", str(out), "-m", str(echo), "--runtime", str(stub)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r".*public: 15 files, \d+\.\d MB\n", result.output)
    assert (out / "model.onnx").read_bytes() == echo.read_bytes()
    kept = json.loads(re.search(r"FILES = (\[.*\]);", (out / "sw.js").read_text())[1])
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert set(kept) == {"./", *files} - {"sw.js"}
    for name in files:
        if name.endswith((".js", ".html", ".css")):
            text = (out / name).read_text(encoding="utf-8")
            assert not re.search(r"https?://", text), f"{name} names another host"
            for local in re.findall(r'(?:from|src=|href=|Worker\() ?"\.?/?([^"]+)"', text):
                assert local in files, f"{name} names {local}"
    assert json.loads((out / "manifest.webmanifest").read_text())["start_url"] == "./"


def test_what_is_wrong_is_told_and_nothing_is_written(tmp_path, stub, monkeypatch) -> None:
    run = CliRunner().invoke
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    output = run(main, ["site", str(tmp_path / "full"), "--runtime", str(stub)]).output
    assert "full: not an empty folder; give another, or empty it" in output
    output = run(main, ["site", str(tmp_path / "a"), "--runtime", str(tmp_path / "full")]).output
    assert "ort.wasm.min.mjs" in output
    assert "not there; give the folder dist of what npm pack onnxruntime-web@" in output

    def unreachable(address, timeout):
        raise urllib.error.URLError("no route")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    output = run(main, ["site", str(tmp_path / "a")]).output
    assert "cannot be fetched (<urlopen error no route>); add --runtime DIR" in output
    monkeypatch.setattr("urllib.request.urlopen", lambda address, timeout: io.BytesIO(b"other"))
    output = run(main, ["site", str(tmp_path / "a")]).output
    assert "what npm gave is not ONNX Runtime Web 1.20.1; add --runtime DIR" in output
    assert not (tmp_path / "a").exists()
    with pytest.raises(PhotochromError, match=r"pass runtime=DIR"):
        site.make(tmp_path / "a")


def drawn() -> np.ndarray:
    """A drawn picture, (H, W, 3) uint8: ramps, edges, dark and light corners, texture."""
    rows, columns = np.mgrid[0:230, 0:347]
    grey = 127 + 90 * np.sin(columns / 25) * np.cos(rows / 31) + (columns > 180) * 37
    grey += np.random.default_rng(0).normal(0, 4, grey.shape)
    grey[:30, :30], grey[-30:, -30:] = 0, 255
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


PORT = """async ({light, H, W, ab, h, w, features, hints, rgba, height, width, points}) => {
  const color = await import('./color.js'), hinting = await import('./hints.js');
  const planes = (flat, count) => Array.from({length: count}, (_, at) =>
    Float32Array.from(flat.slice(at * flat.length / count, (at + 1) * flat.length / count)));
  const given = Float32Array.from(light);
  const right = hinting.propagate(
    planes(ab, 2), h, w, Float32Array.from(features), given, points, H, W);
  const lines = color.guidedCoefficients(given, H, W, right, h, w);
  const pixels = Uint8ClampedArray.from(rgba);
  const seen = color.lightness(pixels);
  const half = Math.floor(height / 2) * width * 4;
  const recombiner = new color.Recombiner(lines, h, w, height, width);
  recombiner.recombine(pixels.subarray(0, half), 0);
  recombiner.recombine(pixels.subarray(half), Math.floor(height / 2));
  const flat = (list) => list.flatMap((one) => Array.from(one));
  return {right: flat(right), lines: flat(lines), seen: Array.from(seen),
          pixels: Array.from(pixels)};
}"""


def test_its_arithmetic_is_that_of_python(tmp_path, stub, echo, served, browser) -> None:
    site.make(tmp_path / "public", str(echo), stub)
    page = browser.new_page()
    page.goto(served(tmp_path / "public"))
    picture, rng = drawn(), np.random.default_rng(1)
    small = np.asarray(Image.fromarray(picture).resize((192, 128)))
    light = samples_to_lightness(small)
    for strength in (8, 30, 80):  # the last leaves the gamut almost everywhere
        ab = rng.normal(0, strength, (2, 4, 6)).repeat(8, axis=1).repeat(8, axis=2)
        ab = ab.astype(np.float32)
        features = rng.normal(0, 1, (8, 16, 24)).astype(np.float32)
        points = [(40, 60, "#c02030"), (200, 100, "#2040c0"), (210, 105, "#30a040")]
        terrain = Terrain.of(features, light, (32, 48))
        right = propagate(ab, terrain, located(points, (347, 230), mirrored=False))
        lines = guided_coefficients(light, right)
        expected = Recombiner(lines, 230, 347).recombine(picture, 0)
        rgba = np.concatenate([picture, np.full((230, 347, 1), 255, np.uint8)], axis=2)
        given = {"light": light, "ab": ab, "features": features, "rgba": rgba}
        flat = {name: plane.ravel().tolist() for name, plane in given.items()}
        sizes = {"H": 128, "W": 192, "h": 32, "w": 48, "height": 230, "width": 347}
        named = [{"x": x / 347, "y": y / 230, "color": color} for x, y, color in points]
        found = page.evaluate(PORT, {**flat, **sizes, "points": named})
        np.testing.assert_allclose(found["right"], right.ravel(), atol=0.02 * strength)
        np.testing.assert_allclose(found["seen"], samples_to_lightness(picture).ravel(), atol=0.02)
        np.testing.assert_allclose(found["lines"], lines.ravel(), atol=0.02 * strength)
        pixels = np.array(found["pixels"], np.uint8).reshape(230, 347, 4)
        assert (pixels[..., 3] == 255).all()
        labs = [srgb_to_lab(one / np.float32(255)) for one in (pixels[..., :3], expected)]
        assert np.abs(labs[0] - labs[1]).mean() < 0.2
        lightness = [samples_to_lightness(one) for one in (pixels[..., :3], picture)]
        assert np.quantile(np.abs(lightness[0] - lightness[1]), 0.999) < 0.3
    page.close()


@pytest.mark.network
@pytest.mark.slow
def test_a_visit(tmp_path, runtime, served, browser) -> None:
    """A photograph is opened, coloured, given a hint and saved; nothing asks another host."""
    out = tmp_path / "public"
    files = site.make(out, runtime=runtime)
    assert sum(path.stat().st_size for path in files) < FIRST_VISIT
    address = served(out)
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "A camera", 6
    photograph = Image.fromarray(drawn()[..., 0])
    photograph.save(tmp_path / "grandma.jpg", exif=exif, quality=95)
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    asked, errors = [], []
    context.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    page.set_input_files("#file", tmp_path / "grandma.jpg")
    page.wait_for_selector(COLORED)
    seconds = float(re.search(r"in ([\d.]+) s", page.text_content("#status"))[1])
    assert seconds < 30, "three seconds on two quiet cores"

    with page.expect_download() as download:
        page.click("#png")
    saved = np.asarray(Image.open(download.value.path()).convert("RGB"))
    with Image.open(tmp_path / "grandma.jpg") as image:
        upright = np.asarray(image.convert("RGB").rotate(-90, expand=True))
    assert saved.shape == upright.shape
    assert np.abs(samples_to_lightness(saved) - samples_to_lightness(upright)).mean() < 0.25
    expected = Colorizer().colorize(upright, quality="good")
    labs = [srgb_to_lab(one / np.float32(255)) for one in (saved, expected)]
    assert np.abs(labs[0] - labs[1]).mean() < 1.5  # it shrinks what the model sees in its own way

    page.click("#stage", position={"x": 60, "y": 60})
    page.wait_for_selector("#undo:not([disabled])")
    page.wait_for_selector(COLORED)
    with page.expect_download() as download:
        page.click("#jpeg")
    with Image.open(download.value.path()) as image:
        assert (image.getexif()[0x010F], image.getexif()[0x0112]) == ("A camera", 1)
        hinted = np.asarray(image.convert("RGB")).astype(int)
    assert (hinted[60, 60] != saved[60, 60]).any()
    assert hinted[60, 60, 2] - hinted[60, 60, 0] > 10

    while not page.evaluate("Boolean(navigator.serviceWorker.controller)"):
        page.wait_for_timeout(100)
    context.set_offline(True)
    page.reload()
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    assert page.evaluate("crossOriginIsolated")
    (tmp_path / "text.tif").write_bytes(b"II*\0")
    page.set_input_files("#file", tmp_path / "text.tif")
    page.wait_for_selector("#status:has-text('photochrom colorize opens TIFF')")
    assert not errors
    assert all(url.startswith((address, "blob:", "data:")) for url in asked)
    context.close()


def test_a_model_with_no_hints_can_be_taken(tmp_path, stub) -> None:
    model = echo_model.write(tmp_path / "plain.onnx", hints=False)
    assert site.make(tmp_path / "public", str(model), stub)
