"""Batches on a disk of their own, which fills up."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from helpers.disks import mounted, resize
from photochrom.batch.journal import NAME
from photochrom.cli.main import main

PICTURES = 8


@pytest.fixture
def disk(tmp_path):
    with mounted(tmp_path / "disk", "256k") as path:
        yield path


@pytest.fixture
def scans(tmp_path):
    """Noisy pictures, whose outputs together are larger than the disk."""
    folder = tmp_path / "in"
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(PICTURES):
        pixels = random.integers(0, 256, (130, 130), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def run(scans, out):
    words = ["colorize", str(scans), "-o", str(out), "--size", "64", "--jobs", "1"]
    return CliRunner().invoke(main, words)


def outputs(folder):
    files = [path for path in folder.iterdir() if not path.name.startswith(NAME)]
    return {path.name: path.read_bytes() for path in files}


def is_one_line_an_error(result) -> bool:
    ended = result.exit_code == 1 and isinstance(result.exception, SystemExit)
    return ended and "disk is full" in result.output and "Traceback" not in result.output


def test_a_full_disk_is_said_and_the_rest_done_when_there_is_room(disk, scans, tmp_path) -> None:
    assert is_one_line_an_error(run(scans, disk))
    written = outputs(disk)
    assert 0 < len(written) < PICTURES
    assert all(name.endswith(".png") for name in written), "something half-written stays"
    resize(disk, "4m")
    assert run(scans, disk).exit_code == 0
    assert run(scans, tmp_path / "undisturbed").exit_code == 0
    assert outputs(disk) == outputs(tmp_path / "undisturbed")
