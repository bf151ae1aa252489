"""The wheel works in an environment in which nothing else is."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COLORIZE = """
import sys, numpy, photochrom
assert "site-packages" in photochrom.__file__, photochrom.__file__
array = numpy.full((48, 64), 120, numpy.uint8)
assert photochrom.Colorizer().colorize(array).shape == (48, 64, 3)
assert not {"torch", "PIL", "skimage"} & sys.modules.keys()
"""
PROGRAMS = "Scripts" if os.name == "nt" else "bin"
pytestmark = [pytest.mark.slow, pytest.mark.network]


def run(*command: str | Path, code: int = 0, **added: str | Path) -> str:
    """Run a command away from this repository, with `added` environment; give what it says."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    clean |= {name: str(value) for name, value in added.items()}
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    result = subprocess.run(command, cwd=Path(command[0]).anchor, env=clean, text=True, **said)
    assert result.returncode == code, result.stdout
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build the wheel."""
    directory = tmp_path_factory.mktemp("wheel")
    source = directory / "source"  # a copy: what an earlier build left would come along
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", directory, source)
    (path,) = directory.glob("photochrom-*.whl")
    return path


def environment(directory: Path, *installed: str | Path) -> Path:
    """Make an environment with packages; give the folder of its programs."""
    venv.create(directory)
    programs = directory / PROGRAMS
    pip = sys.executable, "-m", "pip", "--python", programs / "python"
    run(*pip, "install", "-q", "--no-compile", *installed)
    return programs


def check_colorizes(directory: Path, *photochrom: str | Path, **added: str | Path) -> None:
    """Let a command colour a photograph."""
    picture, out = ROOT / "examples/old/brothers.jpg", directory / "out.jpg"
    run(*photochrom, "colorize", picture, "-o", out, "--overwrite", **added)
    assert out.stat().st_size > 10_000


def test_pipx_installs_a_wheel_in_an_empty_environment_and_runs_it(wheel, tmp_path) -> None:
    pipx = environment(tmp_path / "tools", "pipx") / "pipx"
    kept = {
        "PIPX_HOME": tmp_path / "pipx",
        "PIPX_BIN_DIR": tmp_path / "bin",
        "PIP_NO_COMPILE": "1",
    }
    run(pipx, "install", wheel, **kept)
    run(tmp_path / "pipx/venvs/photochrom" / PROGRAMS / "python", "-c", COLORIZE)
    photochrom = tmp_path / "bin/photochrom"
    assert "vivid" in run(photochrom, "models")
    check_colorizes(tmp_path, photochrom)
    assert "pip install 'photochrom[web]'" in run(photochrom, "serve", code=1)


def test_uv_installs_a_wheel_and_runs_it(wheel, tmp_path) -> None:
    programs = environment(tmp_path / "tools", "uv")
    kept = {
        "UV_TOOL_DIR": tmp_path / "uv",
        "UV_TOOL_BIN_DIR": tmp_path / "bin",
        "UV_CACHE_DIR": tmp_path / "cache",
    }
    check_colorizes(tmp_path, programs / "uvx", "--from", wheel, "photochrom", **kept)
    run(programs / "uv", "tool", "install", wheel, **kept)
    check_colorizes(tmp_path, tmp_path / "bin/photochrom")
