"""One rule for outputs that exist: what somebody edited is never replaced unasked."""

import shutil
import sqlite3

import pytest
import pyvips
import skimage.data
from click.testing import CliRunner
from PIL import Image

from photochrom.batch.journal import NAME, peek
from photochrom.cli.main import main


@pytest.fixture
def folder(tmp_path):
    """Three grey pictures in "in"."""
    (tmp_path / "in").mkdir()
    for number in range(3):
        pixels = skimage.data.astronaut()[: 60 + number, :80, 0]
        Image.fromarray(pixels).save(tmp_path / f"in/{number}.png")
    return tmp_path


@pytest.fixture
def run(folder, echo, monkeypatch):
    """Run `photochrom colorize` in the folder."""
    monkeypatch.chdir(folder)
    return lambda *words: CliRunner().invoke(main, ["colorize", "-m", str(echo), *words])


def edit(path) -> bytes:
    """Edit a picture by hand, as a program does that keeps its metadata."""
    data = pyvips.Image.new_from_file(str(path)).rot180().write_to_buffer(path.suffix)
    path.write_bytes(data)
    return data


def outputs(folder):
    return {path.name: path.read_bytes() for path in sorted((folder / "out").glob("*.png"))}


def test_another_vividness_replaces_what_is_as_it_was_written(folder, run) -> None:
    run("in", "-o", "out")
    before = outputs(folder)
    assert "3 done" in run("in", "-o", "out", "--vividness", "0.1").output
    after = outputs(folder)
    assert all(before[name] != after[name] for name in before)


def test_an_edited_output_is_kept_whatever_is_asked_for_but_overwriting(folder, run) -> None:
    run("in", "-o", "out")
    edited = edit(folder / "out/1.png")
    result = run("in", "-o", "out", "--vividness", "0.1")
    assert result.exit_code == 0
    assert "2 done, 1 kept (changed since they were written; --overwrite" in result.output
    assert "kept: out/1.png was changed since it was written; add --overwrite" in result.output
    assert outputs(folder)["1.png"] == edited
    Image.fromarray(skimage.data.astronaut()[:50, :50, 0]).save(folder / "in/1.png")
    assert (
        "2 skipped (exist already; --overwrite replaces them), 1 kept"
        in run("in", "-o", "out", "--vividness", "0.1").output
    )
    assert outputs(folder)["1.png"] == edited
    assert "3 done" in run("in", "-o", "out", "--vividness", "0.1", "--overwrite").output
    assert outputs(folder)["1.png"] != edited


def test_an_edited_output_that_need_not_be_done_again_is_skipped(folder, run) -> None:
    run("in", "-o", "out")
    edited = edit(folder / "out/1.png")
    assert "0 done, 3 skipped" in run("in", "-o", "out").output
    assert outputs(folder)["1.png"] == edited


def set_begun(folder, name: str, output: str | None = None) -> None:
    """Set a journal as a run leaves it that was killed while it made a picture."""
    base = sqlite3.connect(folder / "out" / NAME)
    base.execute("UPDATE pictures SET recipe = '' WHERE target = ?", (name,))
    if output is not None:
        base.execute("UPDATE pictures SET output = ? WHERE target = ?", (output, name))
    base.commit()
    base.close()


@pytest.mark.parametrize("output", ["", None])
def test_what_a_killed_run_had_written_is_made_again(folder, run, output) -> None:
    run("in", "-o", "out", "--vividness", "0.1")
    older = outputs(folder)["1.png"]
    run("in", "-o", "out")
    newer = outputs(folder)
    if output is None:  # killed between the file and its entry: the journal has the older digest
        (folder / "out/1.png").write_bytes(older)
        run("in", "-o", "out", "--verify")
    set_begun(folder, "1.png", output)
    result = run("in", "-o", "out")
    assert "1 done, 2 skipped" in result.output
    assert outputs(folder) == newer
    assert "3 skipped" in run("in", "-o", "out", "--verify").output


