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


def run(*command: str | Path, code: int = 0) -> str:
    """Run a command away from this repository; give what it says."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    result = subprocess.run(command, cwd=Path(command[0]).anchor, env=clean, text=True, **said)
    assert result.returncode == code, result.stdout
    return result.stdout


@pytest.mark.slow
@pytest.mark.network
def test_a_wheel_works_in_an_empty_environment(tmp_path) -> None:
    source = tmp_path / "source"  # a copy: what an earlier build left would come along
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, source)
    (wheel,) = tmp_path.glob("photochrom-*.whl")
    venv.create(tmp_path / "empty", with_pip=True)
    programs = tmp_path / "empty" / ("Scripts" if os.name == "nt" else "bin")
    run(programs / "python", "-m", "pip", "install", "-q", "--no-compile", wheel)
    run(programs / "python", "-c", COLORIZE)
    assert "vivid" in run(programs / "photochrom", "models")
    picture, out = ROOT / "examples/old/brothers.jpg", tmp_path / "out.jpg"
    run(programs / "photochrom", "colorize", picture, "-o", out)
    assert out.stat().st_size > 10_000
    assert "pip install 'photochrom[web]'" in run(programs / "photochrom", "serve", code=1)
