"""Films that are coloured by a project, and by references with a time."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from helpers.films import cut_together, pan, photograph, read, still_in_color, write
from photochrom import Colorizer, HintError
from photochrom.cli.main import main
from photochrom.color.spaces import srgb_to_lab
from photochrom.video import colorized, project_file
from photochrom.video.project import (
    FilmProject,
    ShotStart,
    TimedHint,
    TimedReference,
    parse_reference,
)

SHOTS = [np.s_[:12], np.s_[12:24], np.s_[24:]]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film of three shots, of one second each."""
    frames = cut_together("astronaut", "chelsea", "coffee")
    return write(tmp_path_factory.mktemp("film") / "three.mp4", frames)


@pytest.fixture(scope="module")
def colorizer():
    """The default model."""
    return Colorizer(threads=2)


@pytest.fixture(scope="module")
def colors_of(colorizer, film, tmp_path_factory):
    """Give the colours of each frame, (36, H, W, 2), of the film that is coloured in some way."""
    folder, known = tmp_path_factory.mktemp("out"), {}

    def made(project=None):
        if project not in known:
            out = folder / f"{len(known)}.mkv"
            coloured = colorizer.colorize(film, quality="fast", size=128, project=project)
            coloured.save(out, codec="ffv1")
            frames = np.array(read(out)[0]) / np.float32(255)
            known[project] = srgb_to_lab(frames)[..., 1:]
        return known[project]

    return made


def change(colors_of, project):
    """By how much each shot has other colours than without a project."""
    gap = np.linalg.norm(colors_of(project) - colors_of(), axis=-1)
    return [float(gap[shot].mean()) for shot in SHOTS]


def test_a_reference_colours_the_shot_of_its_time(colors_of, tmp_path) -> None:
    still = still_in_color(tmp_path / "still.png", "chelsea", 6)
    first, second, third = change(colors_of, FilmProject(references=(TimedReference(1.5, still),)))
    assert second > 3 > 0.5 > max(first, third)
    with Image.open(still) as picture:
        truth = srgb_to_lab(np.asarray(picture) / np.float32(255))[..., 1:]
    project = FilmProject(references=(TimedReference(1.5, still),))
    near, far = (
        np.linalg.norm(colors_of(one)[18] - truth, axis=-1).mean() for one in (project, None)
    )
    assert near < 0.8 * far


def test_a_hint_holds_for_the_shot_of_its_time(colors_of) -> None:
    hint = TimedHint(1.5, (80, 60, "#2040c0"))
    first, second, third = change(colors_of, FilmProject(hints=(hint,)))
    assert second > 3 > 0.1 > max(first, third)


def test_a_palette_is_of_its_shot_alone(colors_of) -> None:
    shots = (ShotStart(0, "#2040c0"), ShotStart(1), ShotStart(2, "hand-coloured"))
    first, second, third = change(colors_of, FilmProject(shots=shots))
    assert min(first, third) > 2 > 0.1 > second


def test_a_shot_without_a_reference_borrows_of_the_most_alike(colorizer, tmp_path) -> None:
    frames = [*cut_together("astronaut", "coffee"), *pan(photograph(), 30)[18:]]
    film = write(tmp_path / "again.mp4", frames)
    still = still_in_color(tmp_path / "still.png", "astronaut", 6)
    project = FilmProject(references=(TimedReference(0.5, still),))
    coloured = colorizer.colorize(film, quality="fast", size=128, project=project)
    coloured.save(tmp_path / "out.mp4")
    assert coloured.notes() == [
        "shot 3 has the colours of shot 1, which has a reference",
        "shot 2 is like no shot that has a reference",
    ]
    assert colorizer.colorize(film).notes() == []


def test_shots_of_a_project_are_cut_where_it_says(echo, tmp_path) -> None:
    film = write(tmp_path / "one.mp4", pan(photograph(), 12))
    colorizer = Colorizer(echo, threads=1)
    looked_at = []
    for shots in ((), (ShotStart(0), ShotStart(0.25), ShotStart(0.75))):
        coloured = colorizer.colorize(film, project=FilmProject(shots=shots))
        analyses = list(coloured._colorizer._analyses(None, None))
        looked_at.append([one.number for one in analyses])
    assert looked_at == [list(range(12)), [0, 1, 2, 0, 1, 2, 3, 4, 5, 0, 1, 2]]


