"""Collect every message that Photochrom raises or warns with, as docs/messages.md shows them.

`python docs/make/messages.py` prints the list as Markdown. What is put into a sentence at the
time stands in braces, in the words of the code.
"""

import ast
import sys
from pathlib import Path
from typing import NamedTuple

import photochrom
from photochrom import errors

ROOT = Path(photochrom.__file__).parent
ERRORS = {name for name, one in vars(errors).items() if isinstance(one, type)}
ERRORS |= {"UsageError", "BadParameter", "ClickException"}
"""What is raised for a reader: Photochrom's own errors, and those of the command line."""
CALLS = {"warn": 0, "failed": 1, "extra": 0}
"""Functions that say something, and which of their arguments is the sentence."""
STAGES = {
    "errors.py": "Anywhere",
    "__init__.py": "The shortest way in Python",
    "image": "Pictures",
    "video": "Films",
    "storage": "Files and addresses",
    "guidance": "Hints",
    "color": "Colours",
    "inference": "Models and options",
    "batch": "Folders and batches",
    "cli": "The command line",
    "web": "The server",
    "networks": "Networks",
    "evaluation": "Evaluation",
    "training": "Training",
    "digits": "Digits",
}
"""Packages, as they are headed in the page."""


class Message(NamedTuple):
    """A sentence of the code."""

    package: str
    file: str
    line: int
    text: str


def messages() -> list[Message]:
    """Give all messages, by packages, files and lines."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known = _constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (text := _sentence(node, known)):
                found.append(Message(name.parts[0], name.as_posix(), node.lineno, text))
    return sorted(found, key=lambda one: (list(STAGES).index(one.package), one.file, one.line))


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Give what names at the top of a module stand for."""
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _sentence(call: ast.Call, known: dict[str, ast.expr]) -> str:
    """Give what a call says, if it is one that says something; else ""."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    index = 0 if name in ERRORS else CALLS.get(name)
    if index is None or len(call.args) <= index:
        return ""
    text = template(call.args[index], known)
    if name in ("extra", "MissingExtra") and text:
        return f"{text} needs an extra: pip install 'photochrom[{template(call.args[1], known)}]'"
    return text


def template(node: ast.expr, known: dict[str, ast.expr]) -> str:
    """Write an expression of strings as one, with the other expressions in braces; "" for none."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(template(one, known) for one in node.values)
    if isinstance(node, ast.FormattedValue):
        inner = template(node.value, known) if isinstance(node.value, ast.Name) else ""
        return inner or f"{{{ast.unparse(node.value)}}}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return template(node.left, known) + template(node.right, known)
    if isinstance(node, ast.IfExp):
        return f"{template(node.body, known)} | {template(node.orelse, known)}"
    if isinstance(node, ast.Name) and node.id in known:
        return template(known[node.id], known)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return template(node.func.value, known) if node.func.attr == "format" else ""
    return ""


def page() -> str:
    """Write the messages as Markdown: a heading for each package, a line for each sentence."""
    found = messages()
    parts = []
    for package, title in STAGES.items():
        texts = dict.fromkeys(one.text for one in found if one.package == package)
        if texts:
            lines = [f"- `` {text} ``" for text in texts]
            parts.append("\n".join([f"## {title}", "", *lines]))
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page() + "\n")
