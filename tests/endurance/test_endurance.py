"""A little of what the scripts here do for hours."""

import subprocess
import sys
from pathlib import Path

import pytest

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
