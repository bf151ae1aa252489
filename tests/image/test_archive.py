"""Formats of archives: JPEG 2000, JPEG XL, BMP, PNM, TGA and GIF."""

import io
import sys

import numpy as np
import pytest
import pyvips
import skimage.data
from PIL import Image

from photochrom.batch.naming import Naming
from photochrom.errors import ImageError, MissingExtra
from photochrom.image import Limits, Picture

codecs = pytest.importorskip("imagecodecs")
RGB = skimage.data.astronaut()[:96, :130]
GREY = np.ascontiguousarray(RGB[..., 0])
ALPHA = np.dstack([RGB, np.tile(np.arange(130, dtype=np.uint8), (96, 1))])
DEEP, DEEP_RGB = (one.astype(np.uint16) * 257 for one in (GREY, RGB))


def pixels_of(picture):
    return np.concatenate([samples for samples, _ in picture.bands()])


def pillow(pixels: np.ndarray, file_format: str, mode: str = "", **options) -> bytes:
    file, image = io.BytesIO(), Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(file, file_format, **options)
    return file.getvalue()


FILES = [
    ("x.jp2", codecs.jpeg2k_encode(RGB, level=0), RGB, 8),
    ("x.jp2", codecs.jpeg2k_encode(GREY, level=0), GREY, 8),
    ("x.j2k", codecs.jpeg2k_encode(DEEP, level=0, codecformat="j2k"), DEEP, 16),
    ("x.jp2", codecs.jpeg2k_encode(DEEP_RGB, level=0), DEEP_RGB, 16),
    ("x.jp2", codecs.jpeg2k_encode(DEEP >> 4, level=0, bitspersample=12), DEEP, 16),
    ("x.jxl", codecs.jpegxl_encode(RGB, lossless=True), RGB, 8),
    ("x.jxl", codecs.jpegxl_encode(GREY, lossless=True), GREY, 8),
    ("x.jxl", codecs.jpegxl_encode(RGB, lossless=True, usecontainer=True), RGB, 8),
    ("x.jxl", codecs.jpegxl_encode(ALPHA, lossless=True), ALPHA, 8),
    ("x.bmp", pillow(RGB, "BMP"), RGB, 8),
    ("x.bmp", pillow(GREY, "BMP"), GREY, 8),
    ("x.dib", pillow(GREY, "BMP", "P"), GREY, 8),
    ("x.pgm", pillow(GREY, "PPM"), GREY, 8),
    ("x.ppm", pillow(RGB, "PPM"), RGB, 8),
    ("x.pgm", b"P5 130 96 65535\n" + DEEP.astype(">u2").tobytes(), DEEP, 16),
    ("x.pbm", pillow((GREY > 128).astype(np.uint8) * 255, "PPM", "1"), (GREY > 128) * 255, 8),
    ("x.pnm", b"P2 2 1 255 7 9 ", np.array([[7, 9]]), 8),
    ("x.tga", pillow(RGB, "TGA"), RGB, 8),
    ("x.tga", pillow(ALPHA, "TGA", compression="tga_rle"), ALPHA, 8),
    ("x.gif", pillow(GREY, "GIF"), GREY, 8),
]


@pytest.mark.parametrize(("name", "data", "expected", "bits"), FILES)
def test_each_format_is_read(tmp_path, name, data, expected, bits) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    for source in [path] if name.endswith(".tga") else [path, data]:
        picture = Picture(source)
        assert picture.bits == bits
        assert picture.has_alpha == (expected.shape[-1] == 4)
        found = pixels_of(picture)
        found = found[..., 0] if found.ndim > expected.ndim else found
        shown = expected[..., :3] if expected.shape[-1] == 4 else expected
        assert np.abs(found.astype(int) - shown).max() <= (0 if bits == 8 else 16)
        assert picture.thumbnail(2, 1).shape[:2] == (1, 2)
    if picture.width > 2:
        with pytest.raises(ImageError, match="130 x 96 pixels, the limit is 99"):
            Picture(path, Limits(pixels=99))
        path.write_bytes(data[: len(data) // 3])
        with pytest.raises(ImageError, match=r"x\.\w+: the file is damaged or cut off"):
            pixels_of(Picture(path))


def test_resolution_and_profiles_are_kept() -> None:
    picture = Picture(pillow(RGB, "BMP", dpi=(300, 300)))
    assert picture.resolution == pytest.approx((300 / 25.4, 300 / 25.4), rel=1e-3)
    assert Picture(pillow(RGB, "PPM")).resolution is None


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("x.jp2", "JPEG 2000"),
        ("x.jxl", "JPEG XL"),
        ("x.bmp", "BMP"),
        ("x.pgm", "PNM"),
        ("x.tga", "TGA"),
    ],
)
def test_without_the_extra_it_is_named(monkeypatch, tmp_path, name, extra) -> None:
    data = next(data for other, data, *_ in FILES if other == name)
    (tmp_path / name).write_bytes(data)
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    monkeypatch.setitem(sys.modules, "PIL", None)
    message = rf"{name}: {extra} needs an extra: pip install 'photochrom\[archive\]'"
    with pytest.raises(MissingExtra, match=message):
        Picture(tmp_path / name)


def test_runs_of_a_tga_may_go_beyond_a_row(tmp_path) -> None:
    """As those of some writers do, even beyond the picture."""
    head = bytes([0, 0, 10, *bytes(9), 4, 0, 2, 0, 24, 32])
    runs = bytes([0x85, 1, 2, 3, 0x00, 9, 8, 7, 0x88, 4, 5, 6])
    (tmp_path / "x.tga").write_bytes(head + runs)
    rows = [[[3, 2, 1]] * 4, [[3, 2, 1]] * 2 + [[7, 8, 9]] + [[6, 5, 4]]]
    assert pixels_of(Picture(tmp_path / "x.tga")).tolist() == rows


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        (
            "x.tga",
            bytes([0, 1, 1, 0, 0, 16, 0, 15, *bytes(4), 4, 0, 4, 0, 8, 0, *bytes(48)]),
            "TGA",
        ),
        ("x.pnm", b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n\0", "PNM"),
        ("x.bmp", b"BM" + bytes(99), "kind that is not read"),
    ],
)
def test_what_pillow_does_not_know_is_not_called_damaged(tmp_path, name, data, said) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ImageError, match=rf"{said}.*convert it to PNG"):
        Picture(tmp_path / name)


def test_a_jpeg_2000_of_a_size_below_zero_is_damaged() -> None:
    data = codecs.jpeg2k_encode(GREY, level=0, codecformat="j2k")
    astray = data[:16] + b"\x7f\xff\xff\xff" * 2 + data[24:]  # where the picture begins
    with pytest.raises(ImageError, match="the file is damaged or cut off"):
        Picture(astray)


def test_a_jpeg_2000_of_inks_and_of_colours_that_are_not_read() -> None:
    paper = np.zeros((8, 8, 4), np.uint8)
    paper[:, :4, 3] = 255  # black ink
    file = io.BytesIO()
    Image.fromarray(paper, "CMYK").save(file, "JPEG2000")
    data = file.getvalue()
    found = pixels_of(Picture(data))
    assert found.shape == (8, 8, 3)
    assert found[:, :4].mean() < 60
    assert found[:, 4:].mean() > 240
    lab = data.replace(b"colr\1\0\0\0\0\0\x0c", b"colr\1\0\0\0\0\0\x0e")
    with pytest.raises(ImageError, match=r"JPEG 2000 of colours of a kind.*save it as RGB"):
        Picture(lab)


def test_a_bitmap_without_the_head_of_a_file(tmp_path) -> None:
    (tmp_path / "x.dib").write_bytes(pillow(RGB, "DIB"))
    assert np.array_equal(pixels_of(Picture(tmp_path / "x.dib")), RGB)


@pytest.mark.parametrize("name", ["x.bmp", "x.ppm", "x.tga"])
def test_the_limit_of_pixels_is_ours_not_pillows(tmp_path, monkeypatch, name) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    (tmp_path / name).write_bytes(next(data for other, data, *_ in FILES if other == name))
    assert Picture(tmp_path / name).size == (130, 96)


def test_a_text_that_begins_like_a_picture_is_none() -> None:
    with pytest.raises(ImageError, match="not a picture"):
        Picture(b"P6PPER and salt\n" * 9)


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("x.bmp", "x-colour.png"),
        ("x.tga", "x-colour.png"),
        ("x.jp2", "x-colour.tif"),
        ("x.jxl", "x-colour.png"),
        ("x.gif", "x-colour.webp"),
        ("x.mpo", "x-colour.jpg"),
        ("x.HIF", "x-colour.avif"),
    ],
)
def test_outputs_have_the_names_of_what_is_written(tmp_path, name, output) -> None:
    assert Naming().beside(tmp_path / name) == tmp_path / output


def test_the_first_of_several_pictures_of_a_camera_with_two_lenses(tmp_path) -> None:
    path, pages = tmp_path / "x.mpo", [Image.fromarray(RGB), Image.fromarray(RGB[::-1])]
    pages[0].save(path, "MPO", save_all=True, append_images=pages[1:], quality=95)
    picture = Picture(path)
    assert picture.pages == 1
    assert np.abs(pixels_of(picture).astype(int) - RGB).mean() < 3
    assert pyvips.Image.new_from_file(str(path)).width == 130
