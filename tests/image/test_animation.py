"""Animations: their frames are coloured as one, and written where a format holds them."""

import io
import re
import struct
import sys

import numpy as np
import pytest
import pyvips
import skimage.data
from click.testing import CliRunner
from PIL import Image

from photochrom import Colorizer, ImageError, MissingExtra
from photochrom.cli.main import main
from photochrom.color.spaces import linear_to_srgb, samples_to_lightness
from photochrom.errors import PhotochromWarning
from photochrom.image import Limits, Picture, load_rgb
from photochrom.image.png_chunks import chunk
from photochrom.inference.steadied import Steadied

STILL = np.ascontiguousarray(skimage.data.astronaut()[:120, 100:260, 0])
FRAMES = [STILL, STILL, np.roll(STILL, 2, axis=1), STILL[:, ::-1].copy()]
DELAYS = [100, 200, 50, 80]
MAKERS = {"gif": "GIF", "webp": "WEBP", "png": "PNG", "avif": "AVIF"}


def animation(extension: str) -> bytes:
    file = io.BytesIO()
    first, *others = (Image.fromarray(frame) for frame in FRAMES)
    lossless = {"webp": {"lossless": True}, "avif": {"quality": 95, "speed": 10}}
    options = {"save_all": True, "append_images": others, "duration": DELAYS, "loop": 3}
    if extension == "avif":
        first, options["append_images"] = first.convert("RGB"), [o.convert("RGB") for o in others]
    first.save(file, MAKERS[extension], **options, **lossless.get(extension, {}))
    return file.getvalue()


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer(threads=1)


@pytest.mark.parametrize("extension", ["gif", "webp", "png", "avif"])
def test_all_frames_are_coloured_and_their_timing_is_kept(colorizer, tmp_path, extension) -> None:
    path = tmp_path / f"x.{extension}"
    path.write_bytes(animation(extension))
    coloured = colorizer.colorize(path)
    count = coloured.count
    assert count >= 3  # equal frames may be stored as one
    assert coloured.animated
    assert repr(coloured) == f"<ColorizedPages, {count} frames>"
    coloured.save(tmp_path / "out.webp")
    out = pyvips.Image.new_from_file(str(tmp_path / "out.webp"), n=-1)
    assert out.get("n-pages") == count
    assert (out.width, out.get("page-height")) == (160, 120)
    assert sum(out.get("delay")) == (sum(DELAYS) if extension != "avif" else sum(out.get("delay")))
    assert b"photochrom:Model" in out.get("xmp-data")
    pixels = out.numpy()[..., :3].reshape(count, 120, 160, 3)
    for shown, frame in ((pixels[0], FRAMES[0]), (pixels[-1], FRAMES[-1])):
        light = samples_to_lightness(shown) - samples_to_lightness(frame)
        assert np.abs(light).mean() < 3
        assert np.ptp(shown.astype(int), axis=2).mean() > 5


@pytest.mark.parametrize("given", ["path", "bytes"])
def test_a_format_of_one_picture_holds_the_first_frame_with_a_note(
    colorizer, tmp_path, given
) -> None:
    path = tmp_path / "x.gif"
    path.write_bytes(animation("gif"))
    coloured = colorizer.colorize(path if given == "path" else path.read_bytes())
    message = r"an animation of \d frames, of which \.jpg holds the first; name it \.webp for all"
    with pytest.warns(PhotochromWarning, match=message):
        coloured.save(tmp_path / "out.jpg")
    with pytest.warns(PhotochromWarning, match=message):
        assert coloured.encode(".jpg")
    shown = samples_to_lightness(load_rgb(tmp_path / "out.jpg", 120))
    assert np.abs(shown - samples_to_lightness(STILL)).mean() < 2
    with pytest.raises(ImageError, match=r"cannot write \.xyz"):
        coloured.save(tmp_path / "out.xyz")
    coloured.save(tmp_path / "out.tif")
    assert pyvips.Image.new_from_file(str(tmp_path / "out.tif")).get("n-pages") == coloured.count


