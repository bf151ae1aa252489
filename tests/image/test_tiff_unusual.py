"""TIFF files whose tags are missing, unusual or point astray, and documents of many pages."""

import struct
from io import BytesIO

import numpy as np
import pytest
import skimage.color
import skimage.data
import tifffile
from PIL import Image

from helpers.odd_files import LONG, SHORT, tiff
from photochrom.errors import ImageError, PhotochromWarning
from photochrom.image import Picture

RGB = skimage.data.astronaut()[:96, :128]
GREY = np.ascontiguousarray(RGB[..., 0])
ALPHA = np.tile(np.arange(128, dtype=np.uint8), (96, 1))


def tags(channels: int, **more) -> dict:
    found = {258: (SHORT, [8] * channels), 277: (SHORT, [channels])}
    return found | {int(code[1:]): value for code, value in more.items()}


def shown(picture: Picture) -> np.ndarray:
    pixels = np.concatenate([samples for samples, _ in picture.bands()])
    small = picture.thumbnail(64, 48)
    assert small.dtype == pixels.dtype
    assert picture.has_alpha or abs(small.mean() - pixels.mean()) < 3
    return pixels


@pytest.mark.parametrize(
    ("pixels", "more", "words"),
    [
        (GREY, {}, "taken for grey"),
        (RGB, {}, "taken for RGB"),
        (np.dstack([RGB, ALPHA]), {"_338": (SHORT, [2])}, "taken for RGB"),
        (np.dstack([255 - RGB, ALPHA * 0]), {}, "taken for CMYK"),
    ],
)
def test_colors_that_are_not_told_are_those_that_are_likely(pixels, more, words) -> None:
    channels = np.atleast_3d(pixels).shape[2]
    data = tiff(pixels.tobytes(), 128, 96, tags(channels, **more))
    with pytest.warns(PhotochromWarning, match=words):
        picture = Picture(data)
    assert picture.has_alpha == bool(more)
    found = shown(picture)
    expected = RGB if pixels.ndim == 3 else GREY
    assert np.abs(found.astype(float) - expected).mean() < (20 if words.endswith("CMYK") else 0.01)


def test_a_fax_that_tells_no_colors_is_black_on_white() -> None:
    page = np.full((96, 128), 255, np.uint8)
    page[20:30] = 0
    file = BytesIO()
    Image.fromarray(255 - page).convert("1").save(file, "tiff", compression="group4")
    data = file.getvalue()
    told = struct.pack("<HHI", 262, SHORT, 1)
    at = data.index(told)
    data = data[:at] + struct.pack("<HHI", 261, SHORT, 1) + data[at + 8 :]
    with pytest.warns(PhotochromWarning, match="taken for black on white"):
        np.testing.assert_array_equal(shown(Picture(data)), page)


def test_a_fax_of_several_colors_is_refused_in_words() -> None:
    data = tiff(
        b"\0" * 99, 128, 96, tags(3, _258=(SHORT, [1] * 3), _259=(SHORT, [4]), _262=(SHORT, [2]))
    )
    with pytest.raises(ImageError, match="a fax of several colours is not read; save it as RGB"):
        Picture(data)


@pytest.mark.parametrize("unit", [1, 257])
def test_a_palette_with_a_channel_behind_it(unit) -> None:
    colors = np.random.default_rng(0).integers(0, 256, (256, 3), dtype=np.uint8)
    table = (SHORT, (colors.T.ravel().astype(int) * unit).tolist())
    for meaning in (0, 2):
        more = {"_262": (SHORT, [3]), "_320": table, "_338": (SHORT, [meaning])}
        data = tiff(np.dstack([GREY, ALPHA]).tobytes(), 128, 96, tags(2, **more))
        picture = Picture(data)
        assert picture.has_alpha == (meaning == 2)
        pixels = np.concatenate([samples for samples, _ in picture.bands()])
        np.testing.assert_array_equal(pixels, colors[GREY])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_lab_keeps_its_alpha(dtype) -> None:
    lab = skimage.color.rgb2lab(RGB)
    unit = 1 if dtype == np.uint8 else 256
    whole = [lab[..., :1] * np.iinfo(dtype).max / 100, lab[..., 1:] * unit]
    samples = np.rint(np.concatenate(whole, axis=2)).astype(np.int64).astype(dtype)
    samples = np.dstack([samples, ALPHA.astype(dtype) * (unit if unit == 1 else 257)])
    file = BytesIO()
    tifffile.imwrite(file, samples, photometric="cielab", extrasamples=["unassalpha"])
    picture = Picture(file.getvalue())
    assert picture.has_alpha
    alpha = np.concatenate([alpha for _, alpha in picture.bands()])
    np.testing.assert_array_equal(alpha, samples[..., 3])


def test_a_page_before_a_directory_that_points_astray_is_read(tmp_path) -> None:
    for order in "<>":
        for big in (False, True):
            file = BytesIO()
            tifffile.imwrite(file, GREY, byteorder=order, bigtiff=big, metadata=None)
            data = bytearray(file.getvalue())
            with tifffile.TiffFile(BytesIO(data)) as opened:
                page = opened.pages[0]
                size, entry = (8, 20) if big else (2, 12)
                end = page.offset + size + len(page.tags) * entry
            data[end : end + 4] = struct.pack(order + "I", 65535)
            data[end + 4 : end + 4] = b""
            path = tmp_path / "astray.tif"
            path.write_bytes(data)
            for source in (path, bytes(data)):
                picture = Picture(source)
                assert picture.pages == 1
                np.testing.assert_array_equal(shown(picture), GREY)


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", "<>")
def test_each_page_of_a_document_is_its_own(order, big, tmp_path) -> None:
    path = tmp_path / "document.tif"
    pages = [np.roll(GREY, 9 * number, axis=1) for number in range(5)]
    with tifffile.TiffWriter(path, byteorder=order, bigtiff=big) as file:
        for number, page in enumerate(pages):
            tag = [(274, 3, 1, [1, 6, 0, 3, 9][number], True)]
            file.write(page, compression="zlib", tile=(32, 32), extratags=tag, metadata=None)
    turned = [pages[0], np.rot90(pages[1], -1), pages[2], pages[3][::-1, ::-1], pages[4]]
    for source in (path, path.read_bytes()):
        pictures = [Picture(source, page=number) for number in range(5)]
        for picture, expected in zip(pictures, turned, strict=True):
            assert picture.pages == 5
            np.testing.assert_array_equal(
                np.concatenate([samples for samples, _ in picture.bands()]), expected
            )


def test_a_page_is_opened_without_a_look_at_the_others(tmp_path) -> None:
    path = tmp_path / "document.tif"
    with tifffile.TiffWriter(path) as file:
        for _ in range(40):
            file.write(GREY, metadata=None)
    header = Picture(path, page=39).header
    assert header.get("n-pages") == 1


def test_old_style_jpeg_of_greys_that_pillow_does_not_read() -> None:
    file = BytesIO()
    Image.fromarray(GREY).save(file, "jpeg", quality=95)
    jpeg = file.getvalue()
    more = {"_259": (SHORT, [6]), "_262": (SHORT, [1])}
    found = shown(Picture(tiff(jpeg, 128, 96, tags(1, **more, _279=(LONG, [len(jpeg)])))))
    assert np.abs(found.astype(float) - GREY).mean() < 3
