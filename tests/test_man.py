"""The manual pages say what the help says, and roff reads them."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "docs/make/man.py"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Write the pages; give their paths by name."""
    spec = importlib.util.spec_from_file_location("man", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {path.stem: path for path in module.write(tmp_path_factory.mktemp("man"))}


def test_every_command_has_a_page(pages) -> None:
    from photochrom.cli.main import main

    assert {"photochrom", *(f"photochrom-{name}" for name in main.list_commands(None))} <= set(
        pages
    )
    text = pages["photochrom-colorize"].read_text(encoding="utf-8")
    assert text.startswith('.TH "PHOTOCHROM-COLORIZE" "1" "20')
    assert r"\-\-vividness" in text


def test_roff_reads_them_without_a_warning(pages) -> None:
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    for path in pages.values():
        done = subprocess.run(
            ["groff", "-ww", "-z", "-man", "-Tutf8", str(path)], capture_output=True, text=True
        )
        assert not done.stderr, f"{path.name}: {done.stderr}"
    shown = subprocess.run(
        ["groff", "-man", "-Tascii", "-P-c", "-P-b", "-P-u", str(pages["photochrom-colorize"])],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "--hint X,Y,COLOR" in shown