def test_the_command_writes_an_animation(tmp_path) -> None:
    (tmp_path / "x.gif").write_bytes(animation("gif"))
    result = CliRunner().invoke(main, ["colorize", str(tmp_path / "x.gif"), "--quality", "fast"])
    assert result.exit_code == 0, result.output
    out = pyvips.Image.new_from_file(str(tmp_path / "x-colour.webp"))
    assert out.get("n-pages") >= 3
    arguments = ["colorize", str(tmp_path / "x.gif"), "-o", str(tmp_path / "o.png")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "of which .png holds the first" in result.output


def test_hints_and_variants_are_for_a_frame_alone(tmp_path, colorizer, echo) -> None:
    path = tmp_path / "x.gif"
    path.write_bytes(animation("gif"))
    out = tmp_path / "o.png"
    for words in (["--hint", "9,9,red"], ["--variants", "2"]):
        arguments = ["colorize", "-m", str(echo), str(path), "-o", str(out), *words]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 1
        assert re.search(r"not for an animation of \d frames; take a frame out", result.output)
    assert list(tmp_path.iterdir()) == [path]
    first = Picture(path, page=0)
    assert colorizer.colorize(first, hints=[(9, 9, "red")]).size == (160, 120)
    assert len(colorizer.variants(first, 2)) == 2


def test_a_frame_alone_is_the_first(tmp_path) -> None:
    picture = Picture(animation("webp"))
    assert (picture.page, picture.size) == (0, (160, 120))
    assert picture.timing.loop == 3


def test_pages_of_a_tiff_are_no_animation(colorizer, tmp_path) -> None:
    file, pages = io.BytesIO(), [Image.fromarray(STILL)] * 2
    pages[0].save(file, "tiff", save_all=True, append_images=pages[1:])
    with pytest.raises(ImageError, match=r"holds one page only; name it \.tif or \.pdf"):
        colorizer.colorize(file.getvalue()).save(tmp_path / "x.webp")


def test_all_frames_count_for_the_limits(colorizer, tmp_path) -> None:
    coloured = colorizer.colorize(animation("gif"), limits=Limits(pixels=30_000))
    with pytest.raises(ImageError, match=r"160 x \d+ pixels, the limit is 30,000"):
        coloured.save(tmp_path / "x.webp")


def test_animations_without_the_extra(monkeypatch) -> None:
    monkeypatch.setattr("photochrom.image.animation.find_spec", lambda name: None)
    assert Picture(animation("png")).pages == 1
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(MissingExtra, match=r"an animation needs.*photochrom\[archive\]"):
        Picture(AVIF)


AVIF = animation("avif")


def with_chunk(data: bytes, name: bytes, content: bytes) -> bytes:
    """Put a chunk behind the head of a PNG."""
    return data[:33] + chunk(name, content) + data[33:]


def two_frames(extension: str, **options) -> bytes:
    file, rgb = io.BytesIO(), skimage.data.astronaut()[:60, 100:180]
    first, second = Image.fromarray(rgb), Image.fromarray(rgb[:, ::-1])
    quality = {"avif": {"quality": 95, "speed": 10}, "webp": {"lossless": True}}
    options |= {"save_all": True, "append_images": [second], **quality.get(extension, {})}
    first.save(file, MAKERS[extension], **options)
    return file.getvalue()


def shown(data: bytes) -> np.ndarray:
    return np.concatenate([samples for samples, _ in Picture(data, page=1).bands()]).astype(int)


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG")])
def test_frames_of_high_dynamic_range_are_refused(transfer, name) -> None:
    png = with_chunk(two_frames("png"), b"cICP", bytes([9, transfer, 0, 1]))
    before = b"colrnclx\0\1\0\x0d"
    avif = two_frames("avif")
    assert before in avif
    for data in (png, avif.replace(before, before[:-1] + bytes([transfer]))):
        with pytest.raises(ImageError, match=rf"high dynamic range \({name}\).*save it as sRGB"):
            Picture(data, page=1)


def test_frames_of_a_png_have_its_gamma() -> None:
    data = two_frames("png")
    expected = linear_to_srgb(shown(data) / 255) * 255
    linear = with_chunk(data, b"gAMA", struct.pack(">I", 100_000))
    assert np.abs(shown(linear) - expected).mean() < 1


@pytest.mark.parametrize("extension", ["png", "avif", "webp"])
def test_frames_have_the_profile_and_the_turn_of_their_file(extension) -> None:
    plain = shown(two_frames(extension))
    profile = bytes(pyvips.Operation.call("profile_load", "p3"))
    wide = shown(two_frames(extension, icc_profile=profile))
    image = pyvips.Image.new_from_array(plain.astype(np.uint8)).copy(interpretation="srgb")
    expected = image.icc_transform("srgb", input_profile="p3").numpy()
    assert np.abs(wide - expected).mean() < 1
    exif = Image.Exif()
    exif[271] = "Kodak"
    if extension != "avif":  # at whose turn Pillow's encoder ends
        exif[274] = 6
    turned = two_frames(extension, exif=exif.tobytes())
    expected = plain if extension == "avif" else np.rot90(plain, -1)
    assert np.abs(shown(turned) - expected).mean() < 1
    assert Picture(turned, page=0).header.get("exif-ifd0-Make").startswith("Kodak")


def test_frames_of_a_png_have_its_resolution() -> None:
    picture = Picture(two_frames("png", dpi=(300, 300)), page=0)
    assert picture.resolution == pytest.approx((300 / 25.4, 300 / 25.4), rel=1e-3)


def test_a_cut_animation_is_said_to_be_damaged() -> None:
    for data in (AVIF[: len(AVIF) // 2], animation("png")[:800]):
        with pytest.raises(ImageError, match="damaged or cut off"):
            list(Picture(data, page=1).bands())


def test_colours_stay_where_the_picture_does() -> None:
    random = np.random.default_rng(0)
    light = np.full((16, 16), 50, np.float32)
    truth = np.full((2, 8, 8), 20, np.float32)
    noisy = [truth + random.normal(0, 6, truth.shape).astype(np.float32) for _ in range(30)]
    steadied = Steadied()
    frames = [steadied.frame(number, light, ab) for number, ab in enumerate(noisy)]
    flicker = np.abs(np.diff(frames[10:], axis=0)).mean()
    assert flicker < np.abs(np.diff(noisy[10:], axis=0)).mean() / 5
    assert np.abs(frames[-1] - truth).mean() < 2
    other = light.copy()
    other[:, 8:] += 30  # half of it is another thing now
    after = steadied.frame(30, other, -truth)
    np.testing.assert_allclose(after[:, :, 5:], -20, atol=0.5)
    assert after[:, :, :3].mean() > 15
    np.testing.assert_array_equal(steadied.frame(0, light, truth), truth)  # from the start again
