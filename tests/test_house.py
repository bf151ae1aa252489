"""The package's shape: few names at the door, files and functions of a readable size."""

import ast
from importlib.metadata import version
from pathlib import Path

import pytest

import photochrom

ROOT = Path(photochrom.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
MODULES = {"__init__.py", "__main__.py", "errors.py", "html.py"}
"""Those at the top; everything else is a package."""
PUBLIC = [
    "CancelToken",
    "ColorizeOptions",
    "Colorized",
    "Colorizer",
    "Coloured",
    "ConfigError",
    "DataError",
    "HintError",
    "ImageError",
    "Limits",
    "MissingExtra",
    "ModelError",
    "PhotochromError",
    "PhotochromWarning",
    "SaveOptions",
    "Stopped",
    "colorize",
    "list_models",
]
TESTS = Path(__file__).parent
REPOSITORY = TESTS.parent
SCRIPTS = [
    path
    for folder in ("benchmarks", "docs/make", "tests/endurance")
    for path in sorted((REPOSITORY / folder).glob("*.py"))
]
CORE = ("batch", "cli", "color", "guidance", "image", "inference", "storage", "video", "web")
HEAVY = ("torch", "torchvision", "timm", "tensorflow", "keras")
TRAINING = ("photochrom.networks", "photochrom.training", "photochrom.digits")


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_the_public_names_are_these() -> None:
    assert photochrom.__all__ == PUBLIC
    for name in PUBLIC:
        assert getattr(photochrom, name).__doc__


def test_the_version_is_that_of_the_package() -> None:
    assert photochrom.__version__ == version("photochrom")


def test_the_door_has_few_names() -> None:
    found = {path.name for path in ROOT.iterdir()} - {"py.typed", "__pycache__"}
    assert len(found) <= 17, sorted(found)
    assert {name for name in found if name.endswith(".py")} == MODULES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_can_be_read_at_once(path) -> None:
    assert length(path) <= 350


def test_few_files_are_tiny() -> None:
    tiny = [path for path in FILES if length(path) < 40 and not path.stem.startswith("__")]
    assert len(tiny) <= 10, tiny


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return [one.arg for one in every if one.arg not in ("self", "cls")]


def is_command(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether click gives the arguments: one a flag."""
    return any("click.command" in ast.unparse(one) for one in function.decorator_list)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_function_has_more_than_eight_parameters(path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_command(node):
            assert len(parameters(node)) <= 8, f"{node.name}: {parameters(node)}"


def test_what_tests_the_core_loads_no_library_for_training() -> None:
    files = [TESTS / "conftest.py", *TESTS.glob("helpers/*.py")]
    files += [file for folder in CORE for file in (TESTS / folder).glob("*.py")]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] not in HEAVY, f"{file} imports {name}"
                assert not name.startswith(TRAINING), f"{file} imports {name}"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_takes_no_option_for_a_path(path: Path) -> None:
    """With --help it explains itself: its arguments are read by argparse, not out of sys.argv."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert "argv" not in {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
