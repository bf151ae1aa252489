"""TIFF files of every kind: right, or refused in words."""

import subprocess
import sys
from io import BytesIO

import numpy as np
import pytest
import pyvips
import skimage.color
import skimage.data
import tifffile
from PIL import Image

from helpers.odd_files import FRACTION, LONG, SHORT, packed_bits, subsampled, tiff, to_ycbcr, whole
from photochrom.errors import ImageError, MissingExtra
from photochrom.image import Limits, Page, Picture, save

RGB = skimage.data.astronaut()[:96, :128]
GREY = np.ascontiguousarray(RGB[..., 0])
ALPHA = np.tile(np.arange(128, dtype=np.uint8), (96, 1))
WHITE_D50 = (0.9642, 1.0, 0.8249)


def pixels_of(picture):
    return np.concatenate([samples for samples, _ in picture.bands()])


def alpha_of(picture):
    return np.concatenate([alpha for _, alpha in picture.bands()])


def told(kind, channels=3, **more):
    """Give the tags of samples of 8 bits."""
    tags = {258: (SHORT, [8] * channels), 262: (SHORT, [kind]), 277: (SHORT, [channels])}
    return tags | {int(code[1:]): value for code, value in more.items()}


def shows(data: bytes | pyvips.Image, expected: np.ndarray, allowed: float) -> Picture:
    """Check that a file shows what is expected, 0..255, at full size and shrunk."""
    picture = Picture(data)
    found = pixels_of(picture) / (257 if picture.bits == 16 else 1)
    assert found.shape == expected.shape
    assert np.abs(found - expected).mean() < allowed
    small = picture.thumbnail(64, 48)
    seen = small / (257 if small.dtype == np.uint16 else 1)
    if not picture.has_alpha:
        assert abs(seen.mean() - expected.mean()) < max(1, allowed)
    return picture


def written(pixels, **options) -> bytes:
    file = BytesIO()
    tifffile.imwrite(file, pixels, metadata=None, **options)
    return file.getvalue()


def test_ycbcr_that_is_not_jpeg_is_shown_in_its_colors() -> None:
    shows(tiff(whole(to_ycbcr(RGB)).tobytes(), 128, 96, told(6, _530=(SHORT, [1, 1]))), RGB, 1)


def test_ycbcr_of_fewer_colors_than_lightnesses() -> None:
    picture = shows(tiff(subsampled(RGB), 128, 96, told(6, _530=(SHORT, [2, 2]))), RGB, 4)
    assert not picture.has_alpha


def test_ycbcr_in_planes() -> None:
    planes = np.moveaxis(whole(to_ycbcr(RGB)), 2, 0)
    shows(written(planes, photometric="ycbcr", planarconfig="separate"), RGB, 1)


def test_ycbcr_of_sixteen_bits() -> None:
    values = np.rint(to_ycbcr(RGB) * 257).clip(0, 65535).astype(np.uint16)
    assert shows(written(values, photometric="ycbcr"), RGB, 1).bits == 16


def test_ycbcr_tells_its_own_black_white_and_coefficients() -> None:
    red, green, blue = 0.2126, 0.7152, 0.0722
    light = RGB @ [red, green, blue]
    cb, cr = (RGB[..., 2] - light) / (2 - 2 * blue), (RGB[..., 0] - light) / (2 - 2 * red)
    video = [16 + light * 219 / 255, 128 + cb * 224 / 255, 128 + cr * 224 / 255]
    tags = told(
        6,
        _529=(FRACTION, [2126, 10000, 7152, 10000, 722, 10000]),
        _530=(SHORT, [1, 1]),
        _532=(FRACTION, [16, 1, 235, 1, 128, 1, 240, 1, 128, 1, 240, 1]),
    )
    shows(tiff(whole(np.stack(video, axis=2)).tobytes(), 128, 96, tags), RGB, 1)


def lab_of(rgb: np.ndarray) -> np.ndarray:
    """Give CIE L*a*b* under D50, as ICC's sRGB brings it there."""
    adapted = np.array(
        [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169],
         [0.0139322, 0.0971045, 0.7141733]]
    )  # fmt: skip
    value = rgb / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    ratio = linear @ adapted.T / WHITE_D50
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(root, 2, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=2)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("kind", ["cielab", "icclab"])
def test_lab_is_shown_in_its_colors(kind, bits) -> None:
    lab, unit = lab_of(RGB), 1 << (bits - 8)
    white = 65280 if kind == "icclab" and bits == 16 else (1 << bits) - 1
    shift = 0 if kind == "cielab" else 128
    values = np.concatenate([lab[..., :1] * white / 100, (lab[..., 1:] + shift) * unit], axis=2)
    stored = (np.rint(values).astype(np.int64) & ((1 << bits) - 1)).astype(f"uint{bits}")
    assert shows(written(stored, photometric=kind), RGB, 1.5).bits == bits


