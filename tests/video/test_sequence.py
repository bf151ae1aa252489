"""Sequences of pictures, such as frames/%05d.png, as films: read and written."""

import os

import av
import numpy as np
import pytest
import pyvips
from click.testing import CliRunner
from PIL import Image

from helpers.films import pan, photograph, read, write
from photochrom import Colorizer, ImageError, PhotochromWarning
from photochrom.cli.main import main
from photochrom.color.spaces import samples_to_lightness, srgb_to_lab
from photochrom.image.inspection import read_facts
from photochrom.video import colorized, is_film
from photochrom.video.sequence import frame_path, numbers

COUNT = 20


@pytest.fixture(scope="module")
def colorizer(echo):
    return Colorizer(echo, threads=2)


@pytest.fixture
def frames(tmp_path):
    """Frames of a film as pictures, from number 7 on."""
    (tmp_path / "frames").mkdir()
    for number, samples in enumerate(pan(photograph(), COUNT), 7):
        Image.fromarray(samples).save(tmp_path / f"frames/{number:05d}.png")
    return tmp_path / "frames" / "%05d.png"


def gap(painted, grey) -> float:
    pairs = zip(painted, grey, strict=True)
    return float(np.mean([np.abs(light(one) - light(other)).mean() for one, other in pairs]))


def light(samples):
    return samples_to_lightness(np.ascontiguousarray(samples))


def test_a_pattern_stands_for_frames(frames, tmp_path) -> None:
    assert is_film(frames)
    assert numbers(frames) == list(range(7, 27))
    assert frame_path(frames, 12).name == "00012.png"
    (tmp_path / "50%d.png").write_bytes(b"")  # a picture may be called so
    assert not is_film(tmp_path / "50%d.png")
    assert not is_film(tmp_path / "a.png")


def test_frames_become_a_film_of_their_rate(colorizer, frames, tmp_path) -> None:
    colorizer.colorize(frames, fps=18).save(tmp_path / "out.mp4")
    found, times = read(tmp_path / "out.mp4")
    assert len(found) == COUNT
    assert times == pytest.approx([n / 18 for n in range(COUNT)], abs=1e-3)
    assert gap(found, pan(photograph(), COUNT)) < 1
    with av.open(str(tmp_path / "out.mp4")) as file:
        assert file.streams.video[0].average_rate == 18


@pytest.mark.parametrize("bits", [8, 16])
def test_frames_become_frames_of_the_same_numbers(colorizer, tmp_path, frames, bits) -> None:
    if bits == 16:
        for number, samples in enumerate(pan(photograph(), COUNT), 7):
            deep = samples.astype(np.uint16) * 257 + 100
            Image.fromarray(deep).save(frame_path(frames, number))
    target = tmp_path / "out" / "%04d.png"
    target.parent.mkdir()
    colorizer.colorize(frames).save(target)
    names = [f"{number:04d}.png" for number in range(7, 27)]
    assert sorted(path.name for path in target.parent.iterdir()) == names
    with av.open(str(target.parent / names[3])) as file:
        shown = next(file.decode(video=0))
    assert shown.format.components[0].bits == bits
    rgb = shown.to_ndarray(format="rgb48le" if bits == 16 else "rgb24")
    source = pan(photograph(), 4)[3]
    source = source.astype(np.uint16) * 257 + 100 if bits == 16 else source
    assert np.abs(light(rgb) - light(source)).mean() < (0.1 if bits == 16 else 0.25)
    assert np.abs(srgb_to_lab(rgb / float(np.iinfo(rgb.dtype).max))[..., 1:]).mean() > 5
    assert read_facts(target.parent / names[3])["Model"] == "vivid 0"


@pytest.mark.parametrize(("extension", "bits"), [(".jpg", 8), (".tif", 8), (".TIFF", 16)])
def test_frames_may_be_jpegs_and_tiffs(colorizer, tmp_path, extension, bits) -> None:
    source = tmp_path / "in" / f"%03d{extension}"
    source.parent.mkdir()
    generator = pan(photograph(), 12)
    for number, samples in enumerate(generator, 3):
        deep = samples.astype(np.uint16) * 257 if bits == 16 else samples
        Image.fromarray(deep).save(frame_path(source, number))
    target, plain = (tmp_path / one / f"%d{extension}" for one in ("out", "plain"))
    lossless = tmp_path / "png" / "%d.png"
    for one in (target, plain, lossless):
        one.parent.mkdir()
    colorizer.colorize(source).save(target)
    colorizer.colorize(source).save(plain, note=False, jpeg_quality=30)
    colorizer.colorize(source).save(lossless)
    assert numbers(target) == numbers(plain) == numbers(lossless) == list(range(3, 15))
    found, wanted = (load(frame_path(one, 5), bits) for one in (target, lossless))
    near = 3 if extension == ".jpg" else 0
    assert np.abs(found.astype(int) - wanted).mean() <= near
    assert read_facts(frame_path(target, 5))["Model"] == "vivid 0"
    assert read_facts(frame_path(plain, 5)) == {}
    sizes = [frame_path(one, 5).stat().st_size for one in (target, plain)]
    assert (sizes[1] < 0.7 * sizes[0]) == (extension == ".jpg")


