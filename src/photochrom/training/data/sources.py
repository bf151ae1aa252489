"""Where training photographs come from: folders, tar shards, or Hugging Face data sets.

Each photograph is found by its number, so that epochs can be shuffled and a run resumed.
"""

import glob
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from photochrom.errors import DataError, ImageError, extra, unread
from photochrom.image import READABLE, find_pictures, load_rgb

HUGGING_FACE = "hf:"
"""What comes before the name of a Hugging Face data set, such as hf:food101."""
_BRACES = re.compile(r"\{(\d+)\.\.(\d+)\}")


class Photo(Protocol):
    """A photograph that has not been read yet; its text says where it is."""

    @property
    def key(self) -> str:
        """What it is called within its source, wherever that is."""

    def read(self) -> Path | bytes:
        """Give its file, or what that holds."""


@dataclass(frozen=True)
class File:
    """A photograph in a folder."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def key(self) -> str:
        """The names of its folder and of itself."""
        return f"{self.path.parent.name}/{self.path.name}"

    def read(self) -> Path:
        """Give its path."""
        return self.path


@dataclass(frozen=True)
class Member:
    """A photograph in an uncompressed tar file, such as a shard of a WebDataset."""

    shard: Path
    name: str
    start: int
    size: int

    def __str__(self) -> str:
        return f"{self.shard}:{self.name}"

    @property
    def key(self) -> str:
        """The names of its shard and of itself."""
        return f"{self.shard.name}/{self.name}"

    def read(self) -> bytes:
        """Read its bytes; any number of threads and processes may do so."""
        with self.shard.open("rb") as file:
            file.seek(self.start)
            return file.read(self.size)


@dataclass(frozen=True)
class Row:
    """A photograph of a Hugging Face data set."""

    rows: Any
    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.name}, row {self.number}"

    @property
    def key(self) -> str:
        """The data set's name and the row's number."""
        return f"{self.name}/{self.number}"

    def read(self) -> bytes:
        """Read its bytes."""
        found = self.rows[self.number]["image"]
        return found["bytes"] or Path(found["path"]).read_bytes()


def find_photos(data: str | Path) -> list[Photo]:
    """List the photographs of a folder, of tar files, or of a Hugging Face data set.

    Tar files are named by a pattern, "shards/*.tar" or "shards/{000..099}.tar"; a data set by "hf:"
    and its name, of which the column "image" of the split "train" is taken. Raises `ImageError` or
    `DataError` when there are none.
    """
    text = str(data)
    if text.startswith(HUGGING_FACE):
        return _rows(text.removeprefix(HUGGING_FACE))
    if re.search(r"\.(tar|tar\.\w+|tgz)$", text):  # of those that are compressed, `_members` tells
        return [member for shard in _shards(text) for member in _members(shard)]
    return [File(path) for path in find_pictures(Path(data))]


def load_photo(photo: Photo, side: int, *, enlarge: bool = True) -> npt.NDArray[np.uint8]:
    """Read a photograph as `load_rgb` does; raises `ImageError`, naming it."""
    try:
        return load_rgb(photo.read(), side, enlarge=enlarge)
    except ImageError as error:
        raise ImageError(str(error).replace("the picture", str(photo))) from error
    except OSError as error:
        raise unread(photo, error) from error


def _shards(pattern: str) -> list[Path]:
    """Expand {000..099}, or the wildcards of a shell."""
    if match := _BRACES.search(pattern):
        first, last = match.groups()
        numbers = range(int(first), int(last) + 1)
        names = [_BRACES.sub(f"{number:0{len(first)}}", pattern, count=1) for number in numbers]
    else:
        names = sorted(glob.glob(pattern))
    if not names:
        raise DataError(f"{pattern}: there are no such tar files; check the pattern")
    return [Path(name) for name in names]


def _members(shard: Path) -> list[Photo]:
    found: list[Photo] = []
    try:
        with tarfile.open(shard, "r:") as file:
            found += [
                Member(shard, one.name, one.offset_data, one.size)
                for one in _entries(shard, file)
                if one.isfile() and PurePosixPath(one.name).suffix.lower() in READABLE
            ]
    except (OSError, tarfile.TarError) as error:
        raise DataError(
            f"{shard}: the file is not an uncompressed tar file ({error}); pack it with tar cf"
        ) from error
    if not found:
        raise DataError(f"{shard}: there are no pictures in this tar file; leave it out")
    return found


def _entries(shard: Path, file: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Give what a tar file holds; raises `DataError` when it ends before its end, or is damaged."""
    name = ""
    try:
        for one in file:
            name = one.name
            yield one
        with shard.open("rb") as raw:
            raw.seek(file.offset)
            whole = raw.read(tarfile.BLOCKSIZE) == bytes(tarfile.BLOCKSIZE)
    except tarfile.ReadError:
        whole = False
    if not whole:
        raise DataError(f"{shard}: the tar file is cut or damaged after {name}; copy it again")


def _rows(name: str) -> list[Photo]:
    with extra("a Hugging Face data set", "datasets"):
        import datasets
    try:
        rows = datasets.load_dataset(name, split="train")
        rows = rows.cast_column("image", datasets.Image(decode=False))
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise DataError(
            f"there is no data set {name} with a column of images ({reason}); check its name"
        ) from error
    return [Row(rows, name, number) for number in range(len(rows))]
