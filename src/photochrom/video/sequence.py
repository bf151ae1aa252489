"""Sequences of pictures: frames as files with numbers, such as frames/%05d.png."""

import re
from itertools import pairwise
from pathlib import Path

from photochrom.errors import ImageError

PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".dpx"}
"""File name endings of pictures that are read as frames."""
WRITTEN = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}
"""Those of pictures that are written as frames."""
RATE = 24
"""Frames a second, where nobody says it."""
_NUMBER = re.compile(r"%0?\d*d")


def is_sequence(path: Path) -> bool:
    """Whether a path stands for many: it has a number's pattern, and no file is called so."""
    return len(_NUMBER.findall(path.name)) == 1 and not path.exists()


def frame_path(path: Path, number: int) -> Path:
    """Give the path of a frame."""
    return path.with_name(_NUMBER.sub(lambda found: found[0] % number, path.name))


def numbers(path: Path) -> list[int]:
    """Give the numbers of the frames that there are, in order."""
    before, after = _NUMBER.split(path.name)
    named = re.compile(f"{re.escape(before)}(\\d+){re.escape(after)}")
    directory = path.parent
    names = {one.name for one in directory.iterdir()} if directory.is_dir() else set()
    found = sorted(int(match[1]) for match in map(named.fullmatch, names) if match)
    return [number for number in found if frame_path(path, number).name in names]


def is_frames(path: Path) -> bool:
    """Whether it stands for frames, of which there are some."""
    return is_sequence(path) and bool(numbers(path))


def checked_numbers(path: Path) -> list[int]:
    """Give `numbers`; raises `ImageError` where there are none, some lack, or none is a picture."""
    if path.suffix.lower() not in PICTURES:
        known = ", ".join(sorted(PICTURES))
        raise ImageError(f"{path}: frames are pictures; name them {known}")
    found = numbers(path)
    if not found:
        raise ImageError(f"{path}: there are no such files; check the path, and its number")
    for before, number in pairwise(found):
        if number != before + 1:
            lacking = frame_path(path, before + 1).name
            raise ImageError(f"{path}: {lacking} is missing; number the frames without gaps")
    return found


def facts(path: Path) -> list[int]:
    """Tell what frames there are: how many, how many bytes in all, and the time of the newest."""
    files = [frame_path(path, number).stat() for number in numbers(path)]
    sizes, times = [one.st_size for one in files], [one.st_mtime_ns for one in files]
    return [len(files), sum(sizes), max(times, default=0)]
