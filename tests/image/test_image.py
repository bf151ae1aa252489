import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import pyvips
import skimage.data
import tifffile
from PIL import Image, ImageCms

from photochrom.color.spaces import samples_to_lightness, srgb_to_linear
from photochrom.errors import ImageError
from photochrom.image import (
    Limits,
    Page,
    Picture,
    SaveOptions,
    count_pages,
    save,
    save_pages,
    save_rgb,
)
from photochrom.image.profiles import is_srgb


def copy_of(picture):
    for samples, alpha in picture.bands():
        rgb = samples if samples.ndim == 3 else np.repeat(samples[..., None], 3, axis=2)
        yield rgb if alpha is None else np.concatenate([rgb, alpha[..., None]], axis=2)


def pixels_of(picture):
    return np.concatenate([samples for samples, _ in picture.bands()])


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp", ".avif"])
def test_each_format_is_written_and_read(tmp_path, ending) -> None:
    pixels = skimage.data.astronaut()[:200, :300]
    target = tmp_path / f"a [1] picture{ending}"
    picture = Picture(pixels)
    save(Page(picture, copy_of(picture), {}), target)
    found = pixels_of(Picture(target))
    assert np.abs(found.astype(int) - pixels).mean() < (0.01 if ending in (".png", ".tif") else 4)
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize("ending", [".png", ".tif"])
def test_sixteen_bits_and_alpha_are_kept(tmp_path, ending) -> None:
    pixels = np.random.default_rng(0).integers(0, 65536, (300, 777, 4)).astype(np.uint16)
    picture = Picture(pixels)
    save(Page(picture, copy_of(picture), {}), tmp_path / f"x{ending}")
    again = Picture(tmp_path / f"x{ending}")
    assert again.has_alpha
    assert again.bits == 16
    np.testing.assert_array_equal(np.concatenate(list(copy_of(again))), pixels)


@pytest.mark.parametrize(("channels", "kind"), [(5, "rgb"), (6, "rgb"), (3, "minisblack")])
def test_channels_behind_alpha_are_dropped(tmp_path, channels, kind) -> None:
    samples = np.random.default_rng(0).integers(0, 256, (20, 30, channels), dtype=np.uint8)
    first = 3 if kind == "rgb" else 1
    extra = ["unassalpha"] + ["unspecified"] * (channels - first - 1)
    tifffile.imwrite(tmp_path / "in.tif", samples, photometric=kind, extrasamples=extra)
    picture = Picture(tmp_path / "in.tif")
    save(Page(picture, copy_of(picture), {}), tmp_path / "out.png")
    back = pyvips.Image.new_from_file(str(tmp_path / "out.png")).numpy()
    assert back.shape == (20, 30, 4)
    np.testing.assert_array_equal(back[..., 3], samples[..., first])


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_each_kind_of_samples_is_read(tmp_path, mode) -> None:
    image = Image.fromarray(skimage.data.astronaut()[:64, :64])
    if mode == "I;16":
        image = Image.fromarray(skimage.data.astronaut()[:64, :64, 0].astype(np.uint16) * 257)
    else:
        image = image.convert(mode)
    path = tmp_path / "in.tif"
    image.save(path)
    picture = Picture(path)
    assert pixels_of(picture).shape[:2] == (64, 64)
    assert picture.thumbnail(32, 32).shape[:2] == (32, 32)


def test_floats_in_a_tiff_are_srgb_in_0_to_1(tmp_path) -> None:
    rgb = skimage.data.astronaut()[:64, :80]
    pyvips.Image.new_from_array(rgb / 255).cast("float").tiffsave(str(tmp_path / "x.tif"))
    picture = Picture(tmp_path / "x.tif")
    assert picture.bits == 16
    np.testing.assert_allclose(pixels_of(picture) / 257, rgb, atol=0.01)
    assert picture.thumbnail(40, 32).shape == (32, 40, 3)
    pyvips.Image.new_from_array(rgb * 1.0).cast("float").tiffsave(str(tmp_path / "y.tif"))
    with pytest.raises(ImageError, match=r"floats from 0 to 237; give them in 0\.\.1"):
        Picture(tmp_path / "y.tif")
    for strange in (np.nan, np.inf, -np.inf):
        tifffile.imwrite(tmp_path / "z.tif", np.array([[0.5, strange]], np.float32))
        with pytest.raises(ImageError, match=r"z\.tif: NaN or infinite values; give floats in 0"):
            Picture(tmp_path / "z.tif")


