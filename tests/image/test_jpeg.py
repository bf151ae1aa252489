"""JPEG files that are cut off, without an end, of more bits, or with a gain map."""

import io
import sys
from contextlib import suppress

import numpy as np
import pytest
import pyvips
import skimage.data
from click.testing import CliRunner
from PIL import Image

from helpers.rest import client_with, opened
from photochrom import Colorizer
from photochrom.cli.main import main
from photochrom.errors import ImageError, MissingExtra, PhotochromWarning
from photochrom.image import Limits, Picture

RGB = skimage.data.astronaut()[:200, :240]
GREY = np.ascontiguousarray(RGB[..., 0])
ENDED = Limits(allow_damaged=True)


def jpeg(pixels=RGB, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "jpeg", **{"quality": 92, **options})
    return file.getvalue()


def pixels_of(picture):
    return np.concatenate([samples for samples, _ in picture.bands()])


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer(threads=1)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
@pytest.mark.parametrize("pixels", [RGB, GREY], ids=["colour", "grey"])
@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_without_its_end_is_whole(tmp_path, pixels, options, missing) -> None:
    whole = jpeg(pixels, **options)
    thumbnail = jpeg(pixels[:40, :40])  # whose end is not that of the picture
    exif = Image.Exif()
    exif[270] = "x"
    path = tmp_path / "x.jpg"
    path.write_bytes(jpeg(pixels, exif=exif.tobytes() + thumbnail, **options)[:-missing])
    expected = pixels_of(Picture(whole))
    for source in (path, whole[:-missing]):
        picture = Picture(source)
        assert picture.missing is None
        np.testing.assert_array_equal(pixels_of(picture), expected)
        assert picture.thumbnail(24, 20).shape[:2] == (20, 24)


@pytest.mark.parametrize("kept", [0.4, 0.8, 0.99])
@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_cut_jpeg_is_refused_with_what_to_type(tmp_path, kept, options) -> None:
    whole = jpeg(**options)
    path = tmp_path / "x.jpg"
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(ImageError, match=r"x\.jpg: cut off; pass allow_damaged=True to colour"):
        Picture(path)
    result = CliRunner().invoke(main, ["colorize", str(path), "-o", str(tmp_path / "o.jpg")])
    assert result.exit_code == 1
    assert "cut off; add --allow-damaged to colour the part that is there" in result.output
    assert not (tmp_path / "o.jpg").exists()


