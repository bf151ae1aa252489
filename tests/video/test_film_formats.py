"""Films as they come: old codecs, pull-down, wide pixels, odd times, damage; made here."""

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from click.testing import CliRunner

from helpers.films import pan, photograph, read, write
from photochrom import Colorizer, ImageError, PhotochromWarning
from photochrom.cli.main import main
from photochrom.color.spaces import samples_to_lightness
from photochrom.video.deinterlacing import is_telecined
from photochrom.video.reader import Film

COVER = av.stream.Disposition.attached_pic


@pytest.fixture(scope="module")
def colorizer(echo):
    return Colorizer(echo, threads=2)


def encode(path, frames, codec, form, rate=25, **about):
    """Write grey frames, (H, W), by any codec; `about` are fields of its context."""
    with av.open(str(path), "w") as file:
        pictures = file.add_stream(codec, rate=rate)
        pictures.height, pictures.width = frames[0].shape
        pictures.pix_fmt = form
        for name, value in about.items():
            setattr(pictures.codec_context, name, value)
        for number, samples in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(samples, format="gray").reformat(format=form)
            frame.pts, frame.time_base = number, Fraction(1, 1) / Fraction(rate)
            file.mux(pictures.encode(frame))
        file.mux(pictures.encode(None))
    return path


def gap(painted, grey) -> float:
    """Mean difference of lightness between frames of a film, and what they were."""
    pairs = zip(painted, grey, strict=True)
    return float(np.mean([np.abs(light(one) - light(other)).mean() for one, other in pairs]))


def light(frame):
    return samples_to_lightness(np.ascontiguousarray(frame))


@pytest.mark.parametrize(
    ("name", "codec", "form", "about"),
    [
        ("in.avi", "mjpeg", "yuvj420p", {"bit_rate": 10**7}),
        ("in.avi", "dvvideo", "yuv420p", {}),
        ("in.mov", "cinepak", "rgb24", {}),
        ("in.mov", "prores_ks", "yuv422p10le", {}),
        ("in.mkv", "ffv1", "gray", {}),
        ("in.mpg", "mpeg1video", "yuv420p", {"bit_rate": 10**7}),
        ("in.avi", "huffyuv", "yuv422p", {}),
    ],
)
def test_films_of_old_and_new_codecs_are_read(colorizer, tmp_path, name, codec, form, about):
    large = np.kron(photograph(), np.ones((3, 3), np.uint8))
    size = (720, 576) if codec == "dvvideo" else (160, 120)
    frames = pan(large, 5, size)
    source = encode(tmp_path / name, frames, codec, form, **about)
    said = {"bits": 10} if codec == "prores_ks" else {}
    colorizer.colorize(source, strength=0).save(tmp_path / "out.mkv", **said)
    assert gap(read(tmp_path / "out.mkv")[0], frames) < 3


def telecined(frames):
    """Give frames of a film as television shows them, 30 a second: 3:2 pull-down."""
    found = []
    for a, b, c, d in zip(*(frames[n::4] for n in range(4)), strict=True):
        for upper, lower in ((a, a), (b, b), (b, c), (c, d), (d, d)):
            found.append(upper.copy())
            found[-1][1::2] = lower[1::2]
    return found


@pytest.mark.parametrize(("name", "flagged"), [("in.mp4", True), ("in.mkv", False)])
def test_pulldown_is_removed(colorizer, tmp_path, name, flagged) -> None:
    frames = pan(photograph(), 48, step=3)
    source = encode(
        tmp_path / name,
        telecined(frames),
        "libx264",
        "yuv420p",
        Fraction(30000, 1001),
        options={"crf": "5", **({"x264-params": "tff=1"} if flagged else {})},
    )
    assert len(read(source)[0]) == 60
    told = CliRunner().invoke(main, ["info", str(source)]).output
    assert "48 frames, 23.98 a second, in pull-down" in told
    colorizer.colorize(source, strength=0).save(tmp_path / "out.mp4")
    found, times = read(tmp_path / "out.mp4")
    assert len(found) == 48
    assert gap(found, frames) < 1.5
    steps = [b - a for a, b in pairwise(times)]
    assert steps == pytest.approx([1001 / 24000] * 47, abs=1.1e-3)
    film = Film(source)
    every = [frame.samples for frame in film.frames()]
    assert (next(film.frames(30)).samples == every[30]).all()


