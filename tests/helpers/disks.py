"""Disks that fill up: small file systems of their own, in memory."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(path: Path, size: str) -> Iterator[Path]:
    """Mount an empty disk of a size, such as "4m"; only the system's administrator may."""
    path.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={size}", "none", str(path))
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a disk needs the rights of an administrator")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def resize(path: Path, size: int | str) -> None:
    """Give a mounted disk another size."""
    _mount("-o", f"remount,size={size}", str(path))


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)
