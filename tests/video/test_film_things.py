"""What is remembered of a film's things: listed, given another colour, and forgotten."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from helpers.films import cut_together, pan, photograph, read, write
from photochrom import Colorizer, HintError, ModelError
from photochrom.cli.main import main
from photochrom.color.spaces import srgb_to_lab
from photochrom.video import project_file
from photochrom.video.project import FilmProject, ShotStart, TimedHint, TimedPoint

SHOTS = [np.s_[:12], np.s_[12:24], np.s_[24:]]
BLUE = "#2040c0"


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer(threads=2)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film whose first scene comes back, at another place of the photograph."""
    frames = [*cut_together("astronaut", "coffee"), *pan(photograph(), 24)[12:]]
    return write(tmp_path_factory.mktemp("film") / "back.mkv", frames)


@pytest.fixture
def run(film, tmp_path, monkeypatch):
    """Run commands in a folder with the film, and a project of its shots."""
    (tmp_path / "back.mkv").write_bytes(film.read_bytes())
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        result = CliRunner().invoke(main, [*map(str, words)])
        assert result.exit_code == code, result.output
        return result.output

    run("shots", "back.mkv")
    return run


def test_things_are_listed_with_their_colours_and_shots(run) -> None:
    lines = run("things", "back.mkv").splitlines()
    first = lines[0].split()
    assert first[0] == "1"
    assert first[1].startswith("#")
    assert any(line.endswith("shots 1, 3") for line in lines)
    assert any(line.endswith("shot 2") for line in lines)
    assert not any("shots 1, 2" in line for line in lines)
    objects = [json.loads(line) for line in run("things", "back.mkv", "--json").splitlines()]
    assert [one["thing"] for one in objects] == [*range(1, len(lines) + 1)]
    assert objects[0]["shots"] == [1, 3]
    assert objects[0]["name"] == first[2]


def test_colours_are_chosen_by_the_command_and_in_the_project(run, tmp_path) -> None:
    said = run("things", "back.mkv", "--color", "1=navy", "--forget", 2)
    assert said.splitlines()[-1] == "back.toml"
    text = (tmp_path / "back.toml").read_text()
    assert text.count("[[things]]") == 2
    given = project_file.read(tmp_path / "back.toml")
    (hint,), (point,) = given.hints, given.forgotten
    assert hint.hint[2] == "#000080"
    assert "forgotten" in run("things", "back.mkv").splitlines()[1]
    run("things", "back.mkv", "--color", "1=#a03020", "--color", "2=khaki")  # the last holds
    given = project_file.read(tmp_path / "back.toml")
    assert {one.hint[2] for one in given.hints} == {"#a03020", "#f0e68c"}
    assert not given.forgotten
    (tmp_path / "back.toml").write_text(text.replace("#000080", "none"))
    assert {one.x for one in project_file.read(tmp_path / "back.toml").forgotten} == {
        point.x,
        hint.hint[0],
    }


def test_later_shots_have_what_was_chosen(colorizer, film, tmp_path) -> None:
    (tmp_path / "a.toml").write_text(
        f'version = 1\n[[things]]\nat = 0.5\nx = 80\ny = 20\ncolor = "{BLUE}"\n'
        + "".join(f"[[shots]]\nfrom = {begin}\n" for begin in range(3))
    )
    recolored = project_file.read(tmp_path / "a.toml")
    begins = tuple(ShotStart(float(begin)) for begin in range(3))
    forgotten = FilmProject(
        shots=begins,
        hints=(TimedHint(0.5, (80, 20, BLUE)),),
        forgotten=(TimedPoint(0.5, 80, 20),),
    )
    shown = []
    for number, given in enumerate((FilmProject(shots=begins), recolored, forgotten)):
        out = tmp_path / f"{number}.mkv"
        colorizer.colorize(film, quality="fast", project=given).save(out, codec="ffv1")
        shown.append(srgb_to_lab(np.array(read(out)[0]) / np.float32(255))[..., 1:])
    gaps = [np.linalg.norm(one - shown[0], axis=-1) for one in shown[1:]]
    (first, other, back), (same, still_other, without) = (
        [float(gap[shot].mean()) for shot in SHOTS] for gap in gaps
    )
    assert back > 0.4 * first > 1
    assert max(other, still_other) < 0.5
    assert same == pytest.approx(first, abs=0.01)
    there = [gap[24:30, 12:29, 52:69].mean() for gap in gaps]  # where the thing is by then
    assert there[1] < 0.4 * there[0], (there, without, back)


def test_what_cannot_be_is_said(run, tmp_path, colorizer, film) -> None:
    for words, reason in (
        (("--color", "99=navy"), "there is no thing 99; the film has"),
        (("--color", "navy"), "--color 'navy' has no number; write one such as 3=navy"),
    ):
        assert reason in run("things", "back.mkv", *words, code=2)
    assert "'nvy' is not a valid colour" in run("things", "back.mkv", "--color", "1=nvy", code=1)
    gone = run("things", "back.mkv", "--project", "gone.toml", code=1)
    assert "there is no project gone.toml; write one first: photochrom shots back.mkv" in gone
    assert "things are of films" in run("things", "back.toml", code=1)
    (tmp_path / "no.toml").write_text("version = 1\n")
    assert "has no shots" in run("things", "back.mkv", "--project", "no.toml", code=1)
    assert "remembers no things; choose vivid" in run("things", "back.mkv", "-m", "beta", code=1)
    bad = tmp_path / "bad.toml"
    bad.write_text("version = 1\n[[things]]\nat = 0\nx = 1\ny = 1\ncolor = 3\n")
    with pytest.raises(HintError, match="thing 1: color is 3; write it as in the example"):
        project_file.read(bad)
    bad.write_text('version = 1\n[[things]]\nat = 99\nx = 1\ny = 1\ncolor = "none"\n')
    with pytest.raises(HintError, match=r"a thing is at 00:01:39\.000, and the film ends"):
        colorizer.colorize(film, project=project_file.read(bad))
    with pytest.raises(ModelError, match="remembers no things"):
        Colorizer("beta").things(film)
    assert colorizer.things(film) == []
