"""The commands and programs in the README and the guide run as they stand there.

A block that cannot be run here has the comment <!-- no-test --> before it.
"""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import skimage.data
from click.testing import CliRunner
from PIL import Image

from photochrom.cli.main import main

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "examples/README.md"]
BLOCK = re.compile(r"(<!-- no-test -->\s*)?^```(bash|console|python)\n(.*?)^```$", re.M | re.S)
GREY = skimage.data.camera()[::2, ::2]


def blocks(page: Path, *languages: str) -> list[str]:
    """Give what is to be run of a page."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [text for left_out, language, text in found if language in languages and not left_out]


def commands(block: str) -> list[str]:
    """Give the lines of a block that are typed: in a console's, those behind a prompt."""
    lines = block.replace("\\\n", " ").splitlines()
    if any(line.startswith("$ ") for line in lines):
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    return [line for line in lines if line.strip() and not line.startswith("#")]


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A folder with what the pages name."""
    films = pytest.importorskip("helpers.films")
    for name in ("grandma.jpg", "in.jpg", "in.tif", "scans/1.jpg", "scans/album/2.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(GREY).save(tmp_path / name)
    Image.fromarray(skimage.data.coffee()[::2, ::2]).save(tmp_path / "reference.jpg")
    films.write(tmp_path / "holiday.mp4", films.pan(films.photograph(), 4))
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(line: str) -> tuple[int, str]:
    """Run a line; those that need a shell go to one."""
    words = shlex.split(re.sub(r"\s#\s.*", "", line))
    assert words[0] == "photochrom", f"mark this block <!-- no-test -->, or write a test: {line}"
    if {"<", ">", "|"}.isdisjoint(words):
        result = CliRunner().invoke(main, words[1:])
        return result.exit_code, f"{result.output}\n{result.exception!r}"
    shell = f"{shlex.quote(sys.executable)} -m {line}"
    ended = subprocess.run(["bash", "-c", shell], capture_output=True, text=True)
    return ended.returncode, ended.stderr


PAGES_WITH = {
    language: [page for page in PAGES if blocks(page, *language.split())]
    for language in ("bash console", "python")
}


def test_there_are_some() -> None:
    assert sum(len(commands(one)) for page in PAGES for one in blocks(page, "bash")) >= 15
    assert len(PAGES_WITH["python"]) >= 2


@pytest.mark.parametrize(
    "page", PAGES_WITH["bash console"], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_each_command_of_a_page_runs(home, page) -> None:
    for block in blocks(page, "bash", "console"):
        for line in commands(block):
            code, output = run(line)
            assert code == 0, f"{line}\n{output}"


@pytest.mark.parametrize(
    "page", PAGES_WITH["python"], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_each_program_of_a_page_runs(home, page) -> None:
    for block in blocks(page, "python"):
        names = {"array": GREY}
        exec(block, names)
        assert names["array_in_color"].shape == (*GREY.shape, 3)
