import importlib.util
import subprocess
import sys

import numpy as np
import pytest
import skimage.data
from click.testing import CliRunner
from PIL import Image

from photochrom.cli.main import main
from photochrom.color.spaces import samples_to_lightness


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for name in ("a.jpg", "deep/b.png"):
        Image.fromarray(skimage.data.astronaut()[:90, :120, 0]).save(tmp_path / "in" / name)
    return tmp_path


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_a_picture_becomes_another_beside_it(folder) -> None:
    result = run("colorize", folder / "in/a.jpg")
    assert result.exit_code == 0, result.output
    with Image.open(folder / "in/a-colour.jpg") as out:
        assert np.ptp(np.asarray(out), axis=2).max() > 20


def test_doubts_are_shown_and_told(folder) -> None:
    result = run("uncertainty", folder / "in/a.jpg")
    assert result.exit_code == 0, result.output
    name, *places = result.output.splitlines()
    assert name == str(folder / "in/a-uncertainty.jpg")
    with Image.open(name) as image, Image.open(folder / "in/a.jpg") as before:
        shown, grey = np.asarray(image).astype(int), np.asarray(before)
    assert shown.shape == (90, 120, 3)
    assert (shown[..., 0] - shown[..., 2]).max() > 30
    difference = samples_to_lightness(shown.astype(np.uint8)) - samples_to_lightness(grey)
    assert np.abs(difference).mean() < 1
    assert 1 <= len(places) <= 5
    to_path, doubt, *colours = places[0].split()
    assert 1 <= int(doubt.removeprefix("±")) < 100
    hints = [word for colour in colours[:1] for word in ("--hint", f"{to_path},{colour}")]
    again = run("uncertainty", folder / "in/a.jpg", *hints, "-o", folder / "settled.png")
    assert again.exit_code == 0, again.output
    assert again.output.splitlines()[1:] != places
    assert run("colorize", folder / "in/a.jpg", *hints).exit_code == 0


def test_a_folder_is_mirrored_and_bad_files_are_named(folder) -> None:
    (folder / "in/bad.jpg").write_text("no picture")
    result = run("colorize", folder / "in", "-o", folder / "out")
    assert result.exit_code == 1
    assert "bad.jpg: the file is not a picture" in result.output
    assert "2 done, 1 failed" in result.output
    assert (folder / "out/deep/b.png").exists()
    again = run("colorize", folder / "in", "-o", folder / "out")
    assert "0 done, 2 skipped" in again.output


LONG = 300 * "x"  # more than the system takes for a name
WRONG = [
    (["colorize"], 2, "PICTURES... missing; type such as: photochrom colorize grandma.jpg"),
    (["info"], 2, "FILES... missing; type such as: photochrom info grandma.jpg"),
    (["colorise", "x"], 2, "did you mean colorize?"),
    (["colorize", "{}/none.jpg"], 1, "no such file"),
    (["colorize", "{}/empty"], 1, "no pictures in this folder"),
    (
        ["colorize", "{}/in/a.jpg", "-o", "{}/in/a.jpg"],
        1,
        "its output would replace it; give another -o PATH",
    ),
    (["colorize", "{}/in/a.jpg", "-m", "vivd"], 1, "did you mean vivid?"),
    (["colorize", "{}/in/a.jpg", "-o", "{}/x.bmp"], 1, "cannot write .bmp"),
    (["info", "{}/none.jpg"], 1, "none.jpg: there is no such file; check its name"),
    (["uncertainty", "{}/none.jpg"], 1, "no such file"),
    (["uncertainty", "{}/in"], 1, "a folder, not a picture"),
    (
        ["uncertainty", "{}/in/a.jpg", "-o", "{}/in/a.jpg"],
        1,
        "its output would replace it; give another -o PATH",
    ),
    (["uncertainty", "{}/in/a.jpg", "-o", "{}/in/deep/b.png"], 1, "exists already"),
    (["uncertainty", "{}/in/a.jpg", "-m", "beta"], 1, "beta has no variants, suggestions or unc"),
    (["uncertainty", "{}/in/a.jpg", "--hint", "1,2"], 1, "a hint is x,y,#rrggbb"),
    (["colorize", "{}/in/a.jpg", "--palette", 100 * "red,"], 1, "a palette has 1 to 32 colours"),
    (["colorize", "{}/in/a.jpg", "-m", LONG], 1, "unknown model"),
    (["train", LONG, "--data", "{}/in", "--out", "{}/run"], 1, "cannot be read (File name too lo"),
    (["site", LONG], 1, "cannot be read (File name too long); give a shorter name"),
]


@pytest.mark.parametrize(("words", "code", "message"), WRONG)
def test_wrong_use_ends_in_one_line(folder, words, code, message) -> None:
    (folder / "empty").mkdir()
    result = run(*(word.format(folder) for word in words))
    assert result.exit_code == code
    assert message in result.output


def test_models_are_listed() -> None:
    assert "vivid" in run("models").output


def test_a_full_disk_leaves_nothing_behind(folder) -> None:
    # -B: else Python keeps what it has compiled, cut off at that size
    command = f"trap '' XFSZ; ulimit -f 2; exec {sys.executable} -B -m photochrom colorize"
    shell = ["bash", "-c", f"{command} in/a.jpg -o a.png"]
    result = subprocess.run(shell, cwd=folder, capture_output=True, text=True)
    assert result.returncode == 1
    assert "a.png: cannot be written" in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(folder.glob("*a.png*"))


@pytest.mark.parametrize(
    ("command", "extra"),
    [("train x --data y --out z", "train"), ("digits predict x", "digits"), ("ladder", "train")],
)
def test_a_missing_extra_is_named(monkeypatch, command, extra) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    result = run(*command.split())
    assert result.exit_code == 1
    assert f"pip install 'photochrom[{extra}]'" in result.output


@pytest.mark.parametrize("library", ["triton", "json"])
def test_what_a_library_calls_leaked_is_not_kept(library) -> None:
    script = (
        "import atexit, gc, sys, types\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"  # the last to be called
        "from click.testing import CliRunner\n"
        "from photochrom.cli.main import main\n"
        f"sys.modules[{library!r}] = types.ModuleType({library!r})\n"
        "assert CliRunner().invoke(main, ['models']).exit_code == 0\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.stdout == f"{library != 'triton'}\n", ended.stderr
