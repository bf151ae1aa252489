"""Resolutions that nobody told are not made up; thumbnails before a page; many pages."""

import io

import numpy as np
import pytest
import pyvips
import skimage.data
import tifffile
from PIL import Image

from helpers import echo_model
from helpers.odd_files import FRACTION, SHORT, tiff
from photochrom import Colorizer
from photochrom.errors import ImageError
from photochrom.image import Page, Picture, count_pages, encode, encode_pages

GREY = np.ascontiguousarray(skimage.data.astronaut()[:60, :80, 0])
PAGES = 150
EXTENSIONS = [".jpg", ".png", ".tif", ".webp", ".avif"]


def written(extension: str, **options) -> bytes:
    file = io.BytesIO()
    name = {".jpg": "jpeg", ".tif": "tiff"}.get(extension, extension[1:])
    if name == "tiff":
        tifffile.imwrite(file, GREY, metadata=None, **options)
    else:
        Image.fromarray(GREY).save(file, name, **options)
    return file.getvalue()


def copied(picture: Picture, extension: str) -> bytes:
    rgb = (np.repeat(one[..., None], 3, 2) for one, _ in picture.bands())
    return encode(Page(picture, rgb, {}), extension)


def dots(data: bytes) -> tuple[float, float] | None:
    """Give what Pillow finds a file to tell."""
    image = Image.open(io.BytesIO(data))
    exif = image.getexif()
    if 282 in exif and exif.get(296) in (2, 3):
        return float(exif[282]), float(exif[283])
    if image.format == "JPEG" and not image.info.get("jfif_unit"):
        return None  # Pillow makes 72 of it
    found = image.info.get("dpi")
    return tuple(map(float, found)) if found else None


@pytest.mark.filterwarnings("ignore:.*its gain map")
def test_what_libvips_makes_up_in_exif_is_no_resolution() -> None:
    image = pyvips.Image.new_from_array(np.dstack([GREY] * 3)).copy(interpretation="srgb")
    assert Picture(image.colourspace("scrgb").uhdrsave_buffer()).resolution is None


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("source", [".jpg", ".png", ".tif", ".webp"])
def test_no_resolution_is_made_up(source, extension) -> None:
    picture = Picture(written(source))
    assert picture.resolution is None
    assert dots(copied(picture, extension)) is None


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("compression", [None, "zlib", "zstd"])
def test_the_shape_of_pixels_is_no_resolution(compression, extension) -> None:
    shape = {"resolution": (300, 150), "resolutionunit": "NONE"}
    picture = Picture(written(".tif", compression=compression, **shape))
    assert picture.resolution is None
    assert dots(copied(picture, extension)) is None
    own = Picture(copied(picture, ".tif"))  # which tells the shape, too
    assert own.resolution is None


def test_a_resolution_without_a_unit_is_of_inches() -> None:
    tags = {258: (SHORT, [8]), 262: (SHORT, [1]), 277: (SHORT, [1])}
    tags |= {282: (FRACTION, [300, 1]), 283: (FRACTION, [200, 1])}
    picture = Picture(tiff(GREY.tobytes(), 80, 60, tags))
    assert picture.resolution == pytest.approx((300 / 25.4, 200 / 25.4))


def test_no_resolution_is_made_up_of_an_array_or_on_a_page() -> None:
    for source in (GREY, written(".tif")):
        pages = [Page(Picture(source), iter([GREY[..., None].repeat(3, 2)]), {}) for _ in range(2)]
        with tifffile.TiffFile(io.BytesIO(encode_pages(pages, ".tif"))) as file:
            assert [page.tags[296].value for page in file.pages] == [1, 1]


@pytest.mark.parametrize("told", [(300, 200), (20, 10)])
@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("source", [".jpg", ".png", ".tif"])
def test_a_resolution_that_is_told_is_kept(source, extension, told) -> None:
    options = {"dpi": told}
    if source == ".tif":
        options = {"resolution": told, "resolutionunit": "INCH"}
    picture = Picture(written(source, **options))
    assert picture.resolution == pytest.approx((told[0] / 25.4, told[1] / 25.4), rel=2e-3)
    assert dots(copied(picture, extension)) == pytest.approx(told, rel=2e-3)


@pytest.mark.parametrize("given", ["path", "bytes"])
def test_a_thumbnail_before_the_page_is_not_the_picture(tmp_path, given) -> None:
    path = tmp_path / "x.tif"
    mask = np.zeros((60, 80), bool)
    with tifffile.TiffWriter(path) as file:
        file.write(GREY[::4, ::4], subfiletype=1, metadata=None)
        file.write(GREY, metadata=None)
        file.write(mask, photometric="mask", subfiletype=4, metadata=None)
        file.write(GREY[::-1], metadata=None)
    source = path if given == "path" else path.read_bytes()
    assert count_pages(path) == 2
    for page, expected in enumerate((GREY, GREY[::-1])):
        picture = Picture(source, page=page)
        assert (picture.pages, picture.size) == (2, (80, 60))
        np.testing.assert_array_equal(np.concatenate([b for b, _ in picture.bands()]), expected)
        small = picture.thumbnail(40, 30).astype(int)
        assert np.abs(small - expected.reshape(30, 2, 40, 2).mean((1, 3))).mean() < 8
    with pytest.raises(ImageError, match="there is no page 3; choose 1 to 2"):
        Picture(source, page=2)


def test_a_thumbnail_alone_is_a_picture(tmp_path) -> None:
    tifffile.imwrite(tmp_path / "x.tif", GREY, subfiletype=1)
    assert Picture(tmp_path / "x.tif").size == (80, 60)


@pytest.mark.slow
def test_a_document_of_many_pages_is_coloured(tmp_path) -> None:
    colorizer = Colorizer(echo_model.write(tmp_path / "echo.onnx"), threads=1)
    with tifffile.TiffWriter(tmp_path / "x.tif") as file:
        for number in range(PAGES):
            file.write(np.full((12, 16), number % 256, np.uint8), metadata=None)
    pages = colorizer.colorize(tmp_path / "x.tif", quality="fast")
    assert pages.count == PAGES
    pages.save(tmp_path / "o.tif")
    with tifffile.TiffFile(tmp_path / "o.tif") as file:
        assert len(file.pages) == PAGES
    last = pyvips.Image.new_from_file(str(tmp_path / "o.tif"), page=PAGES - 1)
    assert abs(last.avg() - (PAGES - 1) % 256) < 20
