"""The planes of coloured films: luma goes through, chroma is made at half size."""

import av
import numpy as np
import pytest
import skimage.data

pytest.importorskip("cv2")
from helpers.films import pan, photograph, read, write
from photochrom import Colorizer
from photochrom.color.spaces import samples_to_lightness, srgb_to_lab
from photochrom.color.subsampling import BT709, Planes
from photochrom.video import reader, writer
from photochrom.video.clip import encode_mp4
from photochrom.video.container import EXACT
from photochrom.video.pixels import frame_of, grey_of, luma_of

FRAMES = 6


FORMATS = ["yuv420p", "yuv420p10le", "yuv422p10le"]


@pytest.fixture(scope="module", params=FORMATS)
def pixel_format(request):
    """Of the film, and of what is made of it."""
    return request.param


@pytest.fixture(scope="module")
def bits(pixel_format):
    """Of a sample."""
    return 10 if "10" in pixel_format else 8


@pytest.fixture(scope="module")
def film(tmp_path_factory, bits, pixel_format):
    frames = pan(photograph(), FRAMES)
    if bits == 10:  # of which the last two tell something
        frames = [frame * np.uint16(256) + np.arange(160, dtype=np.uint16) for frame in frames]
    path = tmp_path_factory.mktemp("film") / "in.mkv"
    return write(path, frames, codec="ffv1", form=pixel_format)


@pytest.fixture(scope="module")
def colorizer(echo):
    return Colorizer(echo, threads=2)


def planes(frame) -> list[np.ndarray]:
    """Give the planes of a frame as they are stored."""
    dtype = np.uint16 if frame.format.components[0].bits > 8 else np.uint8
    whole = [np.frombuffer(one, dtype).reshape(one.height, -1) for one in frame.planes]
    return [some[:, : one.width] for some, one in zip(whole, frame.planes, strict=True)]


def planes_of(path) -> list[list[np.ndarray]]:
    """Decode a film."""
    with av.open(str(path)) as file:
        return [planes(frame) for frame in file.decode(video=0)]


def lost(rgb, grey) -> float:
    """Mean difference of lightness."""
    gaps = [
        np.abs(samples_to_lightness(one) - samples_to_lightness(other)).mean()
        for one, other in zip(rgb, grey, strict=True)
    ]
    return float(np.mean(gaps))


def test_luma_goes_through_as_it_is(colorizer, film, bits, pixel_format, tmp_path) -> None:
    out = tmp_path / "out.mkv"
    coloured = colorizer.colorize(film, strength=0)
    coloured.save(out, codec="ffv1", pixel_format=pixel_format)
    for found, stored in zip(planes_of(out), planes_of(film), strict=True):
        assert np.array_equal(found[0], stored[0])
        assert all((one == 1 << bits - 1).all() for one in found[1:])


def test_a_film_in_colour_keeps_its_lightness(
    colorizer, film, bits, pixel_format, tmp_path, monkeypatch
) -> None:
    seen = []
    monkeypatch.setattr(writer, "frame_of", lambda *a: seen.append(a[0]) or frame_of(*a))
    out = tmp_path / "out.mov"
    codec = "prores" if pixel_format == "yuv422p10le" else "h264"
    colorizer.colorize(film).save(out, codec=codec, bits=bits)
    assert all(isinstance(one, Planes) for one in seen)
    frames = read(out)[0]
    assert np.abs(srgb_to_lab(frames[3] / 255.0)[..., 1:]).mean() > 10
    assert lost(frames, pan(photograph(), FRAMES)) < 0.5


def test_chroma_of_half_the_size_has_the_colours_of_all_of_it(
    colorizer, film, pixel_format, tmp_path
) -> None:
    shown = []
    for one in (pixel_format, pixel_format.replace("420", "444").replace("422", "444")):
        out = tmp_path / f"{one}.mkv"
        colorizer.colorize(film).save(out, codec="ffv1", pixel_format=one)
        with av.open(str(out)) as file:
            context = file.streams.video[0].codec_context
            assert (context.pix_fmt, context.color_range, context.colorspace) == (one, 1, 1)
        shown.append(np.stack([srgb_to_lab(frame / 255.0) for frame in read(out)[0]]))
    half, full = shown
    assert np.abs(half[..., 0] - full[..., 0]).mean() < 0.5
    assert np.linalg.norm(half - full, axis=-1).mean() < 1.5


@pytest.mark.parametrize("pixel_format", FORMATS)
@pytest.mark.parametrize("size", [(160, 120), (159, 119), (3, 5), (1, 1)])
def test_sides_that_are_odd_are_mirrored(size, pixel_format) -> None:
    width, height = size
    random = np.random.default_rng(0)
    tall = height if "422" in pixel_format else -(-height // 2)
    half, dtype = (tall, -(-width // 2)), np.uint16 if "10" in pixel_format else np.uint8
    made = Planes(*(random.integers(0, 256, one, dtype) for one in ((height, width), half, half)))
    padding = width % 2, height % 2 if "420" in pixel_format else 0
    stored = frame_of(made, padding, pixel_format)
    assert (stored.width, stored.height) == (width + padding[0], height + padding[1])
    luma, blue, red = planes(stored)
    assert np.array_equal(luma, np.pad(made.luma, [(0, side) for side in padding[::-1]], "edge"))
    assert np.array_equal(blue, made.blue)
    assert np.array_equal(red, made.red)


def test_black_and_white_are_those_of_films() -> None:
    assert (BT709.of_grey[[0, 255]] == [16, 235]).all()


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "nv12", "gray", "rgb24"])
@pytest.mark.parametrize("color_range", [0, 1, 2])
def test_grey_is_that_of_ffmpeg(pixel_format, color_range) -> None:
    frame = av.VideoFrame(62, 50, pixel_format)
    random = np.random.default_rng(0)
    for plane in frame.planes:
        plane.update(random.integers(0, 256, plane.buffer_size, np.uint8).tobytes())
    frame.color_range = color_range
    wanted = frame.reformat(format="gray", interpolation=EXACT).to_ndarray()
    assert np.array_equal(grey_of(frame), wanted)


def test_luma_that_is_brought_to_grey_comes_back() -> None:
    planes = np.full((3, 256), 128, np.uint8)
    planes[:2] = np.clip(np.arange(256), 16, 235)
    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    assert np.array_equal(luma_of(np.ascontiguousarray(grey_of(frame)))[0], planes[:2])


def test_whether_a_film_has_colours_is_known_once_it_is_read(
    colorizer, film, bits, tmp_path, monkeypatch
) -> None:
    coloured = colorizer.colorize(film)
    looks = []
    decoded = reader.decoded
    monkeypatch.setattr(reader, "decoded", lambda *a: looks.append(a) or decoded(*a))
    coloured.save(tmp_path / "out.mp4", bits=bits)
    assert not coloured.had_color
    assert len(looks) == 1
    (tmp_path / "color.mp4").write_bytes(encode_mp4([skimage.data.astronaut()[:120, :160]] * 3, 12))
    assert colorizer.colorize(tmp_path / "color.mp4").had_color
