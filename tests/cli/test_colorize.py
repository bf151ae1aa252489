"""What `photochrom colorize` prints, takes and promises, beside pictures."""

import json
import signal
import subprocess
import sys
import time

import pytest
import skimage.data
from click.testing import CliRunner
from PIL import Image

from photochrom.cli.colorize import PRESETS
from photochrom.cli.main import main
from photochrom.guidance.palette import presets
from photochrom.storage import copies

GREY = skimage.data.astronaut()[:60, :80, 0]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three grey pictures and two other files in "in", which is below the current folder."""
    (tmp_path / "in/deep").mkdir(parents=True)
    for name in ("a.png", "b.png", "deep/c.png"):
        Image.fromarray(GREY).save(tmp_path / "in" / name)
    for name in ("x.xcf", "deep/y.xcf"):
        (tmp_path / "in" / name).write_text("another program's")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder, echo):
    """Run `photochrom colorize` in that folder."""
    return lambda *words, **how: CliRunner().invoke(
        main, ["colorize", "-m", str(echo), *words], **how
    )


def objects(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines()]


def files(folder) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_files_that_are_not_read_are_counted_and_reported(folder, run) -> None:
    result = run("in", "-o", "out", "--report", "r.json")
    assert result.stdout == "3 done\nleft out: 2 .xcf\n"
    rows = json.loads((folder / "r.json").read_text())
    told = [row for row in rows if row["state"] == "left out"]
    assert [row["picture"] for row in told] == ["in/deep/y.xcf", "in/x.xcf"]
    assert {row["reason"] for row in told} == {"files of its kind are not read"}
    assert "left out" in run("in", "-o", "out", "--report", "r.html").stdout
    assert "y.xcf" in (folder / "r.html").read_text()


def test_lines_tell_how_far_it_is_where_there_is_no_terminal(folder, run) -> None:
    (folder / "in/b.png").write_text("not a picture")
    result = run("in", "-o", "out", "--jobs", "1")
    lines = result.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines[:3]] == ["1 of 3", "2 of 3", "3 of 3"]
    told = {line.partition(": ")[2] for line in lines[:3]}
    assert told == {"in/a.png", "in/b.png failed", "in/deep/c.png"}
    assert lines[3].startswith("failed: in/b.png: the file is not a picture")
    assert run("in", "-o", "out").stderr.splitlines()[0] == "3 of 3: in/b.png failed"
    assert run("in/a.png").stderr == ""


def test_quiet_prints_only_what_fails(folder, run) -> None:
    assert run("in", "-o", "out", "--quiet").output == ""
    assert run("in", "-o", "out", "--quiet").output == ""
    (folder / "in/b.png").write_text("not a picture")
    result = run("in", "-o", "other", "--quiet")
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("failed: in/b.png: the file is not a picture")


def test_json_is_an_object_a_picture(folder, run) -> None:
    (folder / "in/b.png").write_text("not a picture")
    Image.fromarray(skimage.data.astronaut()[:60, :80]).save(folder / "in/a.png")
    result = run("in", "-o", "out", "--json", "--jobs", "1")
    assert (result.exit_code, result.stderr) == (1, "")
    found = {entry["picture"]: entry for entry in objects(result.stdout)}
    assert len(found) == 5
    done = {"state": "done", "picture": "in/a.png", "output": "out/a.png"}
    assert found["in/a.png"] == {**done, "reason": "its own colours were dropped"}
    assert found["in/deep/c.png"]["reason"] == ""
    assert found["in/b.png"]["state"] == "failed"
    assert found["in/b.png"]["output"] is None
    assert found["in/x.xcf"]["state"] == "left out"
    again = {
        entry["picture"]: entry["state"]
        for entry in objects(run("in", "-o", "out", "--json").stdout)
    }
    assert again["in/a.png"] == "skipped"


def test_a_dry_run_tells_and_writes_nothing(folder, run) -> None:
    before = files(folder)
    result = run("in", "-o", "out", "--dry-run", "--format", "jpg")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "in/a.png -> out/a.jpg",
        "in/b.png -> out/b.jpg",
        "in/deep/c.png -> out/deep/c.jpg",
        "3 to do; nothing was written",
        "left out: 2 .xcf",
    ]
    assert files(folder) == before
    run("in", "-o", "out")
    (folder / "out/b.png").write_text("edited")
    (folder / "out/a.png").unlink()
    before = files(folder)
    told = run("in", "-o", "out", "--vividness", "0.1", "--dry-run", "--json")
    states = {entry["picture"]: entry["state"] for entry in objects(told.stdout)}
    assert [states[f"in/{name}.png"] for name in ("a", "b", "deep/c")] == [
        "planned",
        "edited",
        "planned",
    ]
    assert files(folder) == before
    same = run("in", "-o", "out", "--dry-run")
    assert "1 to do, 2 skipped" in same.stdout
    assert "2 to do" in run("in/a.png", "--variants", "2", "--dry-run").stdout


def test_a_dry_run_knows_own_outputs(folder, run) -> None:
    run("in/a.png", "-o", "in/z.png")
    told = run("in", "-o", "out", "--dry-run").stdout
    assert "3 to do; nothing was written\nleft out: 2 .xcf, 1 made by Photochrom" in told


def test_pictures_are_taken_from_a_list(folder, run) -> None:
    assert (
        run("--files-from", "-", "-o", "out", input="in/a.png\nin/b.png\n\n").stdout == "2 done\n"
    )
    (folder / "list").write_bytes(b"in/deep/c.png\0")
    assert run("--files-from", "list", "in/a.png", "-o", "two").stdout == "2 done\n"
    assert {"two/c.png", "two/a.png"} <= files(folder)


@pytest.mark.parametrize(
    ("word", "name"), [("jpeg", "a.jpg"), (".TIFF", "a.tif"), ("PNG", "a.png")]
)
def test_formats_are_known_by_their_other_names(folder, run, word, name) -> None:
    assert run("in/a.png", "--format", word, "-o", "out/").stdout == f"out/{name}\n"


def test_a_suffix_is_chosen(folder, run) -> None:
    assert run("in/a.png", "--suffix", "-color").stdout == "in/a-color.png\n"
    assert run("in/a.png", "--suffix", "-x", "-o", "out/").stdout == "out/a-x.png\n"


def test_names_tell_extension_and_folder(folder, run) -> None:
    Image.fromarray(GREY).save(folder / "in/a.jpg")
    result = run("in", "-o", "out", "--format", "jpg")
    assert result.exit_code == 1
    assert "2 done, 2 failed" in result.stdout
    assert "; add --name '{stem}-{ext}' to tell them apart" in result.stderr
    assert "4 done" in run("in", "-o", "new", "--format", "jpg", "--name", "{stem}-{ext}").stdout
    assert {"new/a-jpg.jpg", "new/a-png.jpg", "new/deep/c-png.jpg"} <= files(folder)


def test_what_is_wrong_for_all_is_said_once_before_the_work(folder, run, echo) -> None:
    for reference, words in (("none.jpg", "no such file"), ("in/a.png", "has no colours to take")):
        result = run("in", "-o", "out", "--reference", reference)
        assert result.exit_code == 1
        assert result.output.count(words) == 1
        assert len(result.output.splitlines()) == 1
    assert not (folder / "out").exists()
    result = CliRunner().invoke(main, ["colorize", "in/a.png", "-m", "beta", "--hint", "1,1,red"])
    assert result.output == "Error: the model beta takes no hints; choose vivid\n"


def test_many_failures_of_one_kind_are_one_line(folder, run) -> None:
    for number in range(5):
        (folder / f"in/{number}.png").write_bytes(b"")
    result = run("in", "-o", "out", "--jobs", "1")
    told = "failed: 5 pictures: the file is empty; take another copy"
    assert result.stderr.splitlines()[-1] == told
    assert "3 done, 5 failed" in result.stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "PICTURES... missing; type such as: photochrom colorize grandma.jpg"),
        (["--files-from", "none"], 2, "--files-from none: cannot be read (No such file"),
        (["--files-from", "-"], 2, "--files-from -: the file names no pictures; write one a line"),
        (
            ["in", "--dry-run", "--report", "x.csv"],
            2,
            "--dry-run writes nothing; leave --report out",
        ),
        (["in", "--dry-run", "--watch"], 2, "writes nothing; leave --watch out"),
        (["in", "--quiet", "--json"], 2, "--quiet prints nothing; leave --json out"),
        (["in/a.png", "--variants", "2", "--hint", "1,1,red"], 2, "leave --hint and --hints out"),
        (["in", "--hint", "1,1,reed"], 1, "'reed' is not a valid colour (did you mean red?)"),
        (["in", "--hint", "1,1,red"], 1, "hints and variants are for one picture, not for 3"),
        (["in", "--suffix", "a/b", "-o", "out"], 1, "the suffix 'a/b' is not valid"),
    ],
)
def test_wrong_use_is_told_before_the_work(folder, run, words, code, message) -> None:
    before = files(folder)
    result = run(*words)
    assert result.exit_code == code
    assert message in result.output
    assert files(folder) == before


def wait_for(condition) -> None:
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)


@pytest.mark.parametrize("more", [[], ["--overwrite"]])
def test_ctrl_c_says_how_far_it_is_and_the_same_command_goes_on(folder, run, echo, more) -> None:
    for number in range(27):
        Image.fromarray(GREY).save(folder / f"in/{number:02}.png")
    command = [sys.executable, "-m", "photochrom", "colorize", "-m", str(echo), "in", "-o", "out"]
    process = subprocess.Popen(
        [*command, "--jobs", "1", *more], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    wait_for(lambda: len(list((folder / "out").rglob("*.png"))) > 2)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output == ""
    made = len(list((folder / "out").rglob("*.png")))
    without = " without --overwrite" if more else ""
    assert errors.splitlines()[-1] == f"{made} of 30 done; the same command{without} goes on"
    assert f"{30 - made} done, {made} skipped" in run("in", "-o", "out").stdout


def test_ctrl_c_anywhere_else_is_one_line(folder, monkeypatch) -> None:
    from photochrom.inference import zoo

    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(zoo, "names", stop)
    result = CliRunner().invoke(main, ["models"])
    assert (result.exit_code, result.stderr) == (130, "stopped\n")


def test_presets_in_the_help_are_those_that_there_are() -> None:
    assert tuple(presets()) == PRESETS


def test_a_palette_is_read_and_a_wrong_one_is_said_once_before_the_work(folder, run) -> None:
    assert run("in/a.png", "-o", "a.png").exit_code == 0
    assert run("in/a.png", "-o", "b.png", "--palette", "navy 50%, tan", "--quiet").exit_code == 1
    wrong = run("in", "-o", "out", "--palette", "navvy")
    assert wrong.exit_code == 1
    assert wrong.stderr.count("neither a colour nor a palette (did you mean navy?)") == 1
    assert run("in/a.png", "-o", "b.png", "--palette", "navy, #f00", "--warmth", "1").exit_code == 0
    assert (folder / "a.png").read_bytes() != (folder / "b.png").read_bytes()
    Image.fromarray(skimage.data.coffee()[100:160, 200:280]).save(folder / "tan.png")
    assert run("in/a.png", "-o", "c.png", "--palette", "tan.png").exit_code == 0
    both = run("in/a.png", "-o", "d.png", "--palette", "tan.png", "--reference", "tan.png")
    assert "a palette and a reference exclude each other" in both.stderr


def test_one_jpeg_and_its_model_are_read_ahead_and_once(folder, run) -> None:
    Image.fromarray(GREY).save("one.jpg")
    begun = copies._begun
    begun.clear()  # what other tests left
    assert run("one.jpg", "-o", "two.jpg").exit_code == 0
    assert not begun
    for words in (["in"], ["one.jpg", "--dry-run"], ["in/a.png", "in/b.png"], ["in/a.png"]):
        run(*words)
        assert not begun
    result = run("none.jpg")
    assert result.stderr == "failed: none.jpg: there is no such file; check the path\n"
    result = run("one.jpg", "-m", "vivit")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: unknown model 'vivit'")
    begun.clear()  # of the picture


def test_what_is_slow_to_load_waits_until_it_is_wanted() -> None:
    slow = "{'tifffile', 'email', 'http.client', 'zipfile', 'multiprocessing', 'PIL', 'av'}"
    line = f"import photochrom.cli.run_colorize, sys; print({slow} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"
