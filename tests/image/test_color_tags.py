"""What a PNG or an AVIF says of its colours, and which way up pictures are."""

import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
import pyvips
import skimage.data
from PIL import Image, ImageCms

from photochrom.color.spaces import linear_to_srgb, srgb_to_linear
from photochrom.errors import ImageError, PhotochromWarning
from photochrom.image import Page, Picture, encode
from photochrom.image.png_chunks import chunk
from photochrom.image.provenance import upright

RGB = skimage.data.astronaut()[:64, :80]
GREY = np.ascontiguousarray(RGB[..., 0])
P3 = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
SRGB = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)


def pixels_of(picture):
    return np.concatenate([samples for samples, _ in picture.bands()])


def png(samples: np.ndarray, **chunks: bytes) -> bytes:
    """Make a PNG with chunks before its pixels."""
    form = {2: 0, 3: 2}[samples.ndim]
    rows = samples.astype(samples.dtype.newbyteorder(">")).reshape(len(samples), -1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", *samples.shape[1::-1], 8 * samples.itemsize, form, 0, 0, 0)
    parts = {"IHDR": head, **chunks, "IDAT": zlib.compress(raw), "IEND": b""}
    found = b"\x89PNG\r\n\x1a\n"
    for name, data in parts.items():
        found += chunk(name.encode(), data)
    return found


def shown(data: bytes) -> np.ndarray:
    picture = Picture(data)
    pixels = pixels_of(picture)
    small = picture.thumbnail(40, 32)
    rgb = pixels / (257 if picture.bits == 16 else 1)
    assert abs(small.mean() / (257 if small.dtype == np.uint16 else 1) - rgb.mean()) < 3
    return rgb


def gamma(value: float) -> bytes:
    return struct.pack(">I", round(value * 100_000))


@pytest.mark.parametrize("samples", [GREY, RGB], ids=["grey", "colour"])
@pytest.mark.parametrize("exponent", [1.0, 1 / 1.8, 1 / 2.8])
def test_the_gamma_of_a_png_is_applied(samples, exponent) -> None:
    light = srgb_to_linear(samples / 255.0)
    for deepest, allowed in ((255, 4), (65535, 0.5)):
        stored = np.rint(light**exponent * deepest)
        stored = stored.astype(np.uint8 if deepest == 255 else np.uint16)
        found = shown(png(stored, gAMA=gamma(exponent)))
        assert np.abs(found - samples).mean() < allowed
        assert Picture(png(stored, gAMA=gamma(exponent))).bits == 8 * stored.itemsize


@pytest.mark.parametrize(
    "chunks",
    [
        {},
        {"gAMA": gamma(0.45455)},
        {"gAMA": gamma(0.45)},
        {"gAMA": gamma(0)},
        {"gAMA": gamma(0.45455), "cHRM": struct.pack(">8I", *SRGB)},
        {"cHRM": struct.pack(">8I", *SRGB)},
        {"sRGB": b"\0", "gAMA": gamma(1)},  # sRGB goes before gAMA
        {"cICP": bytes([1, 13, 0, 1])},
        {"cICP": bytes([1, 13, 0, 1]), "gAMA": gamma(1)},
    ],
)
def test_what_says_srgb_stays_as_it_is(chunks) -> None:
    np.testing.assert_array_equal(pixels_of(Picture(png(RGB, **chunks))), RGB)
    np.testing.assert_array_equal(pixels_of(Picture(png(GREY, **chunks))), GREY)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    "chunks",
    [
        {"cHRM": struct.pack(">8I", *P3)},
        {"cHRM": struct.pack(">8I", *P3), "gAMA": gamma(0.45455)},
        {"cICP": bytes([12, 13, 0, 1])},
    ],
)
def test_the_primaries_of_a_png_are_applied(chunks, dtype) -> None:
    vivid = np.random.default_rng(0).integers(30, 226, (64, 80, 3)).astype(np.uint8)
    image = pyvips.Image.new_from_array(vivid).copy(interpretation="srgb")
    wide = image.icc_transform("p3", input_profile="srgb", depth=8, intent="relative").numpy()
    stored = wide.astype(dtype) * np.array(257 if dtype == np.uint16 else 1, dtype)
    assert np.abs(shown(png(stored, **chunks)) - vivid).mean() < 1.5
    assert np.abs(wide.astype(float) - vivid).mean() > 5


