"""Lightness out is lightness in, measured in every format."""

import numpy as np
import pytest
import pyvips
import skimage.data
import tifffile
from click.testing import CliRunner

from photochrom import Colorizer, ImageError
from photochrom.cli.main import main
from photochrom.color.spaces import samples_to_lightness
from photochrom.image import JPEG_QUALITY, Picture, luma

GREY = skimage.data.astronaut()[:240, :320, 1]
DEEP = (GREY.astype(np.uint16) << 8) + np.arange(320, dtype=np.uint16) % 256
PAPER = np.stack([GREY, (0.93 * GREY).astype(np.uint8), (0.8 * GREY).astype(np.uint8)], axis=2)


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer()


def read(path):
    """Decode a picture without any code of ours, as sRGB."""
    return pyvips.Image.new_from_file(str(path)).numpy()


def error(path, original) -> float:
    """Mean difference of lightness between a written picture and its original."""
    painted = read(path)
    assert painted.shape == (*original.shape[:2], 3)
    difference = samples_to_lightness(painted) - samples_to_lightness(original)
    return float(np.abs(difference).mean())


@pytest.mark.parametrize("original", [GREY, PAPER], ids=["grey", "toned paper"])
@pytest.mark.parametrize("come", ["png", "tif", "array"])
@pytest.mark.parametrize("go", ["png", "tif"])
def test_eight_bits_without_loss(colorizer, tmp_path, original, come, go) -> None:
    source = tmp_path / f"in.{come}"
    if come == "array":
        source = original
    else:
        pyvips.Image.new_from_array(original).write_to_file(str(source))
    painted = colorizer.colorize(source)
    if come == "array":
        pyvips.Image.new_from_array(painted).write_to_file(str(tmp_path / f"out.{go}"))
    else:
        painted.save(tmp_path / f"out.{go}")
    assert error(tmp_path / f"out.{go}", original) < 0.25


@pytest.mark.parametrize("kind", ["uint16", "float32"])
@pytest.mark.parametrize("go", ["png", "tif"])
def test_sixteen_bits_without_loss(colorizer, tmp_path, kind, go) -> None:
    original = DEEP if kind == "uint16" else (DEEP / 65535).astype(np.float32)
    tifffile.imwrite(tmp_path / "in.tif", original)
    colorizer.colorize(tmp_path / "in.tif").save(tmp_path / f"out.{go}")
    assert read(tmp_path / f"out.{go}").dtype == np.uint16
    assert error(tmp_path / f"out.{go}", DEEP) < 0.01


@pytest.mark.parametrize("go", ["png", "tif"])
def test_display_p3_without_loss(colorizer, tmp_path, go) -> None:
    tifffile.imwrite(tmp_path / "in.tif", DEEP)
    colorizer.colorize(tmp_path / "in.tif").save(tmp_path / f"out.{go}", profile="p3")
    back = pyvips.Image.new_from_file(str(tmp_path / f"out.{go}"))
    back = back.icc_transform("srgb", embedded=True, depth=16, intent="relative").numpy()
    difference = samples_to_lightness(back) - samples_to_lightness(DEEP)
    assert np.abs(difference).mean() < 0.01


@pytest.mark.parametrize("go", ["jpg", "webp", "avif"])
def test_a_lossy_format_costs_no_more_than_it_costs_a_grey_picture(colorizer, tmp_path, go) -> None:
    pyvips.Image.new_from_array(GREY).write_to_file(str(tmp_path / "in.png"))
    for name, strength in (("grey", 0), ("colour", 1)):
        painted = colorizer.colorize(tmp_path / "in.png", strength=strength)
        painted.save(tmp_path / f"{name}.{go}")
    grey, colour = (error(tmp_path / f"{name}.{go}", GREY) for name in ("grey", "colour"))
    assert colour < 1.1 * grey  # two more planes are rounded


