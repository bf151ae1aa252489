"""Trials of a film: an excerpt, a contact sheet, before and after."""

import av
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from helpers.films import RATE, packets, photograph, read, write
from photochrom import Colorizer, ImageError
from photochrom.cli import films
from photochrom.cli.main import main
from photochrom.color.spaces import srgb_to_lab
from photochrom.image.inspection import read_facts
from photochrom.video import comparison
from photochrom.video.timecode import format_time, parse_time

SECONDS = 10


@pytest.fixture(scope="module")
def colorizer(echo):
    return Colorizer(echo, threads=2)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film of ten seconds, with sound; each second is a little lighter."""
    levels = [60 + 15 * (n // RATE) for n in range(SECONDS * RATE)]
    base = (photograph()[:120, :160] // 4).astype(np.uint8)
    path = tmp_path_factory.mktemp("film") / "in.mp4"
    return write(path, [base + level for level in levels], sound="aac", gop_size=5)


def second_of(samples) -> int:
    """Which second of the film a frame, in grey or in colour, is of."""
    grey = np.atleast_3d(samples).mean(axis=2)
    base = photograph()[:120, :160].mean() / 4
    return round((grey.mean() - base - 60) / 15)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("00:12:31.5", 751.5), ("12:31", 751), ("751.5", 751.5), ("10s", 10), (".5", 0.5)],
)
def test_times_are_read(text, seconds) -> None:
    assert parse_time(text) == parse_time(format_time(seconds)) == seconds


@pytest.mark.parametrize("extension", [".mp4", ".mkv", ".ts", ".avi", ".mpg"])
def test_an_excerpt_has_its_frames_and_its_sound(film, colorizer, tmp_path, extension) -> None:
    """From whatever file: of some no moment can be looked up."""
    source = tmp_path / f"in{extension}"
    old = extension == ".mpg"
    frames = read(film)[0]
    if old:
        with av.open(str(source), "w") as file:
            stream = file.add_stream("mpeg2video", rate=25)
            stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
            for frame in frames:
                file.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            file.mux(stream.encode(None))
    else:
        write(source, [frame[..., 1] for frame in frames], sound="aac", gop_size=5)
    scale = 12 / 25 if old else 1
    out = tmp_path / "out.mkv"
    colorizer.colorize(source, strength=0, start=4 * scale, end=7 * scale).save(out)
    found, times = read(out)
    seconds = [second_of(frame) for frame in found]
    assert abs(len(found) - 3 * RATE) <= 1
    assert set(seconds[1:-1]) == {4, 5, 6}
    assert times[0] == pytest.approx(0, abs=2e-3)
    if not old:
        sound = packets(source, "audio")
        cut = packets(out, "audio")
        assert len(cut) == pytest.approx(0.3 * len(sound), abs=2)
        at = next(n for n, one in enumerate(sound) if one.endswith(cut[0]))  # a .ts has headers
        assert at == pytest.approx(0.4 * len(sound), abs=2)
        assert all(a.endswith(b) for a, b in zip(sound[at:], cut, strict=False))


def test_an_excerpt_is_gone_on_with_as_if_never_stopped(
    film, colorizer, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("photochrom.video.colorized._SEGMENT", 8)
    wanted = {"start": 3, "end": 6}
    colorizer.colorize(film, **wanted).save(tmp_path / "whole.mp4")

    def stop(done, total):
        assert total == 3 * RATE
        if done > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        colorizer.colorize(film, **wanted).save(tmp_path / "out.mp4", on_progress=stop)
    colorizer.colorize(film, **wanted).save(tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"start": 11}, r"in.mp4: the start, 00:00:11.000, is beyond its last moment, 00:00:10"),
        ({"end": 10.5}, r"in.mp4: the end, 00:00:10.500, is beyond its last moment"),
        ({"start": 5, "end": 5}, "the start, 00:00:05.000, is not before the end, 00:00:05.000"),
        ({"start": -1}, "the start, -1 s, is before the film; pass start=0"),
    ],
)
def test_times_that_a_film_does_not_have_are_said(film, colorizer, options, reason) -> None:
    with pytest.raises(ImageError, match=reason):
        colorizer.colorize(film, **options)


def test_times_of_a_photograph_are_said(colorizer) -> None:
    with pytest.raises(ImageError, match="the picture: start, end and fps are for films; leave"):
        colorizer.colorize(photograph(), end=3)


@pytest.mark.parametrize("way", comparison.COMPARISONS)
def test_before_is_left_and_after_is_right(film, colorizer, tmp_path, way) -> None:
    coloured = colorizer.colorize(film)
    coloured.save(tmp_path / "out.mkv", comparison=way, codec="ffv1")
    frames, times = read(tmp_path / "out.mkv")
    assert times == pytest.approx(read(film)[1], abs=2e-3)
    assert packets(tmp_path / "out.mkv", "audio") == packets(film, "audio")
    width, _ = comparison.compared_size(160, 120, way)
    assert frames[0].shape == (120, width, 3)
    assert width == (322 if way == "side" else 160)
    shares = []
    for frame in frames:
        chroma = np.abs(srgb_to_lab(frame / 255.0)[..., 1:]).max(axis=2).mean(axis=0)
        coloured_columns = np.flatnonzero(chroma > 3)
        shares.append(coloured_columns.min() / width if len(coloured_columns) else 1)
        assert (chroma[coloured_columns[:1].sum() + 3 :] > 1).all() or not len(coloured_columns)
    if way == "side":
        assert shares == pytest.approx([0.5] * len(frames), abs=0.02)
    else:
        assert shares[0] == 1
        assert min(shares) < 0.05
        assert max(np.abs(np.diff(shares))) < 0.1


def test_a_comparison_of_no_known_name_is_said(film, colorizer, tmp_path) -> None:
    with pytest.raises(ImageError, match="there is no comparison 'up'; choose side or wipe"):
        colorizer.colorize(film).save(tmp_path / "out.mkv", comparison="up")


def test_the_command_offers_every_comparison() -> None:
    assert comparison.COMPARISONS == films.COMPARISONS


def test_a_sheet_shows_frames_of_the_whole_film(film, colorizer, monkeypatch) -> None:
    looks = []
    look = colorizer.model.answer
    monkeypatch.setattr(colorizer.model, "answer", lambda *a: looks.append(a) or look(*a))
    coloured = colorizer.colorize(film)
    sheet = coloured.sheet(2)
    assert (coloured.sheet_length(2), len(looks)) == (5, 5)
    assert np.abs(srgb_to_lab(sheet[8:128, 176:336] / 255.0)[..., 1:]).mean() > 3
    grey = colorizer.colorize(film, strength=0).sheet(2)
    cells = [grey[8:128, 8 + 168 * n : 168 * n + 168] for n in range(5)]
    assert [second_of(cell) for cell in cells] == pytest.approx([0, 2, 4, 6, 8], abs=1)
    assert (np.ptp(sheet[129:148, 8:168]) > 100).all()  # the time
    part = colorizer.colorize(film, strength=0, start=6, end=8).sheet(1)
    assert second_of(part[8:128, 8:168]) == 6
    with pytest.raises(ImageError, match=r"holds 400 frames, not 1000; pass every=1s"):
        coloured.sheet(0.01)
    with pytest.raises(ImageError, match=r"a frame every 0 s is not possible; pass every=10s"):
        coloured.sheet(0)


def run(*words):
    return CliRunner().invoke(main, ["colorize", *map(str, words)], catch_exceptions=False)


def test_the_command_makes_trials(film, echo, tmp_path) -> None:
    source = tmp_path / "in.mp4"
    source.write_bytes(film.read_bytes())
    assert run(source, "-m", echo, "--every", "5s").exit_code == 0
    with Image.open(tmp_path / "in-sheet.jpg") as sheet:
        assert sheet.size == (2 * 168 + 8, 120 + 22 + 16)
    assert read_facts(tmp_path / "in-sheet.jpg")["Model"] == "vivid 0"
    assert run(source, "-m", echo, "--start", "00:00:02", "--end", "3.5").exit_code == 0
    assert len(read(tmp_path / "in-trial.mp4")[0]) == 1.5 * RATE
    assert run(source, "-m", echo, "--compare", "side", "--end", 1).exit_code == 0
    assert read(tmp_path / "in-compared.mp4")[0][0].shape == (120, 322, 3)
    assert run(source, "-m", echo, "--every", "5s", "-o", f"{tmp_path}/a/").exit_code == 0
    assert (tmp_path / "a/in-sheet.jpg").exists()
    assert not (tmp_path / "in-colour.mp4").exists()


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("F", "--start", "x"), 2, "the time 'x' is not valid; write one such as 00:12:31.5"),
        (("F", "--start", "99"), 1, "the start, 00:01:39.000, is beyond its last moment"),
        (("F", "--start", "3", "--end", "2"), 1, "is not before the end, 00:00:02.000"),
        (("P", "--end", "3"), 2, "--end is for films; leave p.jpg out, or --end"),
        (("P", "--fps", "18"), 2, "--fps is for films; leave p.jpg out"),
        (("P", "--compare", "side"), 2, "--compare is for films; leave p.jpg out"),
        (("F", "P", "--every", "3"), 2, "--every is for films; leave p.jpg out"),
        (("F", "--every", "0"), 1, "a frame every 0 s is not possible; add --every 10s"),
        ((".", "--every", "3"), 2, "--every is for films, not for the folder .; name them"),
        (("F", "--every", "3", "--dry-run"), 2, "--every writes a contact sheet; leave --dry-run"),
        (("F", "--every", "3", "-o", "p.jpg"), 1, "p.jpg: exists already; add --overwrite"),
        (("F", "--every", "3", "-o", "x.mp4"), 1, "x.mp4: cannot write .mp4; use .jpg"),
        (("F", "F2", "--every", "3", "-o", "y.jpg"), 1, "y.jpg: this is one picture's name"),
    ],
)
def test_what_a_trial_cannot_be_is_said_before_the_work(
    film, echo, tmp_path, monkeypatch, words, code, reason
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.mp4").write_bytes(film.read_bytes())
    (tmp_path / "in2.mp4").write_bytes(film.read_bytes())
    Image.fromarray(photograph()).save("p.jpg")
    before = sorted(tmp_path.iterdir())
    names = {"F": "in.mp4", "F2": "in2.mp4", "P": "p.jpg"}
    monkeypatch.setattr("photochrom.inference.model.Model.answer", lambda *_: pytest.fail("late"))
    result = run(*(names.get(word, word) for word in words), "-m", echo)
    assert (result.exit_code, reason in result.output) == (code, True), result.output
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_for_pictures_says_that_a_film_is_none(film, echo) -> None:
    for words in (["colorize", film, "--variants", "3"], ["uncertainty", film]):
        result = CliRunner().invoke(main, [*map(str, words), "-m", str(echo)])
        said = "this is a film, and a picture is wanted; write one of its frames by photochrom info"
        assert (result.exit_code, said in result.output) == (1, True), result.output
