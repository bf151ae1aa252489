"""HEIC files: read with an extra, named without it."""

import os
import subprocess
import sys

import numpy as np
import pytest
import pyvips
import skimage.data
from click.testing import CliRunner
from PIL import Image

from helpers.heic import heic
from photochrom import Colorizer
from photochrom.cli.main import main
from photochrom.errors import ImageError, MissingExtra, PhotochromWarning
from photochrom.image import Limits, Page, Picture, encode

pi_heif = pytest.importorskip("pi_heif")
RGB = skimage.data.astronaut()[:96, :128]
GREY = np.ascontiguousarray(RGB[..., 0])


def pixels_of(picture):
    return np.concatenate([samples for samples, _ in picture.bands()])


@pytest.mark.parametrize("pixels", [RGB, GREY], ids=["colour", "grey"])
@pytest.mark.parametrize("given", ["path", "bytes"])
def test_heic_is_read(tmp_path, pixels, given) -> None:
    path = tmp_path / "x.heic"
    path.write_bytes(heic(pixels))
    picture = Picture(path if given == "path" else path.read_bytes())
    assert (picture.size, picture.bits, picture.has_alpha) == ((128, 96), 8, False)
    assert np.abs(pixels_of(picture).astype(int) - pixels).mean() < 2
    assert picture.thumbnail(64, 48).shape[:2] == (48, 64)
    with pytest.raises(ImageError, match="128 x 96 pixels, the limit is 99"):
        Picture(path, Limits(pixels=99))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_heic_is_turned_once(turns) -> None:
    exif = Image.Exif()
    exif[274], exif[271] = 6, "Kodak"  # which says it a second time
    picture = Picture(heic(RGB, turns=turns, exif=exif.tobytes()))
    assert np.abs(pixels_of(picture).astype(int) - np.rot90(RGB, turns)).mean() < 2
    written = encode(Page(picture, (samples for samples, _ in picture.bands()), {}), ".jpg")
    out = pyvips.Image.new_from_buffer(written, "")
    assert (out.width, out.height) == picture.size
    assert out.get("orientation") == 1
    assert out.get("exif-ifd0-Make").startswith("Kodak")


def test_ten_bits_are_kept() -> None:
    picture = Picture(heic(RGB, bits=10))
    assert picture.bits == 16
    assert np.abs(pixels_of(picture) / 257 - RGB).mean() < 2


def test_alpha_is_kept_and_a_thumbnail_is_not_the_picture() -> None:
    alpha = np.tile(np.linspace(0, 255, 128).astype(np.uint8), (96, 1))
    picture = Picture(heic(RGB, alpha=alpha, thumbnail=RGB[::2, ::2]))
    assert picture.size == (128, 96)
    assert picture.has_alpha
    found = np.concatenate([alpha for _, alpha in picture.bands()])
    assert np.abs(found.astype(int) - alpha).mean() < 2


def test_the_gain_map_of_an_iphone_is_dropped() -> None:
    apple = b"urn:com:apple:photo:2020:aux:hdrgainmap\0"
    data = heic(RGB, alpha=GREY[::2, ::2].copy(), kind=apple)
    with pytest.warns(PhotochromWarning, match=r"its gain map \(HDR\) is dropped"):
        picture = Picture(data)
    assert not picture.has_alpha
    assert np.abs(pixels_of(picture).astype(int) - RGB).mean() < 2


def test_the_main_one_of_several_pictures_is_coloured() -> None:
    with pytest.warns(PhotochromWarning, match="holds 2 pictures; the main one is coloured"):
        picture = Picture(heic(RGB, others=(RGB[::-1, ::2],)))
    assert picture.pages == 1
    assert np.abs(pixels_of(picture).astype(int) - RGB).mean() < 2


@pytest.mark.parametrize("curve", ["PQ", "HLG"])
def test_high_dynamic_range_is_refused(curve) -> None:
    with pytest.raises(ImageError, match=rf"high dynamic range \({curve}\).*save it as sRGB"):
        Picture(heic(RGB, bits=10, curve=curve))


def test_damaged_files_are_said_to_be() -> None:
    data = heic(RGB)
    for cut in (len(data) // 2, len(data) - 200, 200):
        with pytest.raises(ImageError, match=r"damaged or cut off"):
            pixels_of(Picture(data[:cut]))


def test_the_output_is_an_avif_and_named_so(tmp_path) -> None:
    (tmp_path / "x.heic").write_bytes(heic(RGB))
    result = CliRunner().invoke(main, ["colorize", str(tmp_path / "x.heic")])
    assert result.exit_code == 0, result.output
    out = pyvips.Image.new_from_file(str(tmp_path / "x-colour.avif"))
    assert out.get("heif-compression") == "av1"
    with pytest.raises(ImageError, match=r"cannot write \.heic; use \.jpg"):
        Colorizer(threads=1).colorize(tmp_path / "x.heic").save(tmp_path / "y.heic")


WITHOUT = """
import sys
sys.modules["pi_heif"] = None
from photochrom.cli.main import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("command", ["colorize", "info"])
def test_without_the_extra_both_commands_name_it(tmp_path, command) -> None:
    (tmp_path / "x.heic").write_bytes(heic(GREY))
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT, command, tmp_path / "x.heic"],
        capture_output=True,
        text=True,
        env=dict(os.environ),
    )
    assert run.returncode == 1
    assert "x.heic: HEIC needs an extra: pip install 'photochrom[heic]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_without_the_extra_from_bytes(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(MissingExtra, match=r"the picture: HEIC needs.*photochrom\[heic\]"):
        Picture(heic(GREY))
