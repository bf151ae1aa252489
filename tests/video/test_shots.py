"""The shots of a film, as they are found, listed, and written as a project."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from helpers.films import RATE, cut_together, pan, photograph, write
from photochrom.cli.main import main
from photochrom.errors import HintError, ImageError
from photochrom.video import project_file
from photochrom.video.contact_sheet import contact_sheet
from photochrom.video.reader import Film
from photochrom.video.shots import find_shots, index_at
from photochrom.video.timecode import format_time, parse_time

NAMES = "astronaut", "chelsea", "coffee"


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film of three shots."""
    return write(tmp_path_factory.mktemp("film") / "three.mp4", cut_together(*NAMES), sound="aac")


def test_shots_are_what_is_between_cuts(film) -> None:
    seen = []
    shots = find_shots(Film(film), on_progress=lambda *count: seen.append(count))
    assert [(round(one.begin, 3), round(one.end, 3), one.frames) for one in shots] == [
        (0, 1, 12),
        (1, 2, 12),
        (2, 3, 12),
    ]
    assert seen[-1] == (36, 36)
    for name, shot in zip(NAMES, shots, strict=True):
        middle = pan(photograph(name), 12)[6]
        assert np.abs(shot.still.astype(int) - middle).mean() < 3


def test_the_still_of_a_long_shot_is_of_its_middle(tmp_path) -> None:
    frames = [np.full((64, 80), 40 + number // 2, np.uint8) for number in range(150)]
    (shot,) = find_shots(Film(write(tmp_path / "long.mkv", frames)))
    assert abs(int(shot.still.mean()) - int(frames[75].mean())) <= 4


def test_a_time_lies_in_a_shot() -> None:
    begins = [0.0, 1.0, 2.5]
    assert [index_at(begins, time) for time in (0, 0.99, 0.9995, 1, 2.4, 2.5, 9)] == [
        *(0, 0, 1),
        *(1, 1, 2, 2),
    ]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("00:12:31.5", 751.5), ("12:31", 751), ("751.5", 751.5), ("3s", 3), ("01:00:00", 3600)],
)
def test_times_are_read(text, seconds) -> None:
    assert parse_time(text) == seconds == parse_time(format_time(seconds))


@pytest.mark.parametrize("text", ["", "soon", "1:2:3:4", "-3", "nan"])
def test_what_is_no_time_is_said(text) -> None:
    with pytest.raises(ImageError, match=r"is not valid; write one such as 00:12:31\.5, or 751\.5"):
        parse_time(text)


def test_a_contact_sheet_has_all_stills_with_captions() -> None:
    stills = [np.full((40, 160), level, np.uint8) for level in (60, 120, 180)]
    sheet = contact_sheet(stills, ["1  00:00:00", "2  00:00:01", "3  00:00:02"])
    assert sheet.shape == (78, 3 * 168 + 8, 3)
    for number, level in enumerate((60, 120, 180)):
        left = 8 + 168 * number
        assert (sheet[8:48, left : left + 160] == level).all()
        assert sheet[48:70, left : left + 160].max() > 150  # its caption
    assert contact_sheet(stills * 300, ["x"] * 900).shape[1] < 6000


def test_shots_are_listed_and_written(film, tmp_path) -> None:
    out, sheet = tmp_path / "a.toml", tmp_path / "a.png"
    result = run("shots", film, "-o", out, "--sheet", sheet)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "1    00:00:00.000  00:00:01.000  12 frames",
        "2    00:00:01.000  00:00:02.000  12 frames",
        "3    00:00:02.000  00:00:03.000  12 frames",
        str(out),
        str(sheet),
    ]
    with Image.open(sheet) as picture:
        assert picture.size == (3 * 168 + 8, 120 + 22 + 16)
    project = project_file.read(out)
    assert [shot.begin for shot in project.shots] == [0, 1, 2]
    assert (project.film.name, project.film.width, project.film.seconds) == ("three.mp4", 160, 3)
    project.check(Film(film))
    again = run("shots", film, "-o", out)
    assert again.exit_code == 1
    assert "a.toml: exists already; add --overwrite to replace it and what was" in again.output
    assert run("shots", film, "-o", out, "--sheet", sheet, "--overwrite").exit_code == 0


def test_shots_are_printed_as_json(film, tmp_path) -> None:
    result = run("shots", film, "-o", tmp_path / "a.toml", "--sheet", tmp_path / "a.jpg", "--json")
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert lines[1] == {"shot": 2, "from": 1.0, "to": 2.0, "frames": 12}


def test_a_film_that_begins_late_begins_at_nought(tmp_path) -> None:
    frames = cut_together("astronaut", "chelsea", count=6)
    times = [6000 + 50 * number for number in range(12)]
    shots = find_shots(Film(write(tmp_path / "late.mkv", frames, times=times)))
    assert [round(one.begin, 3) for one in shots] == [0, 0.5]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("{}/none.mp4",), "none.mp4: there is no such file; check the path"),
        (("{}/a.jpg",), "a.jpg: shots are of films; give one, such as holiday.mp4"),
        (("{}/a.mp4", "--sheet", "{}/a.pdf"), "a.pdf: a contact sheet is written as .jpg or .png"),
        (("{}/a.mp4", "-o", "{}/no/a.toml"), "cannot be written (No such file or directory)"),
        (("{}/letter.mp4",), "letter.mp4: the file is not a film, or is damaged"),
    ],
)
def test_shots_of_what_is_no_film_are_refused(tmp_path, words, reason) -> None:
    write(tmp_path / "a.mp4", pan(photograph(), 2))
    (tmp_path / "letter.mp4").write_text("a letter")
    result = run("shots", *(word.format(tmp_path) for word in words))
    assert result.exit_code == 1
    assert reason in result.output
    assert result.output.count("\n") == 1