def test_linear_light_by_cicp() -> None:
    stored = np.rint(srgb_to_linear(RGB / 255.0) * 65535).astype(np.uint16)
    assert np.abs(shown(png(stored, cICP=bytes([1, 8, 0, 1]))) - RGB).mean() < 0.5
    wide = np.rint(linear_to_srgb(np.full((8, 8, 3), 0.5)) * 255).astype(np.uint8)
    assert np.ptp(shown(png(wide, cICP=bytes([9, 13, 0, 1])))) < 2  # grey is grey in each


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG")])
def test_high_dynamic_range_is_refused_not_shown_flat(transfer, name) -> None:
    message = rf"high dynamic range \({name}\), which is not read; save it as sRGB"
    for samples in (RGB, RGB.astype(np.uint16) * 257):
        with pytest.raises(ImageError, match=message):
            Picture(png(samples, cICP=bytes([9, transfer, 0, 1])))
    avif = io.BytesIO()
    Image.fromarray(RGB).save(avif, "avif", speed=10)
    start = avif.getvalue().find(b"colrnclx") + 10
    data = bytearray(avif.getvalue())
    Picture(bytes(data))
    data[start : start + 2] = struct.pack(">H", transfer)
    with pytest.raises(ImageError, match=message):
        Picture(bytes(data))


def test_strange_chunks_are_survived() -> None:
    line = (31270, 32900, 10000, 10000, 20000, 20000, 30000, 30000)
    zeros = (0,) * 8
    for points in (struct.pack(">8I", *line), struct.pack(">8I", *zeros), b"\0" * 5):
        assert pixels_of(Picture(png(RGB, cHRM=points))).shape == RGB.shape
    Picture(png(RGB, gAMA=b"\xff" * 4, cICP=b"\0"))


def test_a_damaged_profile_is_left_out_with_a_warning() -> None:
    whole = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = whole.replace(b"para\0", b"parx\0")
    for form, mode in (("jpeg", "RGB"), ("png", "RGB"), ("jpeg", "CMYK")):
        file = io.BytesIO()
        Image.fromarray(RGB).convert(mode).save(file, form, icc_profile=profile)
        with pytest.warns(PhotochromWarning, match="its colour profile is damaged"):
            picture = Picture(file.getvalue())
        assert np.abs(pixels_of(picture).astype(float) - RGB).mean() < (40 if mode == "CMYK" else 6)
        assert picture.thumbnail(40, 32).shape == (32, 40, 3)


