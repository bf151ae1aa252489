"""The notebooks run, and what their cells show is a picture or a value."""

import ast
import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "docs/notebooks").glob("*.ipynb"))


def cells(path: Path) -> list[str]:
    """Give the source of the cells that are run."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(one["source"]) for one in notebook["cells"] if one["cell_type"] == "code"]


def shown(source: str, names: dict[str, object]) -> object:
    """Run a cell; give the value of its last line, as Jupyter shows it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


def trains(path: Path) -> bool:
    return "photochrom.training" in path.read_text(encoding="utf-8")


EACH = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if trains(path) else [])
    for path in NOTEBOOKS
]


@pytest.mark.parametrize("path", EACH)
def test_a_notebook_runs(path, monkeypatch) -> None:
    if trains(path):
        pytest.importorskip("torch")
    monkeypatch.chdir(path.parent)
    names: dict[str, object] = {}
    pictures = []
    for source in cells(path):
        value = shown(source, names)
        if hasattr(value, "_repr_html_"):
            pictures.append(value._repr_html_())  # at once, as Jupyter does: files may go
    assert len(pictures) >= 2
    assert all(one.count("data:image/jpeg;base64,") == 2 for one in pictures)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS
