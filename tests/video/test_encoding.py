"""How films are written: by which codec, with how many bits, in which files."""

import json
import os
import sys
from contextlib import suppress
from fractions import Fraction

import av
import numpy as np
import pytest
from click.testing import CliRunner

from helpers.films import RATE, pan, photograph, read, write
from photochrom import Colorizer, ImageError, PhotochromWarning
from photochrom.cli.films import CODECS
from photochrom.cli.main import main
from photochrom.color.spaces import samples_to_lightness
from photochrom.video import encoding
from photochrom.video.reader import Film

FRAMES = 6


@pytest.fixture(scope="module")
def colorizer(echo):
    return Colorizer(echo, threads=2)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write(tmp_path_factory.mktemp("film") / "in.mkv", pan(photograph(), FRAMES))


@pytest.fixture(scope="module")
def deep(tmp_path_factory):
    """A film of 10 bits."""
    ramp = np.tile(np.linspace(20_000, 24_000, 160), (120, 1)).astype(np.uint16)
    path = tmp_path_factory.mktemp("deep") / "in.mkv"
    return write(path, [ramp] * 4, codec="ffv1", form="gray10le")


def first(path):
    """The codec of a film, and its first frame."""
    with av.open(str(path)) as file:
        return file.streams.video[0].codec_context.name, next(file.decode(video=0))


@pytest.mark.parametrize(
    ("codec", "extension", "decoders", "stored"),
    [
        ("h264", ".mov", "h264", "yuv420p"),
        ("h265", ".mp4", "hevc", "yuv420p"),
        ("av1", ".mkv", "libdav1d av1", "yuv420p"),
        ("vp9", ".webm", "vp9 libvpx-vp9", "yuv420p"),
        ("prores", ".mov", "prores", "yuv422p10le"),
        ("ffv1", ".mkv", "ffv1", "yuv444p"),
    ],
)
def test_each_codec_is_read_back(
    colorizer, film, tmp_path, codec, extension, decoders, stored
) -> None:
    out = tmp_path / f"out{extension}"
    colorizer.colorize(film, strength=0).save(out, codec=codec)
    name, frame = first(out)
    assert (name in decoders.split(), frame.format.name) == (True, stored)
    frames, times = read(out)
    assert times == pytest.approx(read(film)[1], abs=1e-3)
    gaps = np.abs(samples_to_lightness(frames[3]) - samples_to_lightness(pan(photograph(), 4)[3]))
    assert gaps.mean() < 1.5


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for priorities")
def test_the_encoder_of_av1_makes_no_real_time_threads(colorizer, film, tmp_path) -> None:
    seen = set()

    def look(done: int, frames: int) -> None:
        for thread in map(int, os.listdir("/proc/self/task")):
            with suppress(ProcessLookupError):
                seen.add(os.sched_getscheduler(thread))

    colorizer.colorize(film, strength=0).save(tmp_path / "o.mkv", codec="av1", on_progress=look)
    assert seen == {os.SCHED_OTHER}


def test_the_command_offers_every_codec() -> None:
    assert tuple(encoding.CODECS) == CODECS


def test_a_film_of_ten_bits_is_written_for_every_player(colorizer, deep, tmp_path) -> None:
    with pytest.warns(PhotochromWarning, match=r"out.mkv: has 8 bits.*, not 10; pass bits=10"):
        colorizer.colorize(deep, strength=0).save(tmp_path / "out.mkv")
    assert first(tmp_path / "out.mkv")[1].format.name == "yuv420p"


@pytest.mark.parametrize(
    ("wanted", "stored"),
    [
        ({"bits": 10}, "yuv420p10le"),
        ({"codec": "ffv1"}, "yuv444p10le"),
        ({"pixel_format": "yuv422p10le"}, "yuv422p10le"),
    ],
)
def test_ten_bits_stay_ten_where_they_are_wanted(colorizer, deep, tmp_path, wanted, stored) -> None:
    colorizer.colorize(deep, strength=0).save(tmp_path / "out.mkv", **wanted)
    frame = first(tmp_path / "out.mkv")[1]
    assert frame.format.name == stored
    back = frame.reformat(format="gray16le").to_ndarray()
    ramp = np.linspace(20_000, 24_000, 160)
    assert np.abs(back.astype(float) - ramp).mean() < 100  # of 65535
    assert len(np.unique(back)) > 40  # 16 with 8 bits


def test_odd_sides_get_a_row_that_mirrors_the_last(colorizer, tmp_path) -> None:
    frames = pan(photograph(), 3, size=(161, 119))
    source = write(tmp_path / "in.mkv", frames, form="yuv444p", sample_aspect_ratio=Fraction(4, 3))
    with pytest.warns(PhotochromWarning, match=r"out.mkv: has 162 x 120 pixels, not 161 x 119"):
        colorizer.colorize(source, strength=0).save(tmp_path / "out.mkv")
    back = read(tmp_path / "out.mkv")[0][0].astype(int)
    assert back.shape == (120, 162, 3)
    assert np.abs(back[-1] - back[-2]).mean() < 2
    assert np.abs(back[:, -1] - back[:, -2]).mean() < 2
    with av.open(str(tmp_path / "out.mkv")) as file:
        assert file.streams.video[0].codec_context.sample_aspect_ratio == Fraction(4, 3)
    colorizer.colorize(source, strength=0).save(tmp_path / "444.mkv", pixel_format="yuv444p")
    assert read(tmp_path / "444.mkv")[0][0].shape == (119, 161, 3)