def test_a_profile_without_primaries_is_left_out() -> None:
    """Two of its colours were never written; what it would make of a picture is noise."""
    names = (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC")
    point, curve = b"XYZ " + bytes(16), struct.pack(">4s4xIH2x", b"curv", 1, 461)
    places = {b"XYZ": (204, 20), b"TRC": (224, 16)}
    table = b"".join(struct.pack(">4sII", name, *places[name[1:]]) for name in names)
    body = struct.pack(">I", len(names)) + table + point + curve
    profile = bytearray(128)
    profile[8:24], profile[36:40] = b"\2 \0\0scnrRGB XYZ ", b"acsp"
    profile[68:80] = struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    profile += body
    profile[:4] = struct.pack(">I", len(profile))
    file = io.BytesIO()
    Image.fromarray(RGB).save(file, "png", icc_profile=bytes(profile))
    with pytest.warns(PhotochromWarning, match="its colour profile is damaged"):
        picture = Picture(file.getvalue())
    assert np.array_equal(pixels_of(picture), RGB)


def packet(orientation: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf'
        f'-syntax-ns#"><rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
        f"{orientation}</rdf:RDF></x:xmpmeta>"
    ).encode()


def copied(picture: Picture, extension: str) -> bytes:
    return encode(Page(picture, (samples for samples, _ in picture.bands()), {}), extension)


@pytest.mark.parametrize("extension", [".jpg", ".tif", ".png", ".webp"])
@pytest.mark.parametrize(
    "orientation",
    [
        ' tiff:Orientation="6"/>',
        " tiff:Orientation = '6' ></rdf:Description>",
        "><tiff:Orientation>6</tiff:Orientation></rdf:Description>",
    ],
)
def test_a_turned_picture_is_upright_by_its_xmp_too(orientation, extension) -> None:
    exif = Image.Exif()
    exif[274] = 6
    file = io.BytesIO()
    Image.fromarray(RGB).save(file, "jpeg", exif=exif, xmp=packet(orientation))
    picture = Picture(file.getvalue())
    assert picture.size == (64, 80)
    made = pyvips.Image.new_from_buffer(copied(picture, extension), "")
    assert (made.width, made.height) == (64, 80)
    expected = orientation.replace("6", "1")
    assert packet(expected) == made.get("xmp-data")


def test_xmp_of_wide_characters_is_upright_too() -> None:
    turned = packet(' tiff:Orientation="8"/>').decode().encode("utf-16")
    assert b'tiff:Orientation="1"' in upright(turned)
    assert upright(b"\0junk") == b"\0junk"
    same = packet(' tiff:Orientation="1"/>')
    assert upright(same) == same


@pytest.mark.parametrize("extension", [".jpg", ".tif", ".png", ".webp"])
def test_a_turn_that_only_xmp_tells_is_not_followed(extension) -> None:
    file, said = io.BytesIO(), packet(' tiff:Orientation="6"/>')
    Image.fromarray(RGB).save(file, "jpeg", xmp=said)
    picture = Picture(file.getvalue())
    assert picture.header.get("xmp-data") == said
    assert picture.size == (80, 64)
    made = pyvips.Image.new_from_buffer(copied(picture, extension), "")
    assert (made.width, made.height) == (80, 64)
    assert made.get("xmp-data") == packet(' tiff:Orientation="1"/>')


def test_exif_says_which_way_up_against_xmp() -> None:
    exif = Image.Exif()
    exif[274] = 1
    file = io.BytesIO()
    Image.fromarray(RGB).save(file, "jpeg", exif=exif, xmp=packet(' tiff:Orientation="6"/>'))
    picture = Picture(file.getvalue())
    assert picture.size == (80, 64)
    made = pyvips.Image.new_from_buffer(copied(picture, ".jpg"), "")
    assert made.get("xmp-data") == packet(' tiff:Orientation="1"/>')


def exif_block(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[274], exif[271] = orientation, "Kodak"
    return exif.tobytes().removeprefix(b"Exif\0\0")


def test_what_stands_behind_the_pixels_of_a_png_is_read() -> None:
    block = b"Exif\0\0" + exif_block(6)
    text = f"\nexif\n{len(block):8}\n{block.hex()}\n".encode()
    said = packet(' tiff:Orientation="6"/>')
    start, end = png(RGB)[:-12], png(RGB)[-12:]
    for name, data in [
        (b"eXIf", exif_block(6)),
        (b"tEXt", b"Raw profile type exif\0" + text),
        (b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(text)),
    ]:
        xmp = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + said)
        picture = Picture(start + chunk(name, data) + xmp + end)
        np.testing.assert_array_equal(pixels_of(picture), np.rot90(RGB, -1))
        assert picture.header.get("xmp-data") == said
        made = pyvips.Image.new_from_buffer(copied(picture, ".png"), "")
        assert made.get("exif-ifd0-Make").startswith("Kodak")
        assert made.get("xmp-data") == packet(' tiff:Orientation="1"/>')


def test_text_of_a_png_may_be_called_in_latin_1() -> None:
    text = "K\xfcnstler\0M\xfcller".encode("latin-1")
    picture = Picture(png(RGB, tEXt=text))
    assert np.array_equal(pixels_of(picture), RGB)
    assert np.array_equal(pixels_of(Picture(copied(picture, ".png"))), RGB)


def test_damaged_chunks_behind_the_pixels_do_no_harm() -> None:
    start, end = png(RGB)[:-12], png(RGB)[-12:]
    for added in (chunk(b"eXIf", b"MM\0"), chunk(b"iTXt", b"XML:com.adobe.xmp"), b"\xff" * 8):
        with suppress(ImageError):
            np.testing.assert_array_equal(pixels_of(Picture(start + added + end)), RGB)


@pytest.mark.parametrize("name", ["exif", "APP1"])
def test_exif_in_the_text_of_a_png_is_read(name) -> None:
    block = b"Exif\0\0" + exif_block(6)
    text = f"\n{name}\n{len(block):8}\n{block.hex()}\n".encode()
    profile = f"Raw profile type {name}".encode() + b"\0\0" + zlib.compress(text)
    picture = Picture(png(RGB, zTXt=profile))
    assert picture.size == (64, 80)
    np.testing.assert_array_equal(pixels_of(picture), np.rot90(RGB, -1))
    assert picture.thumbnail(32, 40).shape == (40, 32, 3)
    made = pyvips.Image.new_from_buffer(copied(picture, ".jpg"), "")
    assert made.get("exif-ifd0-Make").startswith("Kodak")
    assert (made.width, made.height, made.get("orientation")) == (64, 80, 1)
    broken = png(RGB, zTXt=profile.replace(zlib.compress(text), zlib.compress(b"\nexif\n 9\nzz")))
    assert Picture(broken).size == (80, 64)