def test_info_writes_the_frame_of_a_time(film, tmp_path) -> None:
    still = tmp_path / "still.png"
    assert run("info", film, "--still", still, "--at", "00:00:01.5").exit_code == 0
    with Image.open(still) as file:
        grey = np.asarray(file.convert("L")).astype(int)
    assert np.abs(grey - pan(photograph("chelsea"), 12)[RATE // 2]).mean() < 3
    for words, code, reason in (
        (("--still", tmp_path / "b.png", "--at", "00:01:00"), 1, "beyond its end, 00:00:03.000"),
        (("--still", tmp_path / "b.png", "--at", "soon"), 1, "the time 'soon' is not valid"),
        (("--at", "00:00:01"), 2, "--at says which frame is written; add --still FILE"),
    ):
        result = run("info", film, *words)
        assert (result.exit_code, reason in result.output) == (code, True), result.output


PROJECT = """version = 1
[[shots]]
from = 00:00:00
palette = "navy"
[[shots]]
from = "1.0"
palette = "lent.png"
[[hints]]
at = 00:00:01.5
x = 31
y = 42.5
colour = "navy"
reach = "spot"
[[hints]]
at = 2
x = 1
y = 2
color = "#ff0000"
[[references]]
at = "00:00:02.500"
still = "stills/one.png"
"""


def test_a_project_is_read(tmp_path) -> None:
    (tmp_path / "a.toml").write_text(PROJECT)
    (tmp_path / "lent.png").write_bytes(b"")
    project = project_file.read(tmp_path / "a.toml")
    assert [(one.begin, one.palette) for one in project.shots] == [
        (0, "navy"),
        (1, str(tmp_path / "lent.png")),
    ]
    assert [(one.at, one.hint) for one in project.hints] == [
        (1.5, (31, 42.5, "#000080", "spot")),
        (2, (1, 2, "#ff0000")),
    ]
    (reference,) = project.references
    assert (reference.at, reference.still) == (2.5, tmp_path / "stills/one.png")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("version = 1", "version = 2", "not a project of version 1; write a new one of the film"),
        ("version = 1", "version 1", r"not valid TOML \(.*line 1.*\); correct that line"),
        ("[[hints]]\nat = 2", "[[hint]]\nat = 2", r"has no 'hint' \(did you mean hints\?\)"),
        ("y = 42.5", "z = 3", r"hint 1 has no 'z'.*; it has at, x, y, color, reach"),
        ("y = 42.5\n", "", "hint 1 has no 'y'; write one"),
        ("y = 42.5", 'y = "low"', "hint 1: y is 'low'; write it as in the example"),
        ('"navy"\nreach', '"nave"\nreach', "hint 1: 'nave' is not a valid colour"),
        ('"spot"', '"far"', "hint 1: a hint reaches spot, thing or everything, not 'far'"),
        ('"1.0"', '"one"', "shot 2: the time 'one' is not valid"),
        ("[[references]]", "[references]", r"references is not a list; write \[\[references\]\]"),
        ("version = 1", "version = 1\n[film]\nname = 3", r"\[film\] is not as it was written"),
    ],
)
def test_what_is_wrong_in_a_project_is_said(tmp_path, old, new, reason) -> None:
    path = tmp_path / "a.toml"
    assert old in PROJECT
    path.write_text(PROJECT.replace(old, new, 1))
    with pytest.raises(HintError, match=rf"a\.toml: .*{reason}") as error:
        project_file.read(path)
    assert "\n" not in str(error.value)


def test_a_project_that_is_not_there_is_said(tmp_path) -> None:
    with pytest.raises(HintError, match=r"there is no project .*a\.toml; check the path"):
        project_file.read(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (
            "[[hints]]\nat = 9\nx=1\ny=1\ncolor='red'",
            "a hint is at 00:00:09.000, and the film ends",
        ),
        ("[[references]]\nat = 4\nstill='a.png'", "a reference is at 00:00:04.000, and the film e"),
    ],
)
def test_times_beyond_the_end_are_said(film, tmp_path, table, reason) -> None:
    (tmp_path / "a.toml").write_text(f"version = 1\n{table}\n")
    with pytest.raises(HintError, match=rf"{reason}.*; give an earlier time"):
        project_file.read(tmp_path / "a.toml").check(Film(film))


def test_a_project_of_another_film_is_said(film, tmp_path) -> None:
    assert (
        run("shots", film, "-o", tmp_path / "a.toml", "--sheet", tmp_path / "a.jpg").exit_code == 0
    )
    project = project_file.read(tmp_path / "a.toml")
    other = Film(write(tmp_path / "other.mp4", cut_together(*NAMES)))
    with pytest.raises(
        HintError, match=r"a\.toml: this project is of another film \(three\.mp4, 16"
    ):
        project.check(other)
    renamed = tmp_path / "renamed.mp4"
    renamed.write_bytes(film.read_bytes())
    project.check(Film(renamed))


def test_shots_of_a_sequence_of_pictures(tmp_path) -> None:
    (tmp_path / "frames").mkdir()
    for number, frame in enumerate(cut_together("astronaut", "chelsea", count=6)):
        Image.fromarray(frame).save(tmp_path / f"frames/{number:03}.png")
    film, out = tmp_path / "frames/%03d.png", tmp_path / "a.toml"
    result = run("shots", film, "--fps", 6, "-o", out, "--sheet", tmp_path / "a.jpg")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[1] == "2    00:00:01.000  00:00:02.000  6 frames"
    project_file.read(out).check(Film(film, fps=6))
