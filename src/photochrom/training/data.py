"""A folder of photographs as an endless, repeatable stream of augmented Lab crops."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from photochrom.color import srgb_to_lab
from photochrom.errors import DataError, ImageError
from photochrom.image import FORMATS, load_rgb

_ATTEMPTS = 20  # a stream gives up when that many pictures in a row are broken


def find_pictures(folder: Path) -> list[Path]:
    """List the pictures below a folder, sorted; raises `DataError` when there are none."""
    if not folder.exists():
        raise DataError(f"no data folder {folder}")
    if folder.is_file():
        return [folder]
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in FORMATS)
    if not found:
        raise DataError(f"no pictures in {folder}")
    return found


@dataclass(frozen=True)
class Batch:
    """Lab crops, (N, 3, S, S); what could not be read on the way; seconds spent on each."""

    lab: Tensor
    broken: tuple[Path, ...]
    seconds: float

    def pin_memory(self) -> "Batch":
        """Move the crops to pinned memory (the data loader calls this on GPU machines)."""
        return Batch(self.lab.pin_memory(), self.broken, self.seconds)


@dataclass(frozen=True)
class Sample:
    """One Lab crop, (3, S, S) float32, and how it was come by."""

    lab: Tensor
    broken: tuple[Path, ...]
    seconds: float


def collate(samples: list[Sample]) -> Batch:
    """Stack samples into a batch."""
    return Batch(
        torch.stack([sample.lab for sample in samples]),
        tuple(path for sample in samples for path in sample.broken),
        sum(sample.seconds for sample in samples) / len(samples),
    )


class Photographs(Dataset[Sample]):
    """Sample n of an endless stream over `paths`: epochs of shuffled pictures, augmented.

    Sample n depends on n and the seed alone, whichever process makes it and whenever, so a run
    that goes on at step k sees just what an unbroken run would have. Augmentation acts on the
    colour picture, before lightness and ab are parted: scale, crop and a left-right flip.
    A picture that cannot be read is replaced by the next and named in the sample.
    """

    def __init__(self, paths: list[Path], size: int, *, zoom: float = 1.5, seed: int = 0) -> None:
        self.paths, self.size, self.zoom, self.seed = paths, size, zoom, seed
        self._order: tuple[int, np.ndarray[tuple[int], np.dtype[np.intp]]] | None = None

    def __getitem__(self, number: int) -> Sample:
        start = time.perf_counter()
        broken: list[Path] = []
        for attempt in range(min(_ATTEMPTS, len(self.paths))):
            path = self._path(number + attempt)
            try:
                lab = self._crop(path, np.random.default_rng((self.seed, 1, number)))
                return Sample(lab, tuple(broken), time.perf_counter() - start)
            except ImageError:
                broken.append(path)
        raise DataError(f"no picture can be read: {', '.join(map(str, broken))}")

    def _path(self, number: int) -> Path:
        epoch, place = divmod(number, len(self.paths))
        if self._order is None or self._order[0] != epoch:
            shuffle = np.random.default_rng((self.seed, 0, epoch))
            self._order = epoch, shuffle.permutation(len(self.paths))
        return self.paths[int(self._order[1][place])]

    def _crop(self, path: Path, random: np.random.Generator) -> Tensor:
        side = round(self.size * random.uniform(1, self.zoom))
        rgb = load_rgb(path, side)
        top = random.integers(rgb.shape[0] - self.size + 1)
        left = random.integers(rgb.shape[1] - self.size + 1)
        crop = rgb[top : top + self.size, left : left + self.size]
        if random.random() < 0.5:
            crop = crop[:, ::-1]
        return _to_lab(crop)


def load_centre(path: Path, size: int) -> Tensor:
    """Read the centre of a picture, scaled to `size` at its short side, as Lab (3, S, S)."""
    rgb = load_rgb(path, size)
    top, left = (rgb.shape[0] - size) // 2, (rgb.shape[1] - size) // 2
    return _to_lab(rgb[top : top + size, left : left + size])


def _to_lab(rgb: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Tensor:
    lab = srgb_to_lab(rgb / np.float32(255))
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(lab, -1, 0)))