def test_the_cadence_is_told_from_other_combs() -> None:
    pulled = [n % 5 in (2, 3) for n in range(60)]
    assert is_telecined(pulled)
    assert is_telecined(pulled[1:])
    assert not is_telecined([False] * 60)
    assert not is_telecined([True] * 60)
    assert not is_telecined([n % 5 == 2 for n in range(60)])
    assert not is_telecined([n % 2 == 0 for n in range(60)])
    assert is_telecined([*pulled[:20], *[False] * 20, *pulled[:20]])  # where nothing moves


def test_wide_pixels_stay_wide(colorizer, tmp_path) -> None:
    frames = pan(photograph(), 3)
    source = write(tmp_path / "in.mkv", frames, sample_aspect_ratio=Fraction(64, 45))
    for name in ("out.mp4", "out.mkv", "out.mov"):
        colorizer.colorize(source).save(tmp_path / name)
        with av.open(str(tmp_path / name)) as file:
            assert file.streams.video[0].sample_aspect_ratio == Fraction(64, 45)


def moved(source, target, seconds, **options):
    """Copy a film, all its times later or earlier."""
    with av.open(str(source)) as file, av.open(str(target), "w", options=options) as out:
        copies = {one: out.add_stream_from_template(one) for one in file.streams}
        for packet in file.demux():
            if packet.dts is not None:
                delay = round(Fraction(seconds) / packet.time_base)
                packet.dts, packet.pts = packet.dts + delay, packet.pts + delay
                packet.stream = copies[packet.stream]
                out.mux(packet)
    return target


@pytest.mark.parametrize(("seconds", "extension"), [(-0.5, ".mp4"), (2, ".mp4"), (2, ".mkv")])
def test_films_that_begin_early_or_late_begin_at_nought(
    colorizer, tmp_path, seconds, extension
) -> None:
    source = write(tmp_path / "in.mp4", pan(photograph(), 24), sound="aac")
    odd = moved(source, tmp_path / f"odd{extension}", seconds, avoid_negative_ts="disabled")
    shown = read(odd)[0]
    colorizer.colorize(odd, strength=0).save(tmp_path / f"out{extension}")
    found, times = read(tmp_path / f"out{extension}")
    assert len(found) == len(shown) > 10
    assert gap(found, shown) < 1
    assert times[0] == pytest.approx(0, abs=0.15)
    with av.open(str(tmp_path / f"out{extension}")) as file:
        assert file.start_time == pytest.approx(0, abs=2000)


def test_an_edit_list_is_followed(colorizer, tmp_path) -> None:
    """Frames that a file holds and does not show are neither counted nor coloured."""
    source = write(tmp_path / "in.mp4", pan(photograph(), 24), gop_size=24, max_b_frames=0)
    odd = moved(source, tmp_path / "odd.mp4", -1, avoid_negative_ts="disabled")
    assert len(read(odd)[0]) == 12
    assert "12 frames, 12 a second" in CliRunner().invoke(main, ["info", str(odd)]).output
    colorizer.colorize(odd).save(tmp_path / "out.mp4")
    assert len(read(tmp_path / "out.mp4")[0]) == 12


def with_everything(folder):
    """Write a film with two sound tracks, subtitles, chapters, a font and a cover."""
    source = write(folder / "source.mp4", pan(photograph(), 24), sound="aac")
    (folder / "s.srt").write_text("1\n00:00:00,200 --> 00:00:01,000\nhello\n")
    encode(folder / "cover.avi", [photograph()], "mjpeg", "yuvj420p")
    with av.open(str(folder / "cover.avi")) as file:
        cover = next(bytes(one) for one in file.demux(video=0))
    path = folder / "in.mkv"
    with (
        av.open(str(source)) as file,
        av.open(str(folder / "s.srt")) as words,
        av.open(str(path), "w") as out,
    ):
        pictures = out.add_stream_from_template(file.streams.video[0])
        first = out.add_stream_from_template(file.streams.audio[0])
        second = out.add_stream_from_template(file.streams.audio[0])
        spoken = out.add_stream_from_template(words.streams.subtitles[0])
        for stream, language in ((first, "nld"), (second, "deu"), (spoken, "fra")):
            stream.metadata["language"] = language
        second.metadata["title"] = "Kommentar"
        second.disposition = av.stream.Disposition.default
        first.disposition = av.stream.Disposition(0)
        spoken.disposition = av.stream.Disposition.default | av.stream.Disposition.forced
        out.add_attachment("type.ttf", "application/x-truetype-font", b"letters")
        out.add_attachment("cover.jpg", "image/jpeg", cover)
        chapters = [
            {"id": n, "start": n, "end": n + 1, "time_base": Fraction(1), "metadata": {"title": t}}
            for n, t in enumerate(("one", "two"))
        ]
        out.set_chapters(chapters)
        out.metadata["title"] = "A film"
        for packet in words.demux(words.streams.subtitles[0]):
            if packet.dts is not None:
                packet.stream = spoken
                out.mux(packet)
        for packet in file.demux(file.streams.video[0], file.streams.audio[0]):
            if packet.dts is None:
                continue
            sound = packet.stream.type == "audio"
            data, times = bytes(packet), (packet.pts, packet.dts, packet.time_base)
            for copy in (first, second) if sound else (pictures,):
                again = av.Packet(data)
                again.pts, again.dts, again.time_base = times
                again.stream, again.is_keyframe = copy, packet.is_keyframe
                out.mux(again)
    return path


