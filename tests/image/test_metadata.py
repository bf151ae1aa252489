"""EXIF, XMP, IPTC, profile and resolution, from every format into every format that holds them."""

import io
import struct

import numpy as np
import pytest
import pyvips
import skimage.data
import tifffile
from PIL import Image

from photochrom.image import Page, Picture, SaveOptions, encode, save, save_pages
from photochrom.image.tiff_tags import EXIF, GPS, IPTC, add_tags, as_file, data_of, read_directory

GREY = skimage.data.camera()[:48, :64]
DATASETS = b"\x1c\x02\x78\x00\x05hello\x1c\x02\x50\x00\x09A. Author"  # a caption and a name
NOTED = {"Model": "test"}
DESCRIPTION, ARTIST, TAKEN, EXPOSURE = 0x010E, 0x013B, 0x9003, 0x829A


def copy_of(picture):
    for samples, _ in picture.bands():
        yield np.repeat(samples[..., None], 3, axis=2) if samples.ndim == 2 else samples


def exif() -> Image.Exif:
    told = Image.Exif()
    told[0x011A], told[0x011B], told[0x0128] = 300.0, 300.0, 2  # an inch
    told[DESCRIPTION], told[ARTIST], told[0x0112] = "Grandma by the sea", "A. Author", 6
    told.get_ifd(EXIF).update({TAKEN: "1910:05:01 12:00:00", EXPOSURE: (1, 250)})
    told.get_ifd(GPS).update({1: "N", 2: (54.0, 19.5, 0.0)})
    return told


def resource(data: bytes) -> bytes:
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)


def picture_with_everything(path) -> Picture:
    """Write a picture that has all there is to carry, in the way that its format keeps it."""
    image = Image.fromarray(GREY)
    if path.suffix == ".tif":
        image.save(path, dpi=(300, 300))
        wanted = {DESCRIPTION, ARTIST, EXIF, GPS, 0x0112}
        told = read_directory(io.BytesIO(exif().tobytes()[6:]), 0, wanted)
        with path.open("r+b") as file:
            add_tags(file, [{**told, IPTC: (7, DATASETS)}])  # bytes, as the standard has it
    else:
        image.save(path, exif=exif().tobytes(), dpi=(300, 300))
    if path.suffix == ".jpg":
        block = b"Photoshop 3.0\0" + resource(DATASETS)
        data = path.read_bytes()
        segment = b"\xff\xed" + struct.pack(">H", len(block) + 2) + block
        path.write_bytes(data[:2] + segment + data[2:])
    return Picture(path)


def iptc_of(path) -> bytes:
    """Read IPTC without any code of ours."""
    image = pyvips.Image.new_from_file(str(path))
    if path.suffix == ".png":
        with Image.open(path) as opened:
            opened.load()
            return bytes.fromhex(opened.text["Raw profile type iptc"].split(maxsplit=2)[2])
    return bytes(image.get("iptc-data"))


def told_by(path) -> tuple[str, str, str, tuple[float, ...]]:
    with Image.open(path) as image:
        found = image.getexif()
        to_path = tuple(float(part) for part in found.get_ifd(GPS)[2])
        return found[DESCRIPTION], found[ARTIST], found.get_ifd(EXIF)[TAKEN], to_path


@pytest.mark.parametrize("go", [".jpg", ".png", ".tif", ".webp", ".avif"])
@pytest.mark.parametrize("come", [".jpg", ".png", ".tif", ".webp", ".avif"])
def test_exif_xmp_and_resolution_are_carried(tmp_path, come, go) -> None:
    picture = picture_with_everything(tmp_path / f"in{come}")
    save(Page(picture, copy_of(picture), NOTED), tmp_path / f"out{go}")
    told = told_by(tmp_path / f"out{go}")
    assert told == ("Grandma by the sea", "A. Author", "1910:05:01 12:00:00", (54.0, 19.5, 0.0))
    written = pyvips.Image.new_from_file(str(tmp_path / f"out{go}"))
    assert b"photochrom:Model" in written.get("xmp-data")
    again = Picture(tmp_path / f"out{go}")
    assert picture.resolution == pytest.approx((300 / 25.4, 300 / 25.4), rel=1e-4)
    assert again.resolution == pytest.approx((300 / 25.4, 300 / 25.4), rel=1e-4)
    with Image.open(tmp_path / f"out{go}") as image:
        assert image.getexif().get(0x0112, 1) == 1
        assert image.size == (48, 64)