@pytest.mark.parametrize("given", ["path", "bytes"])
@pytest.mark.parametrize("shape", [(64, 80), (64, 80, 3), (64, 80, 4)])
def test_floats_of_64_bits_are_read(tmp_path, given, shape) -> None:
    values = np.random.default_rng(0).random((2, *shape))
    options = {"photometric": "rgb"} if len(shape) == 3 else {}
    tifffile.imwrite(tmp_path / "x.tif", values, compression="zlib", **options)
    source = tmp_path / "x.tif"
    picture = Picture(source if given == "path" else source.read_bytes(), page=1)
    assert (picture.pages, picture.bits, picture.has_alpha) == (2, 16, shape[-1] == 4)
    found = pixels_of(picture) / 65535
    colours = values[1][..., :3] if len(shape) == 3 else values[1]
    np.testing.assert_allclose(found, colours, atol=1e-5)
    with pytest.raises(ImageError, match="80 x 64 pixels, the limit is 99"):
        Picture(source, Limits(pixels=99))
    tifffile.imwrite(tmp_path / "huge.tif", np.full(shape, 1e300), **options)
    with pytest.raises(ImageError, match=r"floats from 1e\+300 to 1e\+300; give them in 0"):
        Picture(tmp_path / "huge.tif")
    source.write_bytes(source.read_bytes().replace(b"x\x9c", b"y\x9c"))
    with pytest.raises(ImageError, match=r"(x\.tif|picture): the file is damaged or cut off"):
        Picture(source, page=1)


@pytest.mark.parametrize("subifd", [True, False])
def test_a_pyramid_is_one_picture(tmp_path, subifd) -> None:
    image = pyvips.Image.new_from_array(np.tile(skimage.data.camera(), (2, 2)))
    image.tiffsave(str(tmp_path / "x.tif"), tile=True, pyramid=True, subifd=subifd)
    picture = Picture(tmp_path / "x.tif")
    assert (picture.width, picture.height) == (1024, 1024)
    save(Page(picture, copy_of(picture), {}), tmp_path / "o.tif", SaveOptions(pyramid=True))
    again = pyvips.Image.new_from_file(str(tmp_path / "o.tif"))
    assert again.get("n-pages") > 1
    assert Picture(tmp_path / "o.tif").width == 1024
    with pytest.raises(ImageError, match=r"a pyramid is a TIFF; name it \.tif"):
        save(Page(picture, copy_of(picture), {}), tmp_path / "o.png", SaveOptions(pyramid=True))


def test_a_page_of_half_the_size_is_a_page(tmp_path) -> None:
    small = np.ascontiguousarray(skimage.data.coins()[:32, :40])
    with tifffile.TiffWriter(tmp_path / "x.tif") as file:
        file.write(skimage.data.camera()[:64, :80], metadata=None)
        file.write(small, metadata=None)
    assert Picture(tmp_path / "x.tif", page=0).pages == 2
    np.testing.assert_array_equal(pixels_of(Picture(tmp_path / "x.tif", page=1)), small)
    with tifffile.TiffWriter(tmp_path / "y.tif") as file:
        file.write(skimage.data.camera()[:64, :80], metadata=None)
        file.write(small[::2], subfiletype=1, metadata=None)  # a thumbnail, and says so
    assert Picture(tmp_path / "y.tif").pages == 1