@pytest.mark.parametrize("kind", ["white", "ink"])
def test_floats_of_inks_and_of_a_white_zero(kind) -> None:
    if kind == "white":
        shows(written((1 - GREY / 255).astype(np.float32), photometric="miniswhite"), GREY, 0.1)
        return
    inks = np.zeros((96, 128, 4), np.float32)
    inks[:, :64, 3] = 1  # black, and paper beside it
    found = pixels_of(Picture(written(inks, photometric="separated")))
    assert found[:, :64].mean() < 0.25 * 65535
    assert found[:, 64:].mean() > 0.9 * 65535


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("bits", [2, 4, 6, 10, 12, 14])
def test_samples_of_other_bits(bits, channels) -> None:
    pytest.importorskip("imagecodecs")
    values = np.rint((GREY if channels == 1 else RGB) / 255.0 * ((1 << bits) - 1))
    data = packed_bits(values.reshape(96, -1), bits)
    tags = told(2 if channels == 3 else 1, channels, _258=(SHORT, [bits] * channels))
    expected = values * 255 / ((1 << bits) - 1)
    shows(tiff(data, 128, 96, tags), expected, 0.5)


@pytest.mark.parametrize("dtype", ["uint32", ">u4", "float16", "float64"])
def test_samples_of_other_types(dtype) -> None:
    kind = np.dtype(dtype)
    values = GREY / 255 if kind.kind == "f" else GREY.astype(np.uint32) * 16843009
    options = {"byteorder": ">"} if dtype.startswith(">") else {}
    assert shows(written(values.astype(kind), **options), GREY, 0.1).bits == 16


@pytest.mark.parametrize("extra", [None, 0])
@pytest.mark.parametrize("shape", [(96, 128, 4), (96, 128, 2)])
def test_a_channel_that_nobody_says_is_alpha_is_none(tmp_path, extra, shape) -> None:
    colors = RGB if shape[2] == 4 else GREY[..., None]
    data = np.concatenate([colors, np.zeros((96, 128, 1), np.uint8)], axis=2).tobytes()
    more = {} if extra is None else {"_338": (SHORT, [extra])}
    file = tiff(data, 128, 96, told(2 if shape[2] == 4 else 1, shape[2], **more))
    picture = shows(file, np.squeeze(colors), 0.01)
    assert not picture.has_alpha
    rgb = (np.repeat(s[..., None], 3, 2) if s.ndim == 2 else s for s, _ in picture.bands())
    save(Page(picture, rgb, {}), tmp_path / "x.jpg")  # which was blank white
    assert abs(Picture(tmp_path / "x.jpg").thumbnail(9, 9).mean() - colors.mean()) < 5


@pytest.mark.parametrize("kind", ["assocalpha", "unassalpha"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float16])
def test_alpha_is_alpha_and_what_is_multiplied_by_it_is_divided(kind, dtype) -> None:
    alpha = np.maximum(ALPHA, 60) / 255
    colors = RGB / 255 * (alpha[..., None] if kind == "assocalpha" else 1)
    scale = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    values = np.concatenate([colors, alpha[..., None]], axis=2) * scale
    values = (values if scale == 1 else np.rint(values)).astype(dtype)
    picture = shows(written(values, photometric="rgb", extrasamples=[kind]), RGB, 1.2)
    found = alpha_of(picture) / (257 if picture.bits == 16 else 1)
    np.testing.assert_allclose(found, alpha * 255, atol=1)


def test_a_fifth_ink_is_no_alpha() -> None:
    inks = np.zeros((96, 128, 5), np.uint8)
    picture = Picture(written(inks, photometric="separated", extrasamples=["unspecified"]))
    assert not picture.has_alpha
    assert pixels_of(picture).shape == (96, 128, 3)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_tiles_of_separate_planes(dtype, channels) -> None:
    values = RGB / 255 if dtype == np.float32 else RGB * (257.0 if dtype == np.uint16 else 1)
    planes = np.moveaxis(values.astype(dtype), 2, 0)[:channels]
    options = {"photometric": "rgb", "planarconfig": "separate"} if channels == 3 else {}
    planes = planes if channels == 3 else planes[0]
    expected = RGB if channels == 3 else GREY
    shows(written(planes, tile=(32, 32), **options), expected, 0.1)


@pytest.mark.parametrize("method", ["zstd", "lzma", "lerc", "jpeg2000", "jpegxl", "webp", "png"])
def test_compressions_beyond_those_of_libvips(method) -> None:
    pytest.importorskip("imagecodecs")
    shows(written(RGB, photometric="rgb", compression=method), RGB, 1)


def test_jpeg_of_twelve_bits_in_a_tiff() -> None:
    pytest.importorskip("imagecodecs")
    data = written(GREY.astype(np.uint16) * 16, photometric="minisblack", compression="jpeg")
    assert shows(data, GREY, 2).bits == 16


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_an_orientation_that_is_none_is_upright(orientation) -> None:
    shows(tiff(RGB.tobytes(), 128, 96, told(2, _274=(SHORT, [orientation]))), RGB, 0.01)


@pytest.mark.parametrize("compression", ["zstd", None])
def test_what_libvips_does_not_read_is_turned_too(compression) -> None:
    options = {"photometric": "rgb", "planarconfig": "separate", "tile": (16, 16)}
    tag = [(274, 3, 1, 6, True)]
    data = written(np.moveaxis(RGB, 2, 0), extratags=tag, compression=compression, **options)
    shows(data, np.rot90(RGB, -1), 0.01)


