"""Imports run one way: a package imports those above it in this list, never its own line."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import photochrom

ROOT = Path(photochrom.__file__).parent
LAYERS = """
    errors
    color html
    guidance storage
    image
    video
    inference
    batch web networks
    evaluation
    training
    digits
    cli
    __init__ __main__
"""
OWNERS = {
    "pyvips": "image",
    "tifffile": "image",
    "simplejpeg": "image",
    "pypdfium2": "image",
    "rawpy": "image",
    "c2pa": "image",
    "cryptography": "image",
    "upath": "storage",
    "filelock": "storage training",
    "av": "video",
    "cv2": "video",
    "onnxruntime": "inference",
    "ray": "batch/ray",
    "starlette": "web",
    "uvicorn": "cli",
    "click": "cli",
    "datasets": "training",
    "lightning_fabric": "training",
    "torch": "networks evaluation training",
    "timm": "networks evaluation training",
    "keras": "digits",
    "tensorflow": "digits",
}
LEVEL = {name: level for level, line in enumerate(LAYERS.split("\n")) for name in line.split()}
FILES = {path.relative_to(ROOT).with_suffix("").as_posix(): path for path in ROOT.rglob("*.py")}


def imports(file: str) -> set[str]:
    """Name what a file imports, ours as "package/module" of this tree, others by their name."""
    found = set()
    for node in ast.walk(ast.parse(FILES[file].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.replace(".", "/") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}".replace(".", "/") for alias in node.names}
    return {_module(name.removeprefix("photochrom/")) for name in found}


def _module(name: str) -> str:
    """Find the file of ours that a name is in; a name from elsewhere stays as it is."""
    while "/" in name and name not in FILES and f"{name}/__init__" not in FILES:
        name = name.rpartition("/")[0]
    return f"{name}/__init__" if f"{name}/__init__" in FILES else name


@pytest.mark.parametrize("file", sorted(FILES))
def test_a_package_imports_only_those_before_it(file: str) -> None:
    package = file.split("/")[0]
    for name in imports(file) & FILES.keys():
        other = name.split("/")[0]
        assert other == package or LEVEL[other] < LEVEL[package], f"{file} imports {name}"


def test_no_module_is_imported_in_a_circle() -> None:
    graph = {file: imports(file) & FILES.keys() - {file} for file in FILES}
    assert list(TopologicalSorter(graph).static_order())


def test_each_library_is_imported_by_its_owner_alone() -> None:
    for file in FILES:
        for name in imports(file) & OWNERS.keys():
            assert file.startswith(tuple(OWNERS[name].split())), f"{file} imports {name}"