@pytest.mark.parametrize("go", [".jpg", ".png", ".tif"])
@pytest.mark.parametrize("come", [".jpg", ".tif"])
def test_iptc_is_carried_and_read_again(tmp_path, come, go) -> None:
    picture = picture_with_everything(tmp_path / f"in{come}")
    save(Page(picture, copy_of(picture), {}), tmp_path / f"out{go}")
    assert DATASETS in iptc_of(tmp_path / f"out{go}")
    again = Picture(tmp_path / f"out{go}")
    back = Picture(encode(Page(again, copy_of(again), {}), ".tif"))
    assert (data_of(back.tags({IPTC}), IPTC) or b"").rstrip(b"\0") == DATASETS
    assert back.thumbnail(8, 8).shape == (8, 8, 3)


def test_each_page_keeps_its_own(tmp_path) -> None:
    with tifffile.TiffWriter(tmp_path / "in.tif") as file:
        for word in ("one", "two"):
            file.write(GREY, description=f"page {word}", metadata=None)
    pages = [Picture(tmp_path / "in.tif", page=number) for number in (0, 1)]
    save_pages([Page(page, copy_of(page), {}) for page in pages], tmp_path / "out.tif")
    with tifffile.TiffFile(tmp_path / "out.tif") as out:
        assert [page.description for page in out.pages] == ["page one", "page two"]
        assert all(np.array_equal(page.asarray()[..., 0], GREY) for page in out.pages)


def test_a_pyramid_keeps_its_metadata_and_its_levels(tmp_path) -> None:
    picture = picture_with_everything(tmp_path / "in.jpg")
    save(Page(picture, copy_of(picture), {}), tmp_path / "out.tif", SaveOptions(pyramid=True))
    assert told_by(tmp_path / "out.tif")[1] == "A. Author"
    large = Picture(skimage.data.camera())
    save(Page(large, copy_of(large), {}), tmp_path / "large.tif", SaveOptions(pyramid=True))
    with (tmp_path / "large.tif").open("r+b") as file:
        add_tags(file, [{ARTIST: (2, b"A. Author\0")}])
    assert Picture(tmp_path / "large.tif").pages == 1
    assert pyvips.Image.new_from_file(str(tmp_path / "large.tif")).get("n-pages") > 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_tags_are_read_and_added_in_every_layout(order, big) -> None:
    file = io.BytesIO()
    tifffile.imwrite(file, GREY, byteorder=order, bigtiff=big, metadata=None)
    inner = {TAKEN: (2, b"1910:05:01 12:00:00\0"), EXPOSURE: (5, struct.pack("<2I", 1, 250))}
    added = {ARTIST: (2, b"Me\0"), 33432: (2, b"nobody's any more\0"), EXIF: inner}
    add_tags(file, [added])
    assert read_directory(file, 0, {ARTIST, 33432, EXIF}) == added
    with tifffile.TiffFile(io.BytesIO(file.getvalue())) as again:
        tags = again.pages[0].tags
        assert tags[EXIF].value["ExposureTime"] == (1, 250)
        assert tags[ARTIST].value == "Me"
        np.testing.assert_array_equal(again.pages[0].asarray(), GREY)


def test_damaged_tags_are_left_out() -> None:
    whole = as_file({ARTIST: (2, b"somebody with a name\0"), EXIF: {TAKEN: (2, b"1910\0")}})
    for cut in range(len(whole)):
        read_directory(io.BytesIO(whole[:cut]), 0, {ARTIST, EXIF})
    assert read_directory(io.BytesIO(whole[:-30]), 0, {ARTIST}) == {}
    assert read_directory(io.BytesIO(b"no TIFF"), 0, {ARTIST}) == {}


@pytest.mark.parametrize("far", [2**63 - 5, 2**64 - 1])
def test_a_place_that_no_file_reaches_is_left_out(tmp_path, far) -> None:
    tifffile.imwrite(tmp_path / "in.tif", GREY, bigtiff=True, metadata=None)
    with (tmp_path / "in.tif").open("r+b") as file:
        add_tags(file, [{ARTIST: (2, b"somebody, whose name is long\0")}])
    whole = (tmp_path / "in.tif").read_bytes()
    to_path = whole.index(struct.pack("<Q", whole.index(b"somebody")))
    changed = whole[:to_path] + struct.pack("<Q", far) + whole[to_path + 8 :]
    (tmp_path / "far.tif").write_bytes(changed)
    with (tmp_path / "far.tif").open("rb") as file:
        assert read_directory(file, 0, {ARTIST}) == {}


def test_the_profile_says_srgb_where_there_was_one(tmp_path) -> None:
    for ending in (".jpg", ".png", ".tif", ".webp", ".avif"):
        image = pyvips.Image.new_from_array(GREY).icc_transform("p3", input_profile="srgb")
        image.write_to_file(str(tmp_path / f"in{ending}"))
        picture = Picture(tmp_path / f"in{ending}")
        save(Page(picture, copy_of(picture), {}), tmp_path / f"out{ending}")
        written = pyvips.Image.new_from_file(str(tmp_path / f"out{ending}"))
        assert written.get("icc-profile-data") == pyvips.Operation.call("profile_load", "srgb")