@pytest.mark.parametrize("extension", [".mkv", ".mp4", ".webm"])
@pytest.mark.parametrize("source", [".mkv", ".mpg", ".ts"])
def test_a_film_says_its_rate_and_begins_at_nought(colorizer, tmp_path, source, extension) -> None:
    codec = "mpeg2video" if source == ".mpg" else "libx264"
    frames = pan(photograph(), 25)
    path = tmp_path / f"in{source}"
    with av.open(str(path), "w") as file:
        pictures = file.add_stream(codec, rate=25)
        pictures.height, pictures.width, pictures.pix_fmt = 120, 160, "yuv420p"
        for samples in frames:
            frame = av.VideoFrame.from_ndarray(samples, format="gray")
            file.mux(pictures.encode(frame.reformat(format="yuv420p")))
        file.mux(pictures.encode(None))
    assert Film(path).measured() == (25, pytest.approx(1, abs=0.05))
    out = tmp_path / f"out{extension}"
    colorizer.colorize(path).save(out)
    with av.open(str(out)) as file:
        assert float(file.streams.video[0].average_rate) == pytest.approx(25, rel=0.01)
        assert file.duration / av.time_base == pytest.approx(1, abs=0.05)
    assert min(read(out)[1]) == pytest.approx(0, abs=0.05)


def test_sound_stays_with_its_pictures(colorizer, tmp_path) -> None:
    """Of a film that begins late, as those out of broadcasts and discs do."""
    source, late = tmp_path / "in.mp4", tmp_path / "late.ts"
    write(source, pan(photograph(), 2 * RATE), sound="aac")
    with av.open(str(source)) as file, av.open(str(late), "w") as out:
        copies = {one: out.add_stream_from_template(one) for one in file.streams}
        for packet in file.demux():
            if packet.dts is not None:
                delay = int(Fraction(3, 2) / packet.time_base)
                packet.dts, packet.pts = packet.dts + delay, packet.pts + delay
                packet.stream = copies[packet.stream]
                out.mux(packet)
    colorizer.colorize(late).save(tmp_path / "out.mkv")
    before, after = (begins(path) for path in (late, tmp_path / "out.mkv"))
    assert min(before) > 1
    assert min(after) == pytest.approx(0, abs=2e-3)
    assert after[1] - after[0] == pytest.approx(before[1] - before[0], abs=2e-3)


def begins(path) -> list[float]:
    """When each stream of a film begins, in seconds."""
    with av.open(str(path)) as file:
        return [float(one.start_time * one.time_base) for one in file.streams]


def test_what_a_codec_does_not_take_is_said(colorizer, film, tmp_path) -> None:
    coloured = colorizer.colorize(film)
    for name, wanted, reason in (
        ("out.mp4", {"codec": "h266"}, "there is no codec 'h266'; choose one of h264, h265, av1"),
        ("out.mp4", {"codec": "ffv1"}, r"out.mp4: cannot hold ffv1; name it .mkv$"),
        ("out.webm", {"codec": "h264"}, r"cannot hold h264; name it .mp4 or .m4v or .mov or .mkv"),
        (
            "out.mkv",
            {"codec": "vp9", "bits": 10},
            "vp9 is written with 8 bits, not 10; for 10 bits",
        ),
        (
            "out.mkv",
            {"bits": 12},
            "h264 is written with 8 or 10 bits, not 12; choose one of those$",
        ),
        ("out.mkv", {"crf": 60}, "the crf of h264 goes from 0 to 51, not 60"),
        ("out.mkv", {"codec": "ffv1", "crf": 1}, "ffv1 has no crf; leave it out"),
        ("out.mkv", {"pixel_format": "rgb1"}, "h264 has no pixel format 'rgb1'; choose one of yuv"),
    ):
        with pytest.raises(ImageError, match=reason):
            coloured.save(tmp_path / name, **wanted)
    assert list(tmp_path.iterdir()) == []


def test_the_command_chooses_formats_and_codecs(echo, film, tmp_path) -> None:
    def run(*words: str):
        command = ["colorize", str(film), "-m", str(echo), *words]
        return CliRunner().invoke(main, command, catch_exceptions=False)

    given = ["-o", f"{tmp_path}/out/", "--format", "mp4", "--codec", "h265", "--crf", "30"]
    assert run(*given, "--bits", "10").exit_code == 0
    assert first(tmp_path / "out/in.mp4")[1].format.name == "yuv420p10le"
    assert run("-o", f"{tmp_path}/x.webm").exit_code == 0
    assert first(tmp_path / "x.webm")[0].endswith("vp9")
    assert run("-o", f"{tmp_path}/jpg/", "--format", "jpg").exit_code == 0  # that is for pictures
    assert (tmp_path / "jpg/in.mkv").exists()
    refused = run("-o", f"{tmp_path}/y.mp4", "--codec", "prores")
    assert (refused.exit_code, "name it .mov or .mkv" in refused.output) == (1, True)


def test_info_is_exact_or_says_about(tmp_path, deep, monkeypatch) -> None:
    source = write(tmp_path / "in.mp4", pan(photograph(), 30), sound="aac")
    told = CliRunner().invoke(main, ["info", str(source)]).output
    assert "format: film, h264, " in told
    assert "length: 2.5 s, 30 frames, 12 a second" in told
    assert "sound: aac" in told
    facts = json.loads(CliRunner().invoke(main, ["info", "--json", str(deep)]).output)
    assert (facts["bits"], facts["codec"], facts["frames_are_exact"]) == (10, "ffv1", True)
    assert facts["frames"] == 4
    monkeypatch.setattr("photochrom.cli.info._MEASURED", 0)  # as if it were a large file
    assert "about 4 frames" in CliRunner().invoke(main, ["info", str(deep)]).output