def described(path):
    """What is in a film besides its pictures."""
    with av.open(str(path)) as file:
        about = ("language", "title")
        tracks = [
            (one.type, *(one.metadata.get(name) for name in about), int(one.disposition))
            for one in file.streams
            if one.type in ("audio", "subtitle")
        ]
        attached = [(one.name, one.data) for one in file.streams.attachments]
        covers = [one for one in file.streams.video if one.disposition & COVER]
        packets = [bytes(next(file.demux(one))) for one in covers]
        names = [one["metadata"]["title"] for one in file.chapters()]
        return tracks, attached, packets, names, file.metadata.get("title")


def test_all_that_a_film_has_is_carried(colorizer, tmp_path, recwarn) -> None:
    source = with_everything(tmp_path)
    colorizer.colorize(source).save(tmp_path / "out.mkv")
    tracks, attached, covers, chapters, title = described(source)
    assert len(tracks) == 3
    assert (len(attached), len(covers), chapters, title) == (1, 1, ["one", "two"], "A film")
    assert described(tmp_path / "out.mkv") == (tracks, attached, covers, chapters, title)
    assert not [one for one in recwarn if one.category is PhotochromWarning]


def test_what_an_output_cannot_hold_is_named(colorizer, tmp_path) -> None:
    source = with_everything(tmp_path)
    with pytest.raises(ImageError, match=r"sound or subtitles \(aac, srt\) do not fit .* .mkv$"):
        colorizer.colorize(source).save(tmp_path / "out.mp4")
    with av.open(str(source)) as file, av.open(str(tmp_path / "less.mkv"), "w") as out:
        pictures, sound = file.streams.video[0], file.streams.audio[0]
        copies = {one: out.add_stream_from_template(one) for one in (pictures, sound)}
        copies[sound].metadata.update(sound.metadata)
        for one in file.streams.attachments:
            out.add_attachment(one.name, one.mimetype, one.data)
        for packet in file.demux(pictures, sound):
            if packet.dts is not None:
                packet.stream = copies[packet.stream]
                out.mux(packet)
    with pytest.warns(PhotochromWarning, match=r"out.mp4: leaves out the attachment type.ttf; na"):
        colorizer.colorize(tmp_path / "less.mkv").save(tmp_path / "out.mp4")
    assert described(tmp_path / "out.mp4")[0][0][1] == "nld"


def test_a_cover_is_carried_into_an_mp4(colorizer, tmp_path) -> None:
    source = with_everything(tmp_path)
    with av.open(str(source)) as file, av.open(str(tmp_path / "a.mkv"), "w") as out:
        pictures, cover = file.streams.video
        data = next(bytes(one) for one in file.demux(cover))
        copy = out.add_stream_from_template(pictures)
        out.add_attachment("cover.jpg", "image/jpeg", data)
        file.seek(0)
        for packet in file.demux(pictures):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
    colorizer.colorize(tmp_path / "a.mkv").save(tmp_path / "out.mp4")
    assert described(tmp_path / "out.mp4")[2] == [data]
    colorizer.colorize(tmp_path / "out.mp4").save(tmp_path / "again.mkv")
    assert described(tmp_path / "again.mkv")[2] == [data]