def test_other_pages_are_refused(tmp_path) -> None:
    pages = [Image.new("L", (40, 40)), Image.new("L", (40, 40))]
    pages[0].save(tmp_path / "x.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(ImageError, match="2 pages; save each as a file of its own"):
        Picture(tmp_path / "x.tif")


@pytest.mark.parametrize("ending", [".png", ".tif", ".jpg"])
def test_display_p3_shows_the_same_colours(tmp_path, ending) -> None:
    rgb = skimage.data.astronaut()[:64, :64]
    picture = Picture(rgb)
    save(Page(picture, copy_of(picture), {}), tmp_path / f"x{ending}", SaveOptions(profile="p3"))
    wide = pyvips.Image.new_from_file(str(tmp_path / f"x{ending}"))
    assert b"P3" in wide.get("icc-profile-data").replace(b"\0", b"")
    back = wide.icc_transform("srgb", embedded=True).numpy()
    assert np.abs(back.astype(int) - rgb).mean() < 2
    assert np.abs(wide.numpy().astype(int) - rgb).mean() > np.abs(back.astype(int) - rgb).mean()


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1)])
def test_thin_pictures(tmp_path, shape) -> None:
    picture = Picture(np.full(shape, 128, np.uint8))
    assert picture.thumbnail(64, 32).shape == (32, 64)
    save(Page(picture, copy_of(picture), {}), tmp_path / "x.png")
    assert pixels_of(Picture(tmp_path / "x.png")).shape[:2] == shape


def bomb() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


BAD = [
    ("x.jpg", b"", "the file is empty"),
    ("x.jpg", b"only a text\n" * 9, "not a picture"),
    (
        "x.png",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "this kind of picture is not read",
    ),
    ("x.png", bomb(), "100000 x 100000 pixels, the limit is 500,000,000"),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD)
def test_what_is_no_picture_is_refused(tmp_path, name, content, message) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message):
        Picture(path)


def test_missing_files_folders_and_large_ones_are_refused(tmp_path) -> None:
    with pytest.raises(ImageError, match="no such file"):
        Picture(tmp_path / "none.jpg")
    with pytest.raises(ImageError, match="a folder"):
        Picture(tmp_path)
    Image.new("L", (50, 50)).save(tmp_path / "x.png")
    with pytest.raises(ImageError, match="the limit is 10"):
        Picture(tmp_path / "x.png", Limits(bytes=10))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