def test_deep_frames_as_jpegs_are_told_of(colorizer, tmp_path, frames) -> None:
    for number, samples in enumerate(pan(photograph(), COUNT), 7):
        Image.fromarray(samples.astype(np.uint16) * 257).save(frame_path(frames, number))
    with pytest.warns(PhotochromWarning, match=r"8 bits, as JPEGs have, not 16; name them .p"):
        colorizer.colorize(frames).save(tmp_path / "%05d.jpg")
    assert load(tmp_path / "00009.jpg", 8).shape[2] == 3


def load(path, bits):
    """Give a picture's samples, (H, W, 3), of so many bits."""
    samples = pyvips.Image.new_from_file(str(path)).numpy()
    assert samples.dtype == (np.uint16 if bits == 16 else np.uint8)
    return samples[..., :3]


def test_a_film_becomes_frames_from_one_on(colorizer, tmp_path) -> None:
    source = write(tmp_path / "in.mp4", pan(photograph(), 12), sound="aac")
    target = tmp_path / "%03d.png"
    with pytest.warns(PhotochromWarning, match=r"%03d.png: leaves out the sound \(aac\)$"):
        colorizer.colorize(source).save(target, note=False)
    assert numbers(target) == list(range(1, 13))
    assert read_facts(frame_path(target, 1)) == {}
    with pytest.raises(ImageError, match=r"%03d.png: exists already; pass overwrite=True"):
        colorizer.colorize(source).save(target)


def test_frames_are_gone_on_with(colorizer, frames, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(colorized, "_SEGMENT", 6)
    whole, target = tmp_path / "a" / "%d.png", tmp_path / "b" / "%d.png"
    for one in (whole, target):
        one.parent.mkdir()
    colorizer.colorize(frames).save(whole)

    def stop(done, total):
        assert total == COUNT
        if done > 13:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        colorizer.colorize(frames).save(target, on_progress=stop)
    assert [path.name for path in target.parent.iterdir()] == [".%d.png.photochrom-parts"]
    colorizer.colorize(frames).save(target)
    for number in numbers(whole):
        assert frame_path(target, number).read_bytes() == frame_path(whole, number).read_bytes()
    assert len(os.listdir(target.parent)) == COUNT


def run(*words):
    return CliRunner().invoke(main, [*map(str, words)], catch_exceptions=False)


def test_the_command_takes_frames(frames, echo, tmp_path) -> None:
    made = run("colorize", frames, "-m", echo, "--fps", 18)
    assert made.exit_code == 0, made.output
    assert numbers(tmp_path / "frames-colour" / "%05d.png") == list(range(7, 27))
    assert run("colorize", frames, "-m", echo, "-o", f"{tmp_path}/x/").exit_code == 0
    assert len(numbers(tmp_path / "x" / "%05d.png")) == COUNT
    assert "20 frames" in run("info", frames).output
    assert (
        run("colorize", frames, "-m", echo, "--end", "0.3", "-o", tmp_path / "t.mkv").exit_code == 0
    )
    assert len(read(tmp_path / "t.mkv")[0]) == 8


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("no/%05d.png",), 1, "there are no such files; check the path, and its number"),
        (("frames/%05d.xyz",), 1, "frames are pictures; name them .bmp, .dpx"),
        (
            ("frames/%05d.png", "-o", "x/%d.webp"),
            1,
            "frames are written as .png, .jpg or .tif;",
        ),
        (("in.mp4", "--fps", "18"), 1, "a film has a rate of its own; leave fps out"),
        (("frames/%05d.png", "--fps", "0"), 2, "0.0 is not in the range"),
        (("frames/%05d.png", "--codec", "h264"), 1, "frames are pictures; leave codec, crf"),
        (
            ("frames/%05d.png", "-o", "x/%d.jpg", "--bits", "10"),
            1,
            "a JPEG has 8 bits; leave",
        ),
    ],
)
def test_what_frames_cannot_be_is_said(frames, echo, monkeypatch, words, code, reason) -> None:
    monkeypatch.chdir(frames.parent.parent)
    write("in.mp4", pan(photograph(), 3))
    result = run("colorize", *words, "-m", echo)
    assert (result.exit_code, reason in result.output) == (code, True), result.output


def test_a_gap_in_the_numbers_is_said(frames, colorizer) -> None:
    frame_path(frames, 12).unlink()
    with pytest.raises(ImageError, match=r"00012.png is missing; number the frames without gaps"):
        colorizer.colorize(frames)