@pytest.mark.parametrize("pixels", [RGB, GREY], ids=["colour", "grey"])
@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_what_is_missing_of_a_cut_jpeg_stays_grey(colorizer, pixels, orientation) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    whole = jpeg(pixels, exif=exif)
    cut = whole[: len(whole) * 2 // 3]
    with pytest.warns(PhotochromWarning, match=r"the picture: cut off; [1-6]\d % of it is missing"):
        coloured = colorizer.colorize(cut, allow_damaged=True, vividness=1.0)
    missing = coloured.picture.missing
    assert missing.shape == coloured.size[::-1]
    found = coloured.array()
    assert (found[missing] == 128).all()
    assert np.ptp(found[~missing].astype(int), axis=1).mean() > 5
    expected = pixels_of(Picture(whole))
    there = pixels_of(coloured.picture)
    assert (there[~missing] == expected[~missing]).mean() > 0.97  # the edge is smoothed
    assert (there[missing] == 128).all()


def test_a_cut_progressive_jpeg_is_blurred(colorizer) -> None:
    whole = jpeg(progressive=True)
    with pytest.warns(PhotochromWarning, match="the picture: cut off; blurred"):
        coloured = colorizer.colorize(whole[: len(whole) * 9 // 10], allow_damaged=True)
    assert not coloured.picture.missing.any()


def test_a_jpeg_without_any_picture_stays_refused() -> None:
    whole = jpeg()
    scan = whole.rindex(b"\xff\xda") + 14
    with pytest.raises(ImageError, match="cut off, and nothing of the picture is there"):
        Picture(whole[:scan], ENDED)
    with pytest.raises(ImageError, match="damaged or cut off"):
        Picture(whole[: scan - 30], ENDED)
    with pytest.raises(ImageError, match="240 x 200 pixels, the limit is 99"):
        Picture(whole[:-2], Limits(pixels=99))


def test_the_command_colours_what_is_there_and_says_what_is_not(tmp_path) -> None:
    whole = jpeg()
    (tmp_path / "x.jpg").write_bytes(whole[: len(whole) // 2])
    out = tmp_path / "o.png"
    arguments = ["colorize", str(tmp_path / "x.jpg"), "-o", str(out), "--allow-damaged"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "warning:" in result.output
    assert "% of it is missing and left grey" in result.output
    assert (pyvips.Image.new_from_file(str(out)).numpy()[-1] == 128).all()


@pytest.mark.parametrize("pixels", [RGB, GREY], ids=["colour", "grey"])
def test_twelve_bits_and_lossless(pixels) -> None:
    codecs = pytest.importorskip("imagecodecs")
    deep = codecs.jpeg_encode(pixels.astype(np.uint16) * 16, bitspersample=12, level=95)
    picture = Picture(deep)
    assert picture.bits == 16
    assert np.abs(pixels_of(picture) / 257 - pixels).mean() < 2
    if pixels.ndim == 2:
        np.testing.assert_array_equal(pixels_of(Picture(codecs.ljpeg_encode(pixels))), pixels)
    np.testing.assert_array_equal(pixels_of(Picture(codecs.jpegls_encode(pixels))), pixels)
    with pytest.raises(ImageError, match="cut off, and of 12 bits"):
        Picture(deep[: len(deep) // 8])


def test_lossless_of_fewer_bits_than_it_says() -> None:
    codecs = pytest.importorskip("imagecodecs")
    data = bytearray(codecs.ljpeg_encode((GREY >> 1) + 64))  # what a decoder begins with is half
    scan = data.index(b"\xff\xda")
    data[scan + 1 + int.from_bytes(data[scan + 2 : scan + 4], "big")] |= 1  # bits that are left out
    np.testing.assert_array_equal(pixels_of(Picture(bytes(data))), GREY >> 1 << 1)


def test_bits_that_are_not_those_that_are_told_are_no_crash() -> None:
    codecs = pytest.importorskip("imagecodecs")
    data = bytearray(codecs.jpegls_encode(GREY))
    data[data.index(b"\xff\xf7") + 4] = 12
    with suppress(ImageError):
        Picture(bytes(data))


@pytest.mark.parametrize("bits", [0, 17, 255])
@pytest.mark.parametrize("frame", [b"\xff\xc0", b"\xff\xc3", b"\xff\xf7"])
def test_bits_that_no_jpeg_has_are_damage(frame, bits) -> None:
    data = jpeg(GREY)
    at = data.index(b"\xff\xc0")
    data = data[:at] + frame + data[at + 2 : at + 4] + bytes([bits]) + data[at + 5 :]
    with pytest.raises(ImageError, match=rf"damaged or cut off \({bits} bits\)"):
        Picture(data)


def test_twelve_bits_keep_their_metadata() -> None:
    codecs = pytest.importorskip("imagecodecs")
    deep = codecs.jpeg_encode(GREY.astype(np.uint16) * 16, bitspersample=12)
    exif = Image.Exif()
    exif[274], exif[271] = 6, "Kodak"
    head = jpeg(exif=exif, xmp=b"<x:xmpmeta />")
    end = head.index(b"\xff\xdb")
    picture = Picture(deep[:2] + head[2:end] + deep[2:])
    assert picture.header.get("exif-ifd0-Make").startswith("Kodak")
    assert picture.header.get("xmp-data") == b"<x:xmpmeta />"
    assert picture.size == GREY.shape
    assert np.abs(pixels_of(picture) / 257 - np.rot90(GREY, -1)).mean() < 4


def test_twelve_bits_without_the_extra(monkeypatch) -> None:
    codecs = pytest.importorskip("imagecodecs")
    deep = codecs.jpeg_encode(GREY.astype(np.uint16) * 16, bitspersample=12)
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(MissingExtra, match=r"JPEG of 12 bits needs.*photochrom\[archive\]"):
        Picture(deep)


def with_gain_map() -> bytes:
    image = pyvips.Image.new_from_array(RGB).copy(interpretation="srgb")
    return image.colourspace("scrgb").uhdrsave_buffer(Q=92)


@pytest.mark.parametrize("given", ["path", "bytes", "open file"])
def test_the_picture_of_a_gain_map_is_coloured_and_it_is_dropped(
    colorizer, tmp_path, given
) -> None:
    path = tmp_path / "u.jpg"
    path.write_bytes(with_gain_map())
    base = pyvips.Image.jpegload(str(path))
    data = path.read_bytes()
    source = {"path": path, "bytes": data, "open file": io.BytesIO(data)}[given]
    with pytest.warns(PhotochromWarning, match=r"its gain map \(HDR\) is dropped"):
        coloured = colorizer.colorize(source)
    shown = base.icc_transform("srgb", embedded=True).numpy()
    assert np.abs(pixels_of(coloured.picture).astype(int) - shown).mean() < 1.5
    out = pyvips.Image.new_from_buffer(coloured.encode(".jpg"), "")
    assert out.get("vips-loader").startswith("jpegload")
    assert b"hdrgm:Version" not in (out.get("xmp-data") if out.get_typeof("xmp-data") else b"")


def test_a_gain_map_is_dropped_in_a_pipe_too(echo) -> None:
    arguments = ["colorize", "-m", str(echo), "-", "-o", "-", "--format", "png"]
    made = CliRunner().invoke(main, arguments, input=with_gain_map())
    assert made.exit_code == 0, made.stderr
    assert "its gain map (HDR) is dropped" in made.stderr
    assert np.asarray(Image.open(io.BytesIO(made.stdout_bytes))).shape == RGB.shape


def test_the_gain_map_of_an_iphone_is_dropped_too() -> None:
    file = io.BytesIO()
    name = b'<x:xmpmeta a="urn:com:apple:photo:2020:aux:hdrgainmap"/>'
    small = Image.fromarray(GREY[::2, ::2])
    small.encoderinfo = {"xmp": name}
    options = {"save_all": True, "append_images": [small]}
    Image.fromarray(RGB).save(file, "MPO", **options)
    assert name in file.getvalue()
    with pytest.warns(PhotochromWarning, match=r"its gain map \(HDR\) is dropped") as said:
        picture = Picture(file.getvalue())
    assert len(said) == 1
    assert picture.thumbnail(24, 20).shape == (20, 24, 3)
    assert pixels_of(picture).shape == RGB.shape


def test_the_server_colours_the_picture_of_a_gain_map() -> None:
    with client_with() as client, pytest.warns(PhotochromWarning, match="gain map"):
        answer = client.post("/v1/colorize", files={"picture": with_gain_map()})
    assert answer.status_code == 200, answer.text
    assert opened(answer).shape == RGB.shape
    assert b"hdrgm:Version" not in answer.content