@pytest.mark.parametrize("extension", [".jpg", ".tif", ".pdf", ".dng"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path, extension) -> None:
    os.mkfifo(tmp_path / f"x{extension}")
    for ask in (Picture, count_pages):
        if ask is Picture or extension in (".tif", ".pdf"):
            with pytest.raises(ImageError, match="a pipe or a device, not a file; write it to a"):
                ask(tmp_path / f"x{extension}")


def test_floats_that_rounding_brings_beyond_1_are_read(tmp_path) -> None:
    tifffile.imwrite(tmp_path / "x.tif", np.float32([[0, 1.0003], [-0.0003, 0.5]]))
    found = np.concatenate([one for one, _ in Picture(tmp_path / "x.tif").bands()])
    assert found.ravel().tolist() == [0, 65535, 0, 32768]


@pytest.mark.parametrize("length", [255, 251])
def test_names_may_be_as_long_as_the_disk_takes(tmp_path, length) -> None:
    for extension in (".jpg", ".tif", ".pdf"):
        target = tmp_path / ("ü" * 9 + "n" * (length - 18 - len(extension)) + extension)
        save_rgb(np.full((4, 5, 3), 0.5), tmp_path / "x.png")
        picture = Picture(tmp_path / "x.png")
        page = Page(picture, copy_of(picture), {})
        save_pages([page], target) if extension != ".jpg" else save(page, target)
        assert Picture(target, page=0).size[0] >= 5


@pytest.mark.parametrize("ending", [".jpg", ".png"])
def test_a_cut_off_file_leaves_nothing_behind(tmp_path, ending) -> None:
    whole, cut = tmp_path / f"whole{ending}", tmp_path / f"cut{ending}"
    Image.fromarray(skimage.data.astronaut()).save(whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    def copy() -> None:
        picture = Picture(cut)
        save(Page(picture, copy_of(picture), {}), tmp_path / "out.png")

    with pytest.raises(ImageError, match="cut off"):
        copy()
    assert {path.name for path in tmp_path.iterdir()} == {whole.name, cut.name}


def test_warnings_of_libvips_do_not_reach_python() -> None:
    assert pyvips._log_handler_id is None  # one within another would end the process


BAD_ARRAYS = [
    (np.array(0.5), "shape"),
    (np.full((4, 4), np.nan), "NaN"),
    (np.zeros((4, 4), np.int64), "int64"),
    (np.zeros((4, 4, 5), np.uint8), "shape"),
    (np.full((4, 4), 7.0), "give them in 0..1"),
    (np.zeros((0, 4), np.uint8), "empty"),
]


@pytest.mark.parametrize(("array", "message"), BAD_ARRAYS)
def test_bad_arrays_are_refused(array, message) -> None:
    with pytest.raises(ImageError, match=message):
        Picture(array)


def test_targets_are_checked(tmp_path) -> None:
    picture = Picture(np.zeros((8, 8), np.uint8))
    with pytest.raises(ImageError, match=r"cannot write \.bmp"):
        save(Page(picture, copy_of(picture), {}), tmp_path / "x.bmp")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ImageError, match="cannot be written"):
        save(Page(picture, copy_of(picture), {}), tmp_path / "file" / "x.png")
    kept = tmp_path / "kept.png"
    kept.write_text("mine")
    with pytest.raises(ImageError, match="exists already"):
        save(Page(picture, copy_of(picture), {}), kept)
    assert kept.read_text() == "mine"
    assert not list(Path(tmp_path).glob(".*"))


def test_the_embedded_profile_is_honoured(tmp_path) -> None:
    red = pyvips.Image.new_from_array(np.full((8, 8, 3), (255, 0, 0), np.uint8))
    red = red.copy(interpretation="srgb")
    red.icc_transform("p3", input_profile="srgb").write_to_file(str(tmp_path / "p3.png"))
    stored = np.asarray(Image.open(tmp_path / "p3.png"))[0, 0]
    assert stored[0] < 240  # sRGB's red is inside P3's
    lightness = samples_to_lightness(Picture(tmp_path / "p3.png").thumbnail(8, 8))
    assert lightness.mean() == pytest.approx(53.24, abs=0.5)


def profile_of_linear_srgb() -> bytes:
    """An sRGB profile, whose name stays, with the curve of linear light."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for entry in range(132, 132 + 12 * int.from_bytes(data[128:132], "big"), 12):
        name, start, size = struct.unpack(">4sII", data[entry : entry + 12])
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            data[start : start + size] = struct.pack(">4siii", b"para", 0, 0, 65536).ljust(size)
    return bytes(data)


def test_profiles_are_told_by_what_they_do_not_by_their_names(tmp_path) -> None:
    grey = np.tile(np.arange(256, dtype=np.uint8)[:, None], (8, 1, 3))
    linear = np.rint(srgb_to_linear(grey / 255) * 65535).astype(np.uint16)
    image = pyvips.Image.new_from_array(linear).copy(interpretation="rgb16")
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile_of_linear_srgb())
    image.write_to_file(str(tmp_path / "linear.tif"))
    found = samples_to_lightness(pixels_of(Picture(tmp_path / "linear.tif")))
    assert np.abs(found - samples_to_lightness(grey)).mean() < 0.1
    assert "sRGB".encode("utf-16-be") in profile_of_linear_srgb()
    p3 = bytearray(pyvips.Operation.call("profile_load", "p3"))
    p3[80:84] = b"sRGB"  # the header's field of who made it
    assert not is_srgb(bytes(p3))
    assert is_srgb(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert is_srgb(pyvips.Operation.call("profile_load", "srgb"))
    assert not is_srgb(pyvips.Operation.call("profile_load", "cmyk"))
    assert not is_srgb(b"junk")


def test_outputs_have_the_rights_of_any_new_file(tmp_path) -> None:
    picture = Picture(np.zeros((8, 8), np.uint8))
    before = os.umask(0o027)
    try:
        save(Page(picture, copy_of(picture), {}), tmp_path / "x.png")
    finally:
        os.umask(before)
    assert (tmp_path / "x.png").stat().st_mode & 0o777 == 0o640
