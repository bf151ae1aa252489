"""Palettes and warmth of the shipped model, and what is refused."""

import numpy as np
import pytest
import skimage.data

from photochrom import ColorizeOptions, Colorizer, HintError, ImageError, ModelError
from photochrom.color.spaces import srgb_to_lab
from photochrom.evaluation.metrics import mean_ciede2000
from photochrom.inference.fingerprint import settings_key

TRUTH = skimage.data.coffee()[:384, :384]
GREY = TRUTH @ np.array([0.299, 0.587, 0.114])
GREY = GREY.round().astype(np.uint8)


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer("vivid")


def mean_ab(rgb) -> np.ndarray:
    return srgb_to_lab(rgb / np.float32(255))[..., 1:].mean(axis=(0, 1))


def test_the_true_palette_brings_colours_nearer_to_the_truth(colorizer) -> None:
    truth = srgb_to_lab(TRUTH / np.float32(255))
    errors = [
        mean_ciede2000(srgb_to_lab(rgb / np.float32(255)), truth)
        for rgb in (colorizer.colorize(GREY), colorizer.colorize(GREY, palette=TRUTH))
    ]
    assert errors[1] < errors[0] - 1


def test_palettes_differ_and_warmth_has_a_direction(colorizer) -> None:
    names = ("hand-coloured", "technicolor", "#2040a0, #808080")
    found = [mean_ab(colorizer.colorize(GREY, palette=name, quality="fast")) for name in names]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert np.linalg.norm(found[first] - found[second]) > 1
    cool, plain, warm = (
        mean_ab(colorizer.colorize(GREY, warmth=warmth, quality="fast"))[1] for warmth in (-1, 0, 1)
    )
    assert cool < plain - 2 < plain < warm - 2


def test_a_palette_may_be_a_file_and_is_noted_by_its_colours(colorizer, tmp_path) -> None:
    from PIL import Image

    Image.fromarray(TRUTH).save(tmp_path / "palette.png")
    Image.fromarray(GREY).save(tmp_path / "grey.png")
    colored = colorizer.colorize(tmp_path / "grey.png", palette=str(tmp_path / "palette.png"))
    assert colored.note["Palette"].startswith("#")
    assert "%" in colored.note["Palette"]
    by_array = colorizer.colorize(tmp_path / "grey.png", palette=TRUTH)
    assert by_array.note["Palette"] == colored.note["Palette"]
    assert "Palette" not in colorizer.colorize(tmp_path / "grey.png").note


def test_what_does_not_go_is_said(colorizer) -> None:
    with pytest.raises(ModelError, match="a palette and a reference exclude each other"):
        colorizer.colorize(GREY, palette="navy", reference=TRUTH)
    with pytest.raises(ImageError, match="the palette has no colours to take"):
        colorizer.colorize(GREY, palette=GREY)
    with pytest.raises(HintError, match="neither a colour nor a palette"):
        colorizer.colorize(GREY, palette="no such thing")
    with pytest.raises(ModelError, match="warmth goes from -1 to 1"):
        colorizer.colorize(GREY, warmth=2)


def test_a_model_without_a_distribution_says_so() -> None:
    beta = Colorizer("beta")
    for wanted in ({"palette": "navy"}, {"warmth": 0.5}):
        with pytest.raises(ModelError, match="the model beta takes neither palette nor warmth"):
            beta.colorize(GREY, **wanted)
        with pytest.raises(ModelError, match="choose vivid"):
            beta.check(ColorizeOptions(**wanted))


def test_outputs_without_a_palette_keep_the_key_that_they_had() -> None:
    plain, wanted = ColorizeOptions(), ColorizeOptions(palette="navy", warmth=0.5)
    assert not {"palette", "warmth"} & set(plain.settings())
    assert settings_key("", plain.settings()) != settings_key("", wanted.settings())