def test_sound_that_no_output_holds_is_encoded_anew(colorizer, tmp_path) -> None:
    with av.open(str(tmp_path / "in.wmv"), "w") as file:
        pictures = file.add_stream("wmv2", rate=12)
        pictures.width, pictures.height, pictures.pix_fmt = 160, 120, "yuv420p"
        tone = file.add_stream("wmav2", rate=44100, layout="mono")
        tone.codec_context.bit_rate = 128_000
        tone.metadata["language"] = "nld"
        for samples in pan(photograph(), 24):
            frame = av.VideoFrame.from_ndarray(samples, format="gray")
            file.mux(pictures.encode(frame.reformat(format="yuv420p")))
        file.mux(pictures.encode(None))
        wave = (0.3 * np.sin(np.arange(2 * 44100) / 16)).astype(np.float32)
        whole = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        whole.sample_rate = 44100
        for one in av.AudioResampler("fltp", "mono", 44100, tone.frame_size or 2048).resample(
            whole
        ):
            file.mux(tone.encode(one))
        file.mux(tone.encode(None))

    def heard(path):
        with av.open(str(path)) as file:
            frames = list(file.decode(file.streams.audio[0]))
            pieces = [one.to_ndarray() for one in frames]
            scale = 32768 if pieces[0].dtype == np.int16 else 1
            return frames[0].time, np.concatenate(pieces, axis=1)[0] / scale

    with pytest.warns(PhotochromWarning, match=r"out.mkv: has its sound as FLAC, for it cannot"):
        colorizer.colorize(tmp_path / "in.wmv").save(tmp_path / "out.mkv")
    (begin, before), (first, after) = heard(tmp_path / "in.wmv"), heard(tmp_path / "out.mkv")
    assert len(before) == len(after) > 44100
    assert np.abs(before - after).max() < 1e-4
    assert first == pytest.approx(begin, abs=0.1)


@pytest.mark.filterwarnings("ignore:.*damaged pieces")  # x264's threads decide where the cut is
@pytest.mark.parametrize("name", ["in.mkv", "in.avi", "in.mp4"])
def test_of_a_film_that_is_cut_off_what_is_there_is_coloured(colorizer, tmp_path, name) -> None:
    frames, whole = pan(photograph(), 60), tmp_path / f"whole{name[2:]}"
    if name == "in.avi":
        encode(whole, frames, "mjpeg", "yuvj420p", 12)
    else:
        made = write(tmp_path / "made.mkv", frames, gop_size=6)
        moved(made, whole, 0, **({"movflags": "faststart"} if name == "in.mp4" else {}))
    data = whole.read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) * 6 // 10])
    with pytest.warns(
        PhotochromWarning, match=rf"{name}: is cut off at 00:00:0[23]\S* of 00:00:0[45]"
    ):
        colorizer.colorize(tmp_path / name, strength=0).save(tmp_path / "out.mkv")
    found = read(tmp_path / "out.mkv")[0]
    assert 25 < len(found) < 45
    assert gap(found[:25], frames[:25]) < 3


def test_damage_in_the_middle_is_left_out_and_said(colorizer, tmp_path) -> None:
    whole = write(tmp_path / "in.mp4", pan(photograph(), 60), gop_size=10).read_bytes()
    at = whole.index(b"mdat") + len(whole) // 2
    noise = np.random.default_rng(0).integers(0, 256, len(whole) // 6).astype(np.uint8)
    (tmp_path / "in.mp4").write_bytes(whole[:at] + noise.tobytes() + whole[at + len(noise) :])
    with pytest.warns(PhotochromWarning, match=r"in.mp4: \d+ damaged pieces of its pictures are"):
        colorizer.colorize(tmp_path / "in.mp4").save(tmp_path / "out.mkv")
    assert 30 < len(read(tmp_path / "out.mkv")[0]) <= 60


def test_times_that_lack_or_begin_anew_go_on(colorizer, tmp_path) -> None:
    """As of recordings that were put one behind the other."""
    source = write(tmp_path / "in.mp4", pan(photograph(), 24), sound="aac")
    once = moved(source, tmp_path / "once.ts", 0).read_bytes()
    (tmp_path / "twice.ts").write_bytes(once + once)
    colorizer.colorize(tmp_path / "twice.ts").save(tmp_path / "out.mkv")
    found, times = read(tmp_path / "out.mkv")
    assert len(found) == 48
    assert times == sorted(set(times))
    assert times[-1] == pytest.approx(4, abs=0.3)


@pytest.mark.parametrize("name", ["none.mkv", "none.avi"])
def test_a_film_without_frames_is_said(colorizer, tmp_path, name) -> None:
    with av.open(str(tmp_path / name), "w") as file:
        pictures = file.add_stream("mjpeg", rate=25)
        pictures.width, pictures.height, pictures.pix_fmt = 160, 120, "yuvj420p"
        file.start_encoding()
    with pytest.raises(ImageError, match=rf"{name}: .*; (take another copy|convert it to MP4)$"):
        colorizer.colorize(tmp_path / name)
