"""Scripts beside the package: what they import is there."""

import runpy
import sys
from pathlib import Path

import pytest
import skimage.data
from PIL import Image

ROOT = Path(__file__).parents[1]
SCRIPTS = [
    path
    for folder in ("benchmarks", "docs/make", "tests/endurance")
    for path in sorted((ROOT / folder).glob("*.py"))
    if "def main(" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_can_be_loaded(script, monkeypatch) -> None:
    monkeypatch.syspath_prepend(script.parent)
    found = runpy.run_path(str(script), run_name="script")
    if "argparse" in found:
        monkeypatch.setattr(sys, "argv", [script.name, "--help"])
        with pytest.raises(SystemExit) as end:
            found["main"]()
        assert end.value.code == 0


@pytest.mark.slow
def test_uncertainty_is_measured_to_the_end(tmp_path, monkeypatch, capsys) -> None:
    Image.fromarray(skimage.data.astronaut()[::2, ::2]).save(tmp_path / "a.png")
    script = ROOT / "benchmarks/uncertainty.py"
    monkeypatch.syspath_prepend(script.parent)
    monkeypatch.setattr(sys, "argv", [script.name, str(tmp_path)])
    runpy.run_path(str(script), run_name="__main__")
    assert "one hint at the first listed point" in capsys.readouterr().out


@pytest.mark.parametrize("config", ["vivid-further", "beta"])
def test_the_cost_of_training_is_reckoned(config, monkeypatch, capsys) -> None:
    script = ROOT / "benchmarks/training_cost.py"
    monkeypatch.setattr(sys, "argv", [script.name, config])
    runpy.run_path(str(script), run_name="__main__")
    first, second = capsys.readouterr().out.splitlines()
    assert "weights; " in first
    assert " GMAC forward at 128 px" in first
    assert " TFLOP/s " in second