def test_a_file_put_where_a_killed_run_had_begun_is_kept(folder, run) -> None:
    run("in", "-o", "out")
    set_begun(folder, "1.png", "")
    (folder / "out/1.png").write_text("mine")
    assert (
        "2 skipped (exist already; --overwrite replaces them), 1 kept"
        in run("in", "-o", "out").output
    )
    assert (folder / "out/1.png").read_text() == "mine"


def test_a_single_picture_says_how_its_output_was_made(folder, run) -> None:
    run("in/0.png", "--vividness", "0.3")
    before = (folder / "in/0-colour.png").read_bytes()
    result = run("in/0.png", "--vividness", "0.9")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.output.startswith(
        "in/0-colour.png exists already, coloured by Photochrom with model vivid 0, vividness 0.3, "
    )
    assert result.output.endswith("; add --overwrite to replace it, or -o to write another\n")
    assert (folder / "in/0-colour.png").read_bytes() == before
    run("in/0.png", "--vividness", "0.9", "--no-note", "--overwrite")
    told = run("in/0.png").output
    assert told.startswith("in/0-colour.png exists already, without a note of how it was made; ")


def test_an_output_whose_name_would_be_too_long_is_said(folder, run) -> None:
    name = "in/" + 251 * "x" + ".png"
    shutil.copy(folder / "in/0.png", folder / name)
    result = run(name)
    assert result.exit_code == 1
    said = "x-colour.png: the output's name is too long for its disk; give another -o PATH\n"
    assert said in result.output
    assert run(name, "-o", "out/").output == name.replace("in", "out") + "\n"


def test_the_same_command_on_all_files_does_nothing_the_second_time(folder, run) -> None:
    def every() -> list[str]:
        return sorted(f"in/{path.name}" for path in (folder / "in").iterdir())

    assert "3 done" in run(*every()).output
    assert len(every()) == 6
    result = run(*every())
    assert result.exit_code == 0
    assert "0 done, 3 skipped" in result.output
    assert "left out: 3 made by Photochrom" in result.output
    assert len(every()) == 6
    assert "3 done\nleft out: 3 made by Photochrom" in run(*every(), "--overwrite").output


def test_own_outputs_in_a_folder_are_known_by_their_notes(folder, run) -> None:
    run("in/0.png", "-o", "in/red.png")
    run("in/0.png", "-o", "in/other.jpg")
    result = run("in", "-o", "out")
    assert "3 done\nleft out: 2 made by Photochrom\n" in result.output
    assert sorted(outputs(folder)) == ["0.png", "1.png", "2.png"]
    assert set(peek(folder / "out").targets) == {"0.png", "1.png", "2.png"}
    assert run("in/red.png", "-o", "again.png").output == "again.png\n"


def test_an_original_called_like_an_output_is_not_replaced(folder, run) -> None:
    shutil.copy(folder / "in/2.png", folder / "in/1-colour.png")
    original = (folder / "in/1-colour.png").read_bytes()
    result = run("in/1.png", "in/1-colour.png", "--overwrite")
    assert result.exit_code == 1
    reason = (
        "in/1-colour.png: it is among the pictures that were given, and Photochrom did not make "
        "it, so that it is not replaced; "
    )
    assert f"failed: in/1.png: {reason}give another -o PATH" in result.output
    assert (folder / "in/1-colour.png").read_bytes() == original


def test_a_file_that_appears_meanwhile_is_not_replaced(folder, run, monkeypatch) -> None:
    from photochrom.inference.colorizer import Colorizer

    colorize = Colorizer.colorize

    def slow(self, picture, *arguments, **options):
        if picture.name == "1.png":  # after its turn has come, and before it is written
            (folder / "out").mkdir(exist_ok=True)
            (folder / "out/1.png").write_text("mine")
        return colorize(self, picture, *arguments, **options)

    monkeypatch.setattr(Colorizer, "colorize", slow)
    result = run("in", "-o", "out", "--jobs", "1")
    assert "out/1.png: exists already; add --overwrite to replace it" in result.output
    assert (folder / "out/1.png").read_text() == "mine"
