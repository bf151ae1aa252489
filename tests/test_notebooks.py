"""The notebooks run, and show what is stored in them: a picture or a value."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))
MAKE = runpy.run_path(str(ROOT / "docs/make/notebooks.py"))
RUNGS = {"digits", "alpha", "beta", "full", "vivid"}


def needs(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return [name for name, word in (("torch", ".training"), ("keras", ".digits")) if word in text]


EACH = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if needs(path) else [])
    for path in NOTEBOOKS
]


@pytest.mark.parametrize("path", EACH)
def test_a_notebook_runs_and_shows_what_is_stored(path, monkeypatch, capsys) -> None:
    for name in needs(path):
        pytest.importorskip(name)
    lengths = MAKE["LENGTHS"].findall(path.read_text(encoding="utf-8"))
    assert bool(lengths) == (path.stem in RUNGS), "training here would take as long as there"
    monkeypatch.chdir(path.parent)
    pictures = 0
    for cell, found in MAKE["run"](path, steps=2):
        stored = [one["data"] for one in cell["outputs"]]
        assert [set(one) for one in stored] == ([set(found)] if found else [])
        if "text/html" in found:
            assert found["text/html"].count("data:image/jpeg;base64,") == 2
        pictures += bool(found.keys() & {"text/html", "image/png"})
    assert pictures >= 2
    if path.stem in RUNGS:
        assert "100%|" in capsys.readouterr().err, "training has no bar that fills up"


def test_there_is_one_for_a_photograph_and_one_for_each_rung() -> None:
    assert {path.stem for path in NOTEBOOKS} == RUNGS | {"photograph"}
