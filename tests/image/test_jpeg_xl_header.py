"""What the head of a JPEG XL tells of its colours."""

import numpy as np
import pytest
import pyvips
import skimage.data

from photochrom.color.spaces import srgb_to_linear
from photochrom.errors import ImageError
from photochrom.image import Picture
from photochrom.image.archive import boxes
from photochrom.image.jpeg_xl_header import Header, read_header

codecs = pytest.importorskip("imagecodecs")
RGB = skimage.data.astronaut()[:96, :130]
GREY = np.ascontiguousarray(RGB[..., 0])
SIZE = 1 + 2 + 9 + 3 + 2 + 9  # bits that say 130 x 96
D65, RELATIVE, P3, SRGB, LINEAR, PQ, HLG = 1, 1, 11, 1, 8, 16, 18


def number(value: int) -> str:
    """Write a number as enumerations are written, the first bit first."""
    if value < 2:
        return ("00", "10")[value]
    return _bits(2, 2) + _bits(value - 2, 4) if value < 18 else _bits(3, 2) + _bits(value - 18, 6)


def _bits(value: int, count: int) -> str:
    return f"{value:0{count}b}"[::-1]


def codestream(pixels: np.ndarray, *, lossless: bool = True) -> bytes:
    """Encode pixels; libjxl's wrapper calls those of more than 8 bits linear."""
    data = codecs.jpegxl_encode(pixels, lossless=lossless)
    return next((body for name, body in boxes(data) if name == b"jxlc"), data)


def told(is_grey: bool, primaries: int, transfer: int) -> str:
    """Write a description of colours, and what stands behind it in the head."""
    if (is_grey, primaries, transfer) == (False, SRGB, 13):
        return "1" + "001"
    space = number(int(is_grey)) + number(D65) + ("" if is_grey else number(primaries))
    return "00" + space + "0" + number(transfer) + number(RELATIVE) + "001"


def jpeg_xl(pixels: np.ndarray, primaries: int, transfer: int) -> bytes:
    """Make a file whose head tells such colours: that of libjxl's wrapper, written anew."""
    data, is_grey = codestream(pixels), pixels.ndim == 2
    whole = "".join(_bits(byte, 8) for byte in data[2:40])
    is_deep = pixels.dtype == np.uint16
    start = SIZE + 2 + (9 if is_deep else 3) + 4  # behind the bits of a sample and the channels
    old = told(is_grey, SRGB, LINEAR if is_deep else 13)
    assert whole[start:].startswith(old)
    end = start + len(old)
    new = whole[:start] + told(is_grey, primaries, transfer)
    new += "0" * (-len(new) % 8)
    packed = bytes(int(new[at : at + 8][::-1], 2) for at in range(0, len(new), 8))
    return data[:2] + packed + data[2 - (-end // 8) :]


def shown(data: bytes) -> np.ndarray:
    picture = Picture(data)
    pixels = np.concatenate([samples for samples, _ in picture.bands()])
    return pixels / (257 if picture.bits == 16 else 1)


@pytest.mark.parametrize(("transfer", "name"), [(PQ, "PQ"), (HLG, "HLG")])
@pytest.mark.parametrize("pixels", [RGB, GREY, RGB.astype(np.uint16) * 257])
def test_high_dynamic_range_is_refused(pixels, transfer, name) -> None:
    data = jpeg_xl(pixels, 9, transfer)
    assert codecs.jpegxl_decode(data).shape == pixels.shape
    with pytest.raises(ImageError, match=rf"high dynamic range \({name}\).*save it as sRGB"):
        Picture(data)


@pytest.mark.parametrize("pixels", [RGB, GREY])
def test_linear_light_is_brought_to_srgb(pixels) -> None:
    linear = np.rint(srgb_to_linear(pixels / 255) * 65535).astype(np.uint16)
    assert np.abs(shown(jpeg_xl(linear, SRGB, LINEAR)) - pixels).mean() < 0.5


def test_primaries_are_applied() -> None:
    image = pyvips.Image.new_from_array(RGB).copy(interpretation="srgb")
    expected = image.icc_transform("srgb", input_profile="p3").numpy()
    assert np.abs(shown(jpeg_xl(RGB, P3, 13)) - expected).mean() < 1
    np.testing.assert_array_equal(shown(jpeg_xl(RGB, SRGB, 13)), RGB)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float16])
def test_the_heads_of_libjxl_are_read(dtype, channels) -> None:
    values = np.dstack([RGB, GREY])[..., :channels] / 255
    pixels = (values * (1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max)).astype(dtype)
    for lossless in (True, False):
        found = read_header(codestream(np.squeeze(pixels), lossless=lossless))
        assert found == Header(130, 96, SRGB, 13 if dtype == np.uint8 else LINEAR)


def test_damaged_heads_do_no_harm() -> None:
    random = np.random.default_rng(0)
    for _ in range(300):
        read_header(b"\xff\x0a" + random.bytes(int(random.integers(0, 60))))
