"""How long it takes from a drop to colour, in a real browser."""

import sys
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

import photochrom
from helpers.studio_page import chroma, shot

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
