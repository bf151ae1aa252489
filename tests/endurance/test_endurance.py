"""A little of what the scripts here do for hours."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("script", "arguments", "words"),
    [
        ("fuzz.py", ["250"], "250 damaged files"),
        ("kill.py", ["0", "2", "20"], "20 pictures, killed 2 times"),
        ("load.py", ["12", "4"], "12 requests of 640 x 640 pixels from 4 clients"),
    ],
)
def test_nothing_is_lost_or_mixed_up(script, arguments, words) -> None:
    command = [sys.executable, Path(__file__).with_name(script), *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(words)


def test_corpora_are_compared_and_what_differs_is_listed(tmp_path) -> None:
    pixels = np.tile(np.arange(0, 256, 2, dtype=np.uint8), (96, 1))
    for name in ("a.png", "same.png", "b.tif"):
        Image.fromarray(pixels).save(tmp_path / name)
    Image.fromarray(np.dstack([pixels] * 4)).save(tmp_path / "alpha.png")
    (tmp_path / "text.jpg").write_text("not a picture")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    os.mkfifo(tmp_path / "pipe.png")
    os.rename(tmp_path / "b.tif", os.fsencode(tmp_path / ("n" * 247)) + b"\xff\xfe\xfd\xfc.tif")
    command = [sys.executable, Path(__file__).with_name("corpora.py"), tmp_path]
    result = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert result.returncode == 0, result.stderr
    said = result.stdout.splitlines()
    assert said[0].startswith("refused in words, as others do: ")
    assert [line.split(maxsplit=1) for line in said[1:]] == [
        ["4", "pictures"],
        ["3", "right"],
        ["1", "refused in words, as others do"],
    ]