def test_metadata_and_pages_of_what_libvips_does_not_read(tmp_path) -> None:
    path = tmp_path / "x.tif"
    with tifffile.TiffWriter(path) as file:
        for _ in range(2):
            tags = [(700, 1, 13, b"<x:xmpmeta />", True)]
            options = {"resolution": (300, 300), "resolutionunit": "INCH", "metadata": None}
            file.write(GREY.astype(np.uint32) << 24, extratags=tags, **options)
    picture = Picture(path, page=1)
    assert picture.pages == 2
    assert picture.resolution == pytest.approx((300 / 25.4, 300 / 25.4))
    assert picture.header.get("xmp-data") == b"<x:xmpmeta />"
    with pytest.raises(ImageError, match="128 x 96 pixels, the limit is 99"):
        Picture(path, Limits(pixels=99), page=0)


REFUSED = [
    (written(GREY.astype(np.int8), photometric="minisblack"), "samples are signed.*with unsigned"),
    (written(GREY.astype(np.int16), photometric="minisblack"), "samples are signed.*with unsigned"),
    (written(GREY.astype(np.uint64), photometric="minisblack"), "have 64 bits; save it with 8"),
    (written(GREY.astype(np.complex64), photometric="minisblack"), "samples are complex numbers"),
    (written(RGB, photometric="itulab"), "colours of a kind that is not read; save it as RGB"),
    (written(GREY, photometric=4), "masks of a kind that is not read; save it as RGB"),
    (written(GREY, photometric="cfa"), r"raw samples of a camera; name it \.dng"),
    (written(RGB, photometric="logluv"), "colours of a kind that is not read; save it as RGB"),
    (tiff(b"\0" * 999, 128, 96, told(1, 1, _259=(SHORT, [34661]))), "by method 34661.*magick"),
    (tiff(b"\0" * 36864, 128, 96, told(5, 3)), "inks of a kind that is not read; save it as RGB"),
    (
        tiff(b"\0" * 99, 128, 96, told(6, _284=(SHORT, [2]))),
        "planes that differ in size is not read; save it as RGB",
    ),
    (tiff(b"\0" * 99, 128, 96, told(8)), r"damaged or cut off \("),
]


@pytest.mark.parametrize(("data", "message"), REFUSED)
def test_what_is_not_read_is_said_to_be_lacking(data, message) -> None:
    with pytest.raises(ImageError, match=message):
        list(Picture(data).bands())


WITHOUT = """
import sys
sys.modules["imagecodecs"] = None
from photochrom.image import Picture
from photochrom.errors import MissingExtra
from pathlib import Path
for name in sys.argv[1:]:
    try:
        Picture(Path(name))
    except MissingExtra as error:
        print(error)
"""


def test_without_the_extra_it_is_named(tmp_path) -> None:
    lerc, deep = tmp_path / "lerc.tif", tmp_path / "deep.tif"
    lerc.write_bytes(tiff(b"\0" * 99, 128, 96, told(2, _259=(SHORT, [34887]))))
    deep.write_bytes(tiff(b"\0" * 99999, 128, 96, told(1, 1, _258=(SHORT, [12]))))
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT, lerc, deep], capture_output=True, text=True, check=True
    )
    said = run.stdout.splitlines()
    assert said[0].endswith("lerc.tif: a TIFF compressed by LERC needs an extra: pip install "
                            "'photochrom[archive]'")  # fmt: skip
    assert said[1].endswith("deep.tif: a TIFF of 12 bits needs an extra: pip install "
                            "'photochrom[archive]'")  # fmt: skip


def test_old_style_jpeg_is_read_with_an_extra_or_it_is_named(monkeypatch) -> None:
    pytest.importorskip("PIL")
    file = BytesIO()
    Image.fromarray(RGB).save(file, "jpeg", quality=95, subsampling=2)
    jpeg = file.getvalue()
    tags = told(6, 3, _259=(SHORT, [6]), _512=(SHORT, [1]), _514=(LONG, [len(jpeg)]))
    tags |= {530: (SHORT, [2, 2])}
    start = tiff(jpeg, 128, 96, tags | {513: (LONG, [0])}).index(jpeg)
    data = tiff(jpeg, 128, 96, tags | {513: (LONG, [start])})
    shows(data, RGB, 6)
    with pytest.raises(ImageError, match="damaged or cut off"):
        Picture(data[:300])
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtra, match=r"old-style JPEG needs.*photochrom\[archive\]"):
        Picture(data)


def test_smaller_versions_of_a_kind_that_is_not_read_do_no_harm() -> None:
    file = BytesIO()
    with tifffile.TiffWriter(file) as writer:
        options = {"photometric": "rgb", "planarconfig": "separate", "metadata": None}
        writer.write(np.moveaxis(RGB, 2, 0), **options)
        writer.write(np.moveaxis(RGB[::2, ::2], 2, 0), tile=(16, 16), subfiletype=1, **options)
    shows(file.getvalue(), RGB, 0.01)
