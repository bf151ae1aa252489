import shutil
import sys
import time
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
import skimage.data
from click.testing import CliRunner
from PIL import Image

from helpers.films import RATE, lookalikes, packets, pan, photograph, read, write
from photochrom import Colorizer, HintError, ImageError, MissingExtra, PhotochromWarning
from photochrom.batch.naming import Job
from photochrom.batch.runner import BatchOptions, Work, threads
from photochrom.cli.main import main
from photochrom.color.spaces import samples_to_lightness, srgb_to_lab
from photochrom.video import colorized
from photochrom.video.deinterlacing import is_combed
from photochrom.video.optical_flow import between, warped
from photochrom.video.reader import Film
from photochrom.video.smoothing import ColorEstimate, FrameAnalysis, smoothed

FRAMES = 30
PARTS = ".out.mp4.photochrom-parts"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film of one shot, with sound."""
    path = tmp_path_factory.mktemp("film") / "in.mp4"
    return write(path, pan(photograph(), FRAMES), sound="aac")


@pytest.fixture(scope="module")
def colorizer(echo):
    """The quick model."""
    return Colorizer(echo, threads=2)


def difference(painted, grey) -> float:
    """Mean difference of lightness between frames of a film, and what they were."""
    gaps = [
        np.abs(samples_to_lightness(one) - samples_to_lightness(other)).mean()
        for one, other in zip(painted, grey, strict=True)
    ]
    return float(np.mean(gaps))


def test_a_film_comes_back_in_colour_with_its_times_and_sound(colorizer, film, tmp_path) -> None:
    coloured = colorizer.colorize(film)
    assert (coloured.size, coloured.had_color) == ((160, 120), False)
    coloured.save(tmp_path / "out.mp4")
    frames, times = read(tmp_path / "out.mp4")
    assert times == read(film)[1]
    assert packets(tmp_path / "out.mp4", "audio") == packets(film, "audio") != []
    assert np.abs(srgb_to_lab(frames[9] / 255.0)[..., 1:]).mean() > 10
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]
    with av.open(str(tmp_path / "out.mp4")) as file:
        assert file.metadata["comment"].startswith("coloured by Photochrom")
        assert "model vivid 0, vividness 0.5" in file.metadata["comment"]
        assert file.streams.audio[0].metadata["language"] == "nld"
        assert len(file.chapters()) == 1
        assert file.streams.video[0].codec_context.colorspace == 1  # BT.709


def test_its_lightness_is_kept(colorizer, film, tmp_path) -> None:
    colorizer.colorize(film).save(tmp_path / "colour.mkv")
    colorizer.colorize(film, strength=0).save(tmp_path / "grey.mkv", note=False)
    original = pan(photograph(), FRAMES)
    grey = difference(read(tmp_path / "grey.mkv")[0], original)
    assert difference(read(tmp_path / "colour.mkv")[0], original) < np.hypot(grey, 0.25)


@pytest.mark.parametrize("way", [{"sound": "pcm_s16le"}, {"times": [0, 50, 51, 200, 700, 701]}])
def test_any_sound_and_any_times_are_kept(colorizer, tmp_path, way) -> None:
    source = write(tmp_path / "in.mkv", pan(photograph(), 6), **way)
    colorizer.colorize(source).save(tmp_path / "out.mkv")
    assert read(tmp_path / "out.mkv")[1] == pytest.approx(read(source)[1], abs=1e-3)
    assert packets(tmp_path / "out.mkv", "audio") == packets(source, "audio")


@pytest.mark.parametrize("turned", [90, 180])
def test_a_film_that_is_to_be_turned_becomes_upright(colorizer, tmp_path, turned) -> None:
    frames = pan(photograph(), 2)
    source = write(tmp_path / "in.mp4", frames, turned=turned, sample_aspect_ratio=Fraction(4, 3))
    colorizer.colorize(source, strength=0).save(tmp_path / "out.mp4")
    with av.open(str(source)) as file:
        rotation = next(file.decode(video=0)).rotation
    with av.open(str(tmp_path / "out.mp4")) as file:
        frame = next(file.decode(video=0))
        shape = file.streams.video[0].codec_context.sample_aspect_ratio
    assert (rotation % 180, frame.rotation) == (turned % 180, 0)
    told = CliRunner().invoke(main, ["info", str(source)]).output
    assert f"stored turned by {90 * round(rotation / 90) % 360} degrees" in told
    upright = np.rot90(frames[0], round(rotation / 90))
    assert difference([frame.reformat(format="rgb24").to_ndarray()], [upright]) < 2
    assert shape == (Fraction(3, 4) if turned == 90 else Fraction(4, 3))


def test_hints_hold_where_the_same_is_seen_in_other_frames(tmp_path) -> None:
    colorizer = Colorizer(threads=2)
    cat, man = photograph("chelsea")[:240, :320], photograph("camera")[:240, :320]
    source = write(tmp_path / "in.mp4", [cat] * 12 + [man] * 12, gop_size=12)
    still = Film(source).still(240)
    assert difference([still], [cat]) < 3  # the first shot's
    hints = [(160, 60, "#2c4a9c"), (240, 190, "#2c4a9c")]
    colorizer.colorize(source).save(tmp_path / "plain.mp4")
    coloured = colorizer.colorize(source, hints=hints)
    coloured.save(tmp_path / "hinted.mp4")
    assert coloured.note["Hints"] == "160,60,#2c4a9c 240,190,#2c4a9c"
    plain, hinted = (read(tmp_path / f"{name}.mp4")[0] for name in ("plain", "hinted"))
    bluer = [
        float((srgb_to_lab(a / 255.0)[..., 2] - srgb_to_lab(b / 255.0)[..., 2]).mean())
        for a, b in zip(plain, hinted, strict=True)
    ]
    assert min(bluer[:12]) > 10
    assert max(map(abs, bluer[14:])) < 1


def test_a_still_is_of_a_time_since_the_file_begins_with_its_sound(tmp_path) -> None:
    frames = [np.full((60, 80), 40 * number, np.uint8) for number in range(6)]
    times = [600 + 50 * number for number in range(6)]  # pictures begin a second later
    film = Film(write(tmp_path / "late.mkv", frames, times=times, sound="pcm_s16le"))
    assert abs(int(film.still(60, 1.25).mean()) - 120) < 3
    assert [round(film.seconds_of(one), 2) for one in film.frames()][3] == 1.25


@pytest.mark.parametrize("turned", [0, 90])
def test_a_still_is_upright_and_from_the_first_third(tmp_path, turned) -> None:
    black, white = (np.full((120, 160), level, np.uint8) for level in (20, 230))
    write(tmp_path / "in.mp4", [black] * 30 + [white] * 60, turned=turned, gop_size=10)
    still = Film(tmp_path / "in.mp4").still(60)
    assert still.shape == ((80, 60, 3) if turned else (60, 80, 3))
    assert abs(int(still.mean()) - 230) < 5
    write(tmp_path / "short.mkv", [black], codec="ffv1", form="gray")
    assert Film(tmp_path / "short.mkv").still(30).shape == (30, 40, 3)


def test_what_was_done_is_not_done_again(colorizer, film, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(colorized, "_SEGMENT", 8)
    colorizer.colorize(film).save(tmp_path / "whole.mp4")

    def stop(done, total):
        assert 0 < done <= total == 30
        if done > 15:
            raise KeyboardInterrupt

    out = tmp_path / "out.mp4"
    with pytest.raises(KeyboardInterrupt):
        colorizer.colorize(film).save(out, on_progress=stop)
    parts = sorted(path.name for path in (tmp_path / PARTS).glob("0*.mp4"))
    assert parts == ["00000.mp4", "00001.mp4"]
    (tmp_path / PARTS / "begun.mp4").write_bytes(b"what a killed run left")
    looks = []
    look = colorizer.model.answer
    monkeypatch.setattr(colorizer.model, "answer", lambda *a: looks.append(a) or look(*a))
    seen = []
    colorizer.colorize(film).save(out, on_progress=lambda *count: seen.append(count))
    assert seen == [(number, 30) for number in range(17, 31)]
    assert len(looks) < 10  # of 15, for a frame in two is looked at
    assert out.read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    assert not (tmp_path / PARTS).exists()


def test_parts_that_were_made_otherwise_are_made_anew(
    colorizer, film, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(colorized, "_SEGMENT", 8)

    def stop(done, total):
        raise KeyboardInterrupt

    out = tmp_path / "out.mp4"
    with pytest.raises(KeyboardInterrupt):
        colorizer.colorize(film, vividness=1).save(out, on_progress=stop)
    colorizer.colorize(film).save(out)
    colorizer.colorize(film).save(tmp_path / "whole.mp4")
    assert out.read_bytes() == (tmp_path / "whole.mp4").read_bytes()


@pytest.mark.slow
def test_a_reference_gives_its_colours_and_another_one_others(colorizer, film, tmp_path) -> None:
    def painted(reference):
        coloured = colorizer.colorize(film, reference=reference)
        coloured.save(tmp_path / "out.mp4", overwrite=True)
        return srgb_to_lab(read(tmp_path / "out.mp4")[0][9] / 255.0)[..., 1:].mean(axis=(0, 1))

    reference = skimage.data.astronaut()[:160, :200]
    assert np.linalg.norm(painted(reference) - painted(reference[..., ::-1])) > 5
    with pytest.raises(ImageError, match="the reference has no colours to take"):
        colorizer.colorize(film, reference=photograph())


def test_a_batch_that_is_ended_does_not_finish_its_film(colorizer, tmp_path) -> None:
    base = photograph()
    long = [np.roll(base, -n, axis=1)[:120, :160].copy() for n in range(400)]
    for name in ("a", "b"):
        write(tmp_path / f"{name}.mp4", long[:1] if name == "a" else long)
    queue = [Job(tmp_path / f"{name}.mp4", tmp_path / f"{name}.mkv") for name in ("a", "b")]
    work = Work("", BatchOptions())
    outcomes = threads(colorizer, 2)(work, iter(queue))
    assert next(outcomes).job == queue[0]
    start = time.monotonic()
    outcomes.close()
    assert time.monotonic() - start < 5
    assert not queue[1].target.exists()


@pytest.mark.parametrize("name", ["in.mp4", "in.AVI", "sound.mp4", "cut.mkv"])
def test_what_is_no_film_is_said(colorizer, film, tmp_path, name) -> None:
    path = tmp_path / name
    reason = "the file is not a film, or is damaged"
    if name == "sound.mp4":
        with av.open(str(path), "w") as file:
            tone = file.add_stream("aac", rate=8000)
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
            silence.sample_rate = 8000
            file.mux(tone.encode(silence))
            file.mux(tone.encode(None))
        reason = "the file has no moving pictures of a known kind; convert it to MP4"
    elif name == "cut.mkv":
        whole = write(tmp_path / "whole.mkv", pan(photograph(), FRAMES)).read_bytes()
        path.write_bytes(whole[:300])
    else:
        path.write_text("a letter")
    with pytest.raises(ImageError, match=rf"{name}: {reason}"):
        colorizer.colorize(path).save(tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize(
    "text", ["#EXTM3U\n#EXTINF:1,\nin.mp4\n", "ffconcat version 1.0\nfile in.mp4"]
)
def test_a_list_of_films_is_no_film(colorizer, film, tmp_path, text) -> None:
    shutil.copy(film, tmp_path)
    (tmp_path / "list.avi").write_text(text)
    with pytest.raises(ImageError, match=r"list.avi: the file is not a film, or is damaged"):
        colorizer.colorize(tmp_path / "list.avi")


def test_sound_of_no_known_kind_is_said(colorizer, tmp_path) -> None:
    whole = write(tmp_path / "in.mkv", pan(photograph(), 3), sound="pcm_s16le").read_bytes()
    assert b"A_PCM/INT/LIT" in whole
    (tmp_path / "in.mkv").write_bytes(whole.replace(b"A_PCM/INT/LIT", b"A_TIN/CAN/LIT"))
    coloured = colorizer.colorize(tmp_path / "in.mkv")
    with pytest.raises(
        ImageError, match=r"\(of no known kind\) do not fit .*; take them out first"
    ):
        coloured.save(tmp_path / "out.mkv")


def test_frames_of_several_sizes_are_brought_to_one_and_said(colorizer, tmp_path) -> None:
    parts = [
        write(tmp_path / f"{side}.m2ts", pan(photograph(), 3, (side, 120))).read_bytes()
        for side in (160, 128)
    ]
    (tmp_path / "both.m2ts").write_bytes(b"".join(parts))
    with pytest.warns(
        PhotochromWarning, match=r"both.m2ts: its frames become 128 x 120, and are brought to"
    ):
        colorizer.colorize(tmp_path / "both.m2ts").save(tmp_path / "out.mkv")
    frames, times = read(tmp_path / "out.mkv")
    assert {frame.shape for frame in frames} == {(120, 160, 3)}
    assert (len(frames), times) == (6, sorted(set(times)))


def test_without_what_reads_films_the_extra_is_named(film, monkeypatch, echo) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(
        MissingExtra, match=r"colouring films needs an extra: pip install 'photochrom\[film\]'"
    ):
        Colorizer(echo).colorize(film)


def test_info_writes_the_frame_that_hints_are_set_on(film, tmp_path) -> None:
    def info(*arguments):
        return CliRunner().invoke(main, ["info", *map(str, arguments)])

    still = tmp_path / "still.png"
    assert info(film, "--still", still).exit_code == 0
    assert np.array_equal(np.asarray(Image.open(still)), Film(film).still(120))
    for arguments, code, words in (
        ((film, "--still", still), 1, "still.png: exists already; choose another name"),
        ((film, "--still", tmp_path / "no/x.png"), 1, "cannot be written (No such file"),
        ((film, "--still", tmp_path / "x.pdf"), 1, "x.pdf: a still is written as .png or .jpg"),
        (
            (still, "--still", tmp_path / "x.png"),
            2,
            "--still is for films",
        ),
    ):
        result = info(*arguments)
        assert (result.exit_code, words in result.output) == (code, True), result.output


def test_info_tells_what_a_film_is(film) -> None:
    result = CliRunner().invoke(main, ["info", str(film)])
    lines = [
        "size: 160 x 120 pixels, 8 bits",
        "length: 2.5 s, 30 frames, 12 a second",
        "sound: aac",
    ]
    assert [line.strip() for line in result.output.splitlines()[2:]] == lines


def woven(fields) -> list[np.ndarray]:
    """Frames of an interlaced film: every other line is of the next moment."""
    frames = [field.copy() for field in fields[::2]]
    for frame, later in zip(frames, fields[1::2], strict=True):
        frame[1::2] = later[1::2]
    return frames


def test_interlaced_frames_are_made_whole(colorizer, tmp_path) -> None:
    fields = pan(photograph(), 2 * FRAMES, step=3)
    frames = woven(fields)
    assert all(is_combed(frame) for frame in frames)
    noise = np.random.default_rng(0).normal(0, 8, fields[0].shape)
    grainy = np.clip(fields[0] + noise, 0, 255).astype(np.uint8)
    assert not any(is_combed(one) for one in (*fields, grainy, grainy.astype(np.uint16) * 257))
    path = write(tmp_path / "in.mp4", frames, interlaced=True)
    told = CliRunner().invoke(main, ["info", str(path)]).output
    assert told.endswith("2.5 s, 30 frames, 12 a second, interlaced\n")
    colorizer.colorize(path).save(tmp_path / "out.mp4")
    painted, times = read(tmp_path / "out.mp4")
    assert times == read(path)[1]
    assert not any(is_combed(one[..., 1]) for one in painted)
    mine, theirs = (one[1:-1] for one in (painted, frames))
    nearest = [
        min(difference([one], [fields[2 * at + k]]) for k in (2, 3)) for at, one in enumerate(mine)
    ]
    assert np.mean(nearest) < 0.6 * difference(theirs, fields[2:-2:2])
    film = Film(path)
    whole = [frame.samples for frame in film.frames()]
    assert (next(film.frames(20)).samples == whole[20]).all()


def test_a_film_that_only_says_that_it_is_interlaced_is_kept(colorizer, tmp_path) -> None:
    frames = pan(photograph(), FRAMES)
    film = Film(write(tmp_path / "in.mp4", frames, interlaced=True))
    assert not film.is_interlaced
    for frame, before in zip(film.frames(), frames, strict=True):
        assert np.abs(frame.samples.astype(int) - before).max() <= 1


def test_what_a_film_cannot_have_is_said(colorizer, film, tmp_path) -> None:
    with pytest.raises(ImageError, match=r"none.mp4: there is no such file"):
        colorizer.colorize(tmp_path / "none.mp4")
    with pytest.raises(HintError, match=r"in.mp4: the tint of a film cannot be kept; leave"):
        colorizer.colorize(film, tone=True)
    with pytest.raises(HintError, match="the hint at 160,1 is outside the picture of 160 x 120"):
        colorizer.colorize(film, hints=[(160, 1, "#ff0000")])
    coloured = colorizer.colorize(film)
    (tmp_path / "there.mp4").write_text("something")
    for name, reason in (
        ("out.jpg", r"a film is written as .mp4, .m4v, .mov, .mkv, .webm; name it so"),
        ("there.mp4", "exists already; pass overwrite=True to replace it"),
        ("no/out.mp4", r"cannot be written \(No such file or directory\)"),
    ):
        with pytest.raises(ImageError, match=rf"{name}: {reason}"):
            coloured.save(tmp_path / name)
    with pytest.raises(ImageError, match="neither another profile nor a pyramid"):
        coloured.save(tmp_path / "out.mp4", profile="p3")
    source = write(tmp_path / "pcm.mkv", pan(photograph(), 3), sound="pcm_u8")
    with pytest.raises(ImageError, match=r"pcm.mkv: its sound .* \(pcm_u8\) do not fit .*\.mkv"):
        colorizer.colorize(source).save(
            tmp_path / "out.mp4", on_progress=lambda share: pytest.fail("said only after the work")
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pcm.mkv", "there.mp4"]


def test_a_folder_of_pictures_and_films(echo, film, tmp_path) -> None:
    (tmp_path / "in").mkdir()
    shutil.copy(film, tmp_path / "in/b.mp4")
    write(tmp_path / "in/c.avi", pan(photograph("chelsea"), 4), codec="mpeg4", bit_rate=10**6)
    (tmp_path / "in/d.mov").write_text("a letter")
    from PIL import Image

    Image.fromarray(photograph()).save(tmp_path / "in/a.png")
    words = ["colorize", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "-m", str(echo)]
    words += ["--format", "jpg", "--report", str(tmp_path / "report.html")]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "d.mov: the file is not a film, or is damaged" in result.output
    assert "3 done, 1 failed" in result.output
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [".photochrom.sqlite", "a.jpg", "b.mp4", "c.mkv"]
    assert (tmp_path / "report.html").read_text().count("<img") == 3
    again = CliRunner().invoke(main, words)
    assert "0 done, 3 skipped" in again.output


def test_motion_leads_back_to_where_places_were() -> None:
    earlier, later = (samples_to_lightness(one) for one in pan(photograph(), 2, (128, 96), step=4))
    motion = between(earlier, later)
    inner = np.s_[:, 8:-8, 8:-8]
    assert motion.back[inner].mean(axis=(1, 2)) == pytest.approx([2, 0], abs=0.2)  # cells
    assert motion.ahead[inner].mean(axis=(1, 2)) == pytest.approx([-2, 0], abs=0.2)
    assert motion.back_trust[inner[1:]].mean() > 0.9
    assert motion.back_trust[:, -1].mean() < 0.3  # what comes in at the right was not there
    assert not motion.is_cut
    ramp = np.indices((48, 64), dtype=np.float32)[1:]
    assert warped(ramp, motion.back)[inner].mean() == pytest.approx(ramp[inner].mean() + 2, abs=0.2)


def test_a_flicker_of_the_light_is_no_motion_and_no_cut() -> None:
    frame = samples_to_lightness(photograph()[:96, :128])
    motion = between(frame, 0.7 * frame + 20)
    assert np.abs(motion.back).mean() < 0.05
    assert motion.back_trust.mean() > 0.9


def test_another_shot_is_a_cut() -> None:
    first, second = (
        samples_to_lightness(photograph(name)[100:196, :128]) for name in ("astronaut", "chelsea")
    )
    assert between(first, second).is_cut


def glimpses(shots):
    """Glimpses of shots: for each frame its answer, over a picture that does not move."""
    still = samples_to_lightness(photograph()[:32, :48])
    motion = between(still, still)
    for answers in shots:
        for number, answer in enumerate(answers):
            yield FrameAnalysis(None, still, number, motion if number else None, answer)


def test_answers_are_averaged_over_a_shot_and_not_beyond() -> None:
    random = np.random.default_rng(0)
    noisy = [
        [random.normal(level, 5, (2, 16, 24)).astype(np.float32) for _ in range(40)]
        for level in (10, -30)
    ]
    for one in noisy:  # of which some frames are not looked at
        one[1::2] = [None] * 20
    ab = np.array([one.ab for one in smoothed(glimpses(noisy), ahead=12)])
    assert ab.shape == (80, 2, 16, 24)
    assert ab[:40].mean() == pytest.approx(10, abs=0.3)
    assert ab[40:].mean() == pytest.approx(-30, abs=0.3)
    assert ab[20:40].std() < 2
    assert np.abs(np.diff(ab[20:40], axis=0)).mean() < 0.5


def test_what_no_answer_is_known_for_keeps_what_it_has() -> None:
    held = ColorEstimate(np.full((2, 4, 4), 7, np.float32), np.zeros((4, 4), np.float32))
    nothing = ColorEstimate(np.zeros((2, 4, 4), np.float32), np.zeros((4, 4), np.float32))
    assert (held.merged(nothing).ab == 7).all()


@pytest.mark.slow
def test_a_film_flickers_less_than_its_frames_alone(tmp_path) -> None:
    frames = pan(skimage.data.coffee()[..., 1], 2 * RATE, (192, 144), step=3)
    noise = np.random.default_rng(0)
    grainy = [
        np.clip(one + noise.normal(0, 8, one.shape), 0, 255).astype(np.uint8) for one in frames
    ]
    colorizer = Colorizer()
    source = write(tmp_path / "in.mp4", grainy)
    colorizer.colorize(source).save(tmp_path / "out.mp4")
    together = read(tmp_path / "out.mp4")[0]
    alone = [colorizer.colorize(one, quality="fast") for one in grainy]

    def flicker(painted) -> float:
        ab = [srgb_to_lab(one / 255.0)[..., 1:] for one in painted]
        gaps = [np.abs(new[:, :-3] - old[:, 3:]) for old, new in pairwise(ab)]
        return float(np.median([np.median(gap) for gap in gaps]))

    assert flicker(together) < 0.7 * flicker(alone)


@pytest.mark.slow
def test_of_lookalikes_only_the_marked_one_is_coloured(tmp_path) -> None:
    frames, masks = lookalikes(24)
    film = write(tmp_path / "in.mkv", frames)
    colorizer = Colorizer("vivid", threads=2)
    shown = CliRunner().invoke(main, ["info", str(film), "--still", str(tmp_path / "still.png")])
    assert shown.exit_code == 0, shown.output
    with Image.open(tmp_path / "still.png") as file:
        still = np.asarray(file.convert("L")).astype(int)
    at = int(np.argmin([np.abs(still - frame).mean() for frame in frames]))
    y, x = (int(one.mean()) for one in np.nonzero(masks[at, 0]))
    shown = []
    for hints in ([], [(x, y, "#a02040")]):
        out = tmp_path / f"{len(hints)}.mkv"
        colorizer.colorize(film, hints=hints).save(out, codec="ffv1")
        shown.append([srgb_to_lab(frame / np.float32(255))[..., 1:] for frame in read(out)[0]])
    alone = 0
    for (marked, *others), plain, hinted in zip(masks, *shown, strict=True):
        change = np.linalg.norm(hinted - plain, axis=-1)
        elsewhere = max((change[one] > 5).mean() for one in (*others, ~marked))
        alone += (change[marked] > 5).mean() > 0.9 and elsewhere < 0.05
    assert alone >= 0.95 * len(frames)
