"""`photochrom colorize --project`: what the studio saved."""

import json

import numpy as np
import pytest
import skimage.data
from click.testing import CliRunner
from PIL import Image

from photochrom.cli.main import main


@pytest.fixture
def run(tmp_path, monkeypatch, echo):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(skimage.data.astronaut()[:60, :80, 0]).save("a.png")
    return lambda *words: CliRunner().invoke(main, ["colorize", "-m", str(echo), "a.png", *words])


def pixels(name):
    with Image.open(name) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def test_hints_and_strokes_of_a_project_colour_the_picture(tmp_path, run) -> None:
    assert run("-o", "plain.png").exit_code == 0
    stroke = ["#2040c0", 12, [[10, 12], [30, 12]]]
    chosen = {"vividness": 0.5, "size": 192, "hints": [[60, 45, "#c02020", "spot"]]}
    (tmp_path / "a.json").write_text(json.dumps({**chosen, "strokes": [stroke]}))
    result = run("--project", "a.json", "-o", "made.png")
    assert (result.exit_code, result.stderr) == (0, "")
    change = np.abs(pixels("made.png") - pixels("plain.png")).mean(axis=2)
    assert change[45, 60] > 5 < change[12, 12:28].mean()
    assert change[50:, :20].max() < 2
    (tmp_path / "b.json").write_text(json.dumps({"vividness": 0, "hints": []}))
    assert run("--project", "b.json", "-o", "calm.png").exit_code == 0
    assert run("--vividness", "0", "-o", "same.png").exit_code == 0
    assert (pixels("calm.png") == pixels("same.png")).all()


def test_the_variant_of_a_project_is_taken(tmp_path, run) -> None:
    for look, words in (
        ({"warmth": 0.6}, ("--warmth", "0.6")),
        ({"strength": 0.4}, ("--strength", "0.4")),
        ({"palette": "hand-coloured"}, ("--palette", "hand-coloured")),
    ):
        (tmp_path / "a.json").write_text(json.dumps({"hints": [], **look}))
        assert run("--project", "a.json", "-o", "made.png", "--overwrite").exit_code == 0
        assert run(*words, "-o", "same.png", "--overwrite").exit_code == 0
        assert (pixels("made.png") == pixels("same.png")).all()


def test_what_is_no_project_is_refused(tmp_path, run) -> None:
    (tmp_path / "no.json").write_text("[1, 2]")
    (tmp_path / "wrong.json").write_text('{"hints": [], "strokes": [["#ff0000", 0, [[1, 1]]]]}')
    for name in ("no.json", "wrong.json"):
        result = run("--project", name)
        assert result.exit_code == 1
        assert f"{name} is not a project that the studio saved" in result.output
