"""Run the notebooks, and store in them what their cells show: `notebooks.py [NAME ...]`.

Without names, all of `docs/notebooks`. A notebook is plain Python here: no Jupyter is needed.
"""

import argparse
import ast
import base64
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LENGTHS = re.compile(r"\b(steps|validate_every|epochs)=\d+")


def cells(path: Path) -> list[dict[str, Any]]:
    """Give the cells of a notebook."""
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def run(path: Path, steps: int = 0) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Run a notebook in its folder; give each cell of code with what it shows, by media types.

    With `steps`, training takes so many steps, or epochs, in the place of those that stand there,
    and starts no processes.
    """
    os.chdir(path.parent)
    names: dict[str, object] = {}
    for cell in cells(path):
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            if steps:
                source = LENGTHS.sub(rf"\1={steps}", source)
                source = source.replace("whole.loop,", "whole.loop, workers=0,")
            yield cell, shown(_value(source, names))


def _value(source: str, names: dict[str, object]) -> object:
    """Run a cell; give the value of its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None


def shown(value: object) -> dict[str, str]:
    """Give what Jupyter would show of a value, at once: files that it is of may go."""
    found: dict[str, str] = {}
    if value is None:
        return found
    if hasattr(value, "_repr_html_"):
        found["text/html"] = value._repr_html_()
    elif hasattr(value, "_repr_png_"):
        found["image/png"] = base64.b64encode(value._repr_png_()).decode()
    return {**found, "text/plain": repr(value)}


def main() -> None:
    """Run them, and write what they show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    names = parser.parse_args().names
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if names and path.stem not in names:
            continue
        notebook = json.loads(path.read_text(encoding="utf-8"))
        code = (one for one in notebook["cells"] if one["cell_type"] == "code")
        for number, (cell, (_, data)) in enumerate(zip(code, run(path), strict=True), 1):
            cell["execution_count"] = number
            result = {"output_type": "execute_result", "execution_count": number, "metadata": {}}
            cell["outputs"] = [{**result, "data": data}] if data else []
        text = json.dumps(notebook, indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
