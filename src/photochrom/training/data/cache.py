"""Training pictures, decoded and shrunk once, in a folder that all loaders share.

Decoding takes most of a loader's time; from here a crop comes several times as fast.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
from filelock import FileLock

from photochrom.errors import DataError, ImageError
from photochrom.training.data.sources import Photo, load_photo
from photochrom.training.run_directory import writing

_INDEX, _PIXELS, _LOCK = "index.json", "pixels.raw", "lock"


class Decoded:
    """The photographs as uint8 (H, W, 3), with a short side of at most `side` pixels.

    They are kept in `directory`, which is made when it is not there. Raises `DataError` when it
    holds other pictures, or the same of another size, or cannot be written.
    """

    def __init__(
        self,
        photos: Sequence[Photo],
        side: int,
        directory: Path,
        report: Callable[[int, int], None] = lambda done, of: None,
    ) -> None:
        names = [photo.key for photo in photos]
        with writing(directory):
            directory.mkdir(parents=True, exist_ok=True)
            with FileLock(directory / _LOCK):  # the processes of one run come here together
                if not (directory / _INDEX).exists():
                    _write(photos, names, side, directory, report)
        try:
            index = json.loads((directory / _INDEX).read_text(encoding="utf-8"))
            found = index["side"], index["names"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{directory} holds no decoded pictures; remove it") from error
        if found != (side, names):
            raise DataError(
                f"{directory} holds other pictures, or of another size; "
                "name another as data.decoded"
            )
        self._shapes: list[list[int]] = index["shapes"]
        sizes = [3 * height * width for height, width in self._shapes]
        self._starts = np.cumsum([0, *sizes])
        self._reasons: dict[str, str] = index["reasons"]
        self._pixels = np.memmap(directory / _PIXELS, np.uint8, mode="r")

    def __getitem__(self, number: int) -> npt.NDArray[np.uint8]:
        """Give a picture; raises `ImageError` for one that could not be read."""
        if str(number) in self._reasons:
            raise ImageError(self._reasons[str(number)])
        start, end = self._starts[number : number + 2]
        return self._pixels[start:end].reshape(*self._shapes[number], 3)


def _write(
    photos: Sequence[Photo],
    names: list[str],
    side: int,
    directory: Path,
    report: Callable[[int, int], None],
) -> None:
    """Decode all pictures; the index comes last, so that half a folder is none."""
    shapes, reasons = [], {}
    with ThreadPoolExecutor() as pool, (directory / _PIXELS).open("wb") as file:
        loaded: Iterable[npt.NDArray[np.uint8] | str] = pool.map(
            lambda one: _load(one, side), photos
        )
        for number, rgb in enumerate(loaded):
            if isinstance(rgb, str):
                reasons[number] = rgb
                shapes.append((0, 0))
            else:
                file.write(rgb.tobytes())
                shapes.append(rgb.shape[:2])
            report(number + 1, len(photos))
    index = {"side": side, "names": names, "shapes": shapes, "reasons": reasons}
    temporary = directory / (_INDEX + ".part")
    temporary.write_text(json.dumps(index), encoding="utf-8")
    temporary.replace(directory / _INDEX)


def _load(photo: Photo, side: int) -> npt.NDArray[np.uint8] | str:
    try:
        return load_photo(photo, side, enlarge=False)
    except ImageError as error:
        return str(error)