def test_a_film_with_a_project_goes_on_where_it_was(echo, film, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(colorized, "_SEGMENT", 7)
    still = still_in_color(tmp_path / "still.png", "chelsea", 6)
    project = FilmProject(
        shots=(ShotStart(0, "navy"), ShotStart(1), ShotStart(2), ShotStart(2.5)),
        hints=(TimedHint(0.5, (30, 30, "#a02040")),),
        references=(TimedReference(1.5, still),),
    )
    save = partial(Colorizer(echo, threads=2).colorize(film, project=project).save, note=False)
    save(tmp_path / "whole.mp4")

    def stop(count, done, total):
        if done > count:
            raise KeyboardInterrupt

    for count in (8, 15, 29):
        with pytest.raises(KeyboardInterrupt):
            save(tmp_path / "out.mp4", on_progress=partial(stop, count))
    save(tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def scenes(path):
    """A film whose first scene comes back, at another place of the photograph."""
    frames = cut_together("astronaut", "coffee")
    return write(path, [*frames, *pan(photograph(), 24)[12:]])


def test_a_scene_that_comes_back_has_the_colours_that_a_hint_gave(colorizer, tmp_path) -> None:
    film = scenes(tmp_path / "back.mkv")
    project = FilmProject(hints=(TimedHint(0.5, (80, 20, "#2040c0")),))
    gaps = []
    for memory in (False, True):
        chosen = {"quality": "fast", "size": 128, "memory": memory}
        shown = []
        for number, given in enumerate((None, project)):
            out = tmp_path / f"{memory}-{number}.mkv"
            colorizer.colorize(film, project=given, **chosen).save(out, codec="ffv1")
            shown.append(srgb_to_lab(np.array(read(out)[0]) / np.float32(255))[..., 1:])
        gap = np.linalg.norm(shown[1] - shown[0], axis=-1)
        gaps.append([float(gap[shot].mean()) for shot in SHOTS])
    (first, other, without), (_, still_other, back) = gaps
    assert without < 0.1
    assert back > 0.4 * first > 1
    assert max(other, still_other) < 0.5


def test_a_film_that_remembers_goes_on_where_it_was(colorizer, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(colorized, "_SEGMENT", 5)
    film = scenes(tmp_path / "back.mkv")
    save = partial(colorizer.colorize(film, quality="fast", size=128).save, note=False)
    save(tmp_path / "whole.mp4")
    colorizer.colorize(film, quality="fast", size=128, memory=False).save(
        tmp_path / "no.mp4", note=False
    )
    assert (tmp_path / "whole.mp4").read_bytes() != (tmp_path / "no.mp4").read_bytes()

    def stop(count, done, total):
        if done > count:
            raise KeyboardInterrupt

    for count in (8, 23, 28):
        with pytest.raises(KeyboardInterrupt):
            save(tmp_path / "out.mp4", on_progress=partial(stop, count))
    states = sorted((tmp_path / ".out.mp4.photochrom-parts").glob("0*.npz"))
    assert [one.stat().st_size > 0 for one in states] == [*[False] * (len(states) - 1), True]
    save(tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()


def test_references_have_a_time_or_none() -> None:
    assert parse_reference("00:12:31=a=b.png").still.name == "a=b.png"
    assert parse_reference("12.5=still.png").at == 12.5
    assert parse_reference("still.png") is parse_reference("album=1/still.png") is None


def test_other_pictures_give_another_key(tmp_path) -> None:
    still = still_in_color(tmp_path / "still.png", "chelsea", 6)
    project = FilmProject(references=(TimedReference(1.5, still),))
    keys = {str(project), str(FilmProject())}
    still_in_color(tmp_path / "still.png", "coffee", 6)
    assert len(keys | {str(project)}) == 3


@pytest.fixture
def run(tmp_path, monkeypatch, echo):
    """Run `photochrom colorize` in a folder with two films, stills and a project."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "three.mp4", cut_together("astronaut", "chelsea", "coffee"))
    write(tmp_path / "other.mp4", pan(photograph("chelsea"), 12))
    still_in_color(tmp_path / "still.png", "chelsea", 6)
    still_in_color(tmp_path / "square.png", "chelsea", 6, (120, 120))
    Image.fromarray(pan(photograph("chelsea"), 12)[6]).save(tmp_path / "grey.png")
    (tmp_path / "broken.png").write_bytes((tmp_path / "still.png").read_bytes()[:300])
    assert CliRunner().invoke(main, ["shots", "three.mp4"]).exit_code == 0

    def invoke(*words, table=""):
        if table:
            with (tmp_path / "three.toml").open("a") as file:
                file.write(f"\n{table}\n")
        return CliRunner().invoke(main, ["colorize", "-m", str(echo), *words])

    return invoke


REFERENCE = "[[references]]\nat = 00:00:01.5\nstill = "
HINT = '[[hints]]\nat = 00:00:01.5\nx = 80\ny = 60\ncolor = "navy"'


def test_the_command_takes_a_project_and_references(run, tmp_path) -> None:
    assert run("three.mp4", "-o", "plain.mp4", "--quiet").exit_code == 0
    result = run("three.mp4", "--project", "three.toml", "-o", "a.mp4", table=HINT)
    assert (result.exit_code, result.stdout) == (0, "a.mp4\n"), result.output
    given = ("--reference", "00:00:01.5=still.png", "--reference", "2.5=still.png")
    told = run("three.mp4", *given, "-o", "b.mp4")
    assert told.exit_code == 0
    assert "three.mp4: is read once first, to find its shots\n" in told.stderr
    assert "read once" not in result.output
    assert len({(tmp_path / name).read_bytes() for name in ("plain.mp4", "a.mp4", "b.mp4")}) == 3
    info = CliRunner().invoke(main, ["info", "a.mp4", "b.mp4"]).output
    assert "project three.toml" in info
    assert "references 2" in info
    again = run("three.mp4", *given, "-o", "b.mp4", "--json")
    assert '"skipped"' in again.stdout
    assert "read once" not in again.output
    told = run("three.mp4", "--reference", "1=still.png", "-o", "c.mp4", "--json").stdout
    assert "the colours of shot" in told or "like no shot that has a reference" in told


@pytest.mark.parametrize(
    ("words", "table", "reason"),
    [
        (
            (),
            f'{REFERENCE}"none.png"',
            r"the reference at 00:00:01.500: none.png: there is no",
        ),
        (
            (),
            f'{REFERENCE}"broken.png"',
            "the reference at 00:00:01.500: broken.png: the file",
        ),
        ((), f'{REFERENCE}"grey.png"', "the reference at 00:00:01.500: has no colours to take"),
        (
            (),
            f'{REFERENCE}"square.png"',
            "the reference at 00:00:01.500 has 120 x 120 pixels, the film 160 x 120; give a fr",
        ),
        ((), HINT.replace("80", "160"), "the hint at 160,60 is outside the picture of 160 x 120"),
        (
            (),
            HINT.replace("01.5", "09"),
            "a hint is at 00:00:09.000, and the film ends at",
        ),
        (
            ("--reference", "9=still.png"),
            "",
            "a reference is at 00:00:09.000, and the film",
        ),
        (
            ("-m", "beta"),
            f'{REFERENCE}"still.png"',
            "the model beta has no variants, sugg",
        ),
        (
            (),
            '[[shots]]\nfrom = 2.5\npalette = "nave"',
            "'nave' is neither a colour nor a pal",
        ),
        ((), '[[shots]]\nfrom = 2.5\npalette = "grey.png"', "the palette has no colours to take"),
    ],
)
def test_what_is_wrong_is_said_before_any_work(run, tmp_path, words, table, reason) -> None:
    result = run("three.mp4", "--project", "three.toml", *words, "-o", "out.mp4", table=table)
    assert result.exit_code == 1
    assert reason in result.output
    assert "%" not in result.output
    assert result.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*out.mp4*"))


def test_a_project_is_for_one_film_and_its_own(run) -> None:
    for words, code, reason in (
        (
            ("other.mp4",),
            1,
            "three.toml: this project is of another film (three.mp4, 160 x",
        ),
        (("other.mp4", "three.mp4"), 1, "are for one film; name one, and no other file"),
        (("still.png",), 1, "are for one film; name one, and no other file"),
        (("three.mp4", "--variants", "2"), 2, "--variants makes its own hints"),
    ):
        result = run(*words, "--project", "three.toml", "-o", "x/")
        assert (result.exit_code, reason in result.output) == (code, True), result.output
    two = ("--reference", "still.png", "--reference", "square.png")
    result = run("three.mp4", *two)
    assert result.exit_code == 2
    assert "one reference is for all; of a film, give the others a time" in result.output


def test_a_project_of_another_film_is_refused_in_python(echo, run, tmp_path) -> None:
    project = project_file.read(tmp_path / "three.toml")
    with pytest.raises(HintError, match="this project is of another film"):
        Colorizer(echo).colorize(tmp_path / "other.mp4", project=project)


def test_a_hint_for_all_shots_holds_in_each_that_shows_the_same(colorizer, tmp_path) -> None:
    frames = [*cut_together("astronaut", "coffee", count=6), *pan(photograph(), 12)[6:]]
    path = write(tmp_path / "in.mkv", frames)
    text = 'version = 1\n[[hints]]\nat = 1.25\nx = 80\ny = 20\ncolor = "#2040c0"\n'
    (tmp_path / "a.toml").write_text(text + 'shots = "all"\n')
    (hint,) = project_file.read(tmp_path / "a.toml").hints
    assert hint.everywhere
    shown = []
    for hints in ((), (replace(hint, everywhere=False),), (hint,)):
        project = FilmProject(shots=(ShotStart(0.0), ShotStart(0.5), ShotStart(1.0)), hints=hints)
        made = colorizer.colorize(path, quality="fast", memory=False, project=project)
        made.save(tmp_path / "out.mkv", codec="ffv1", overwrite=True)
        shown.append(np.array(read(tmp_path / "out.mkv")[0]).astype(int))
    one, everywhere = (np.abs(some - shown[0]).mean(axis=(1, 2, 3)) for some in shown[1:])
    assert one[12:].mean() > 0.5 > 0.1 > one[:12].mean()
    assert everywhere[:6].mean() > 0.5 < everywhere[12:].mean()
    (tmp_path / "a.toml").write_text(text + "shots = 2\n")
    with pytest.raises(HintError, match="hint 1: shots is 2; write it as in the example"):
        project_file.read(tmp_path / "a.toml")