def test_a_jpeg_has_the_quality_that_is_wanted(colorizer, tmp_path) -> None:
    grey = skimage.data.astronaut()[:200, :300, 1]
    coloured = colorizer.colorize(Picture(np.ascontiguousarray(grey)))
    for quality in (60, JPEG_QUALITY, 98):
        for name in (f"{quality}.jpg", f"{quality}.pdf"):
            coloured.save(tmp_path / name, jpeg_quality=quality)
    coloured.save(tmp_path / "usual.jpg")
    assert (tmp_path / "usual.jpg").read_bytes() == (tmp_path / "92.jpg").read_bytes()
    for ending in ("jpg", "pdf"):
        sizes = [(tmp_path / f"{quality}.{ending}").stat().st_size for quality in (60, 92, 98)]
        assert sizes[0] < 0.6 * sizes[1] < 0.6 * sizes[2]
    assert error(tmp_path / "98.jpg", grey) < error(tmp_path / "usual.jpg", grey)
    for quality in (0, 101):
        with pytest.raises(ImageError, match=f"goes from 1 to 100, not {quality}"):
            coloured.save(tmp_path / "no.jpg", jpeg_quality=quality)
    assert not (tmp_path / "no.jpg").exists()


def test_the_command_takes_the_quality_and_says_the_usual_one(echo, tmp_path) -> None:
    source, out = tmp_path / "in.png", tmp_path / "out"
    pyvips.Image.new_from_array(GREY).pngsave(str(source))
    run = ["colorize", "-m", str(echo), str(source), "-o", f"{out}/", "--format", "jpg"]
    assert CliRunner().invoke(main, run).exit_code == 0
    usual = (out / "in.jpg").read_bytes()
    again = CliRunner().invoke(main, [*run, "--jpeg-quality", "50"])
    assert again.exit_code == 0
    assert len((out / "in.jpg").read_bytes()) < 0.7 * len(usual)
    told = CliRunner().invoke(main, ["colorize", "--help"]).output
    assert f"[default: {JPEG_QUALITY}]" in told


PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "coffee", "rocket")
ROUNDING = 0.3
"""What JPEG's rounding of colours may cost: the rocket's sky is at the edge of what sRGB holds, and
there half of the rounding is cut off."""


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_jpeg_costs_what_it_costs_a_grey_one_and_the_rounding(colorizer, tmp_path, name) -> None:
    photograph = getattr(skimage.data, name)()[:300, :400]
    grey = photograph if photograph.ndim == 2 else np.ascontiguousarray(photograph[..., 1])
    pyvips.Image.new_from_array(grey).jpegsave(str(tmp_path / "grey.jpg"), Q=JPEG_QUALITY)
    plain = samples_to_lightness(read(tmp_path / "grey.jpg")) - samples_to_lightness(grey)
    pyvips.Image.new_from_array(grey).pngsave(str(tmp_path / "in.png"))
    colorizer.colorize(tmp_path / "in.png").save(tmp_path / "out.jpg")
    assert error(tmp_path / "out.jpg", grey) < np.hypot(np.abs(plain).mean(), ROUNDING)


@pytest.mark.parametrize("name", [*PHOTOGRAPHS, "page", "text"])
def test_chroma_at_half_size_costs_no_more(colorizer, tmp_path, monkeypatch, name) -> None:
    monkeypatch.setattr(luma, "PIXELS", (1, 10**8))  # the road of large grey JPEGs
    photograph = getattr(skimage.data, name)()
    grey = photograph if photograph.ndim == 2 else np.ascontiguousarray(photograph[..., 1])
    pyvips.Image.new_from_array(grey).jpegsave(str(tmp_path / "in.jpg"), Q=95)
    seen = read(tmp_path / "in.jpg")
    pyvips.Image.new_from_array(seen).jpegsave(str(tmp_path / "grey.jpg"), Q=JPEG_QUALITY)
    plain = samples_to_lightness(read(tmp_path / "grey.jpg")) - samples_to_lightness(seen)
    colorizer.colorize(tmp_path / "in.jpg").save(tmp_path / "out.jpg")
    written = pyvips.Image.new_from_file(str(tmp_path / "out.jpg"))
    assert written.get("jpeg-chroma-subsample") == "4:2:0"
    assert error(tmp_path / "out.jpg", seen) < np.hypot(np.abs(plain).mean(), ROUNDING)
