"""How long it takes from a drop to colour, in a real browser."""

import sys
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

import photochrom
from helpers.studio_page import chroma, opened, recolouring, shot

WEIGHTS = Path(photochrom.__file__).parent / "inference/weights"
SHOWN = "document.getElementById('before').naturalWidth > 0"
COLOURED = (
    "document.getElementById('after').src !== document.getElementById('before').src"
    " && document.getElementById('after').complete"
)
LONGEST = 60  # seconds, on whatever machine, with whatever else it does


@pytest.fixture
def large(tmp_path):
    """A grey photograph of 12 megapixels, as a camera writes it."""
    path = tmp_path / "large.jpg"
    small = Image.fromarray(skimage.data.astronaut()[..., 1])
    noise = np.random.default_rng(0).normal(0, 3, (3000, 4000))
    pixels = np.asarray(small.resize((4000, 3000), Image.Resampling.BICUBIC)) + noise
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path, quality=88)
    return path


def test_from_drop_to_colour_on_12_megapixels(visit, serve, large, capsys, monkeypatch) -> None:
    from photochrom.inference import zoo
    from photochrom.web.app import create_app

    monkeypatch.setattr(zoo, "find", lambda model: WEIGHTS / f"{model}.onnx")  # the shipped one
    page = visit(serve(create_app()))
    page.evaluate(
        "() => addEventListener('change', () => { window.begun = performance.now(); }, true)"
    )
    page.set_input_files("#files", large)
    took = [
        page.wait_for_function(f"() => {seen} && (performance.now() - begun) / 1000").json_value()
        for seen in (SHOWN, COLOURED)
    ]
    with capsys.disabled():
        said = "shown after {:.2f} s, in colour after {:.2f} s"
        sys.stdout.write(f"\n12 megapixels: {said.format(*took)}\n")
    assert took[0] <= took[1] < LONGEST
    assert chroma(shot(page)) > 2


@pytest.mark.browsers
def test_vividness_is_blended_in_the_browser_while_it_is_dragged(page, grey, capsys) -> None:
    opened(page, grey)
    page.locator("#vividness").focus()
    page.wait_for_function("() => document.getElementById('calm').complete")
    page.wait_for_function("() => document.getElementById('vivid').src")
    whole = {}
    for value in ("0", "1", "0.4"):
        with recolouring(page):
            page.get_by_label("Vividness").fill(value)
        whole[value] = shot(page)
    page.route("**/preview", lambda route: None)  # it does not answer
    frames = page.evaluate(
        """async () => {
            const [slider, ...over] = ["vividness", "middle", "vivid"].map((id) =>
                document.getElementById(id));
            const shown = [], frame = () => new Promise(requestAnimationFrame);
            await frame();
            const begun = performance.now();
            for (let at = 0; at < 60; at++) {
                slider.value = at % 2 ? at / 60 : 1 - at / 60;
                slider.dispatchEvent(new Event("input"));
                await frame();
                shown.push(over.map((one) => one.style.opacity).join());
            }
            return [new Set(shown).size, 60000 / (performance.now() - begun)];
        }"""
    )
    with capsys.disabled():
        sys.stdout.write(f"\n{frames[1]:.0f} blends a second\n")
    assert frames[0] > 10
    page.get_by_label("Vividness").fill("0.4")
    assert page.locator("#vivid").is_visible()
    blended = shot(page)
    away = {value: np.abs(blended - pixels).mean() for value, pixels in whole.items()}
    assert away["0.4"] < 4  # of 255
    assert 2 * away["0.4"] < min(away["0"], away["1"])
    page.unroute_all(behavior="ignoreErrors")
