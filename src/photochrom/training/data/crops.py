"""A folder of photographs as an endless, repeatable stream of augmented Lab crops."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import Dataset

from photochrom.color.spaces import srgb_to_lab
from photochrom.color.toning import tone_residue
from photochrom.errors import DataError, ImageError
from photochrom.training.config import DataConfig
from photochrom.training.data.cache import Decoded
from photochrom.training.data.degradation import degrade, plate
from photochrom.training.data.recolor import recolored, reveal
from photochrom.training.data.sources import Photo, load_photo

_ATTEMPTS = 200  # a stream gives up when that many pictures in a row are of no use
_GREY = 1.0  # Lab units: a picture with less colour than this beyond its tone teaches none


@dataclass(frozen=True)
class Sample:
    """One Lab crop, (3, S, S) float32, and how it was come by."""

    lab: Tensor
    rgb: Tensor
    """(3, S, S), the crop in sRGB, 0..1, as it was before its lightness was aged."""
    hints: Tensor
    """(3, S, S): a, b and mask, zero where there is no hint."""
    picture: int
    """Index of the picture among the photographs."""
    skipped: dict[str, str]
    """Pictures that were of no use, with the reason of each."""
    authentic: bool = True
    """Whether it is a photograph as it was, sharp enough for a discriminator to be shown."""


@dataclass  # not frozen: Fabric moves its tensors to its device
class Batch:
    """Samples, stacked: Lab, sRGB and hints are (N, 3, S, S) each."""

    lab: Tensor
    rgb: Tensor
    hints: Tensor
    pictures: list[int]
    """Index of each picture among the photographs."""
    skipped: dict[str, str]
    authentic: Tensor
    """Indices of the samples that are authentic."""

    def pin_memory(self) -> "Batch":
        """Bring it where a device copies from without being waited for."""
        pinned = {name: getattr(self, name).pin_memory() for name in _TENSORS}
        return dataclasses.replace(self, **pinned)


_TENSORS = ("lab", "rgb", "hints", "authentic")


def collate(samples: list[Sample]) -> Batch:
    """Stack samples into a batch."""
    return Batch(
        torch.stack([sample.lab for sample in samples]),
        torch.stack([sample.rgb for sample in samples]),
        torch.stack([sample.hints for sample in samples]),
        [sample.picture for sample in samples],
        {path: reason for sample in samples for path, reason in sample.skipped.items()},
        torch.tensor(
            [index for index, sample in enumerate(samples) if sample.authentic], dtype=torch.int64
        ),
    )


class Photographs(Dataset[Sample]):
    """Sample n of an endless stream over `photos`: epochs of shuffled pictures, augmented.

    Sample n depends on n and the seed alone, whichever process makes it and whenever, so a run
    that goes on at step k sees just what an unbroken run would have. Augmentation acts on the
    colour picture, before lightness and ab are parted. A picture that cannot be read, or has no
    colour to learn, is replaced by the next and named in the sample.
    """

    def __init__(
        self,
        photos: Sequence[Photo],
        config: DataConfig,
        *,
        seed: int = 0,
        report: Callable[[int, int], None] = lambda done, of: None,
    ) -> None:
        self.photos, self.config, self.seed = photos, config, seed
        self._decoded = None
        if config.decoded:
            side = math.ceil(config.size * config.zoom)
            self._decoded = Decoded(photos, side, Path(config.decoded), report)
        self._order: tuple[int, npt.NDArray[np.intp]] | None = None

    def __getitem__(self, number: int) -> Sample:
        skipped: dict[str, str] = {}
        for attempt in range(min(_ATTEMPTS, len(self.photos))):
            picture = self._picture(number, attempt)
            random = np.random.default_rng((self.seed, 1, number))
            try:
                lab, rgb = self._augment(self._crop(picture, random), random)
                sharp = fnmatch(self.photos[picture].key, self.config.sharp)
                if found := self._recolored(lab, random):
                    return Sample(*found, picture, skipped, authentic=False)
                hints = random_hints(lab[1:], self._hint_count(random), random)
                return Sample(lab, rgb, hints, picture, skipped, authentic=sharp)
            except (ImageError, DataError) as error:
                skipped[str(self.photos[picture])] = str(error)
        some = "; ".join(list(skipped.values())[:3]) + ("; ..." if len(skipped) > 3 else "")
        raise DataError(f"none of {len(skipped)} pictures is of use: {some}; name others")

    def _picture(self, number: int, attempt: int) -> int:
        """Give the index of sample `number`, or of the `attempt`-th one after it in its epoch."""
        epoch, position = divmod(number, len(self.photos))
        if self._order is None or self._order[0] != epoch:
            shuffle = np.random.default_rng((self.seed, 0, epoch))
            self._order = epoch, shuffle.permutation(len(self.photos))
        return int(self._order[1][(position + attempt) % len(self.photos)])

    def _recolored(
        self, lab: Tensor, random: np.random.Generator
    ) -> tuple[Tensor, Tensor, Tensor] | None:
        """Recolour a thing in the wanted share of crops: Lab, sRGB and hints, if there is one."""
        if not self.config.recolored or random.random() >= self.config.recolored:
            return None
        return recolored(lab, random)

    def _hint_count(self, random: np.random.Generator) -> int:
        return int(random.geometric(1 / 8)) if random.random() < self.config.hints else 0

    def _crop(self, picture: int, random: np.random.Generator) -> npt.NDArray[np.uint8]:
        """Cut a square, (S, S, 3), whose side is the picture's short side by 1 to the zoom."""
        size, zoom = self.config.size, random.uniform(1, self.config.zoom)
        if self._decoded:
            rgb = self._decoded[picture]
            side = round(min(rgb.shape[:2]) / zoom)
        else:
            rgb = load_photo(self.photos[picture], round(size * zoom))
            side = size
        if tone_residue(rgb[::4, ::4] / np.float32(255)) < _GREY:
            raise DataError(f"{self.photos[picture]}: a grey picture, nothing to learn")
        top = random.integers(rgb.shape[0] - side + 1)
        left = random.integers(rgb.shape[1] - side + 1)
        return _resize(rgb[top : top + side, left : left + side], size)

    def _augment(
        self, crop: npt.NDArray[np.uint8], random: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """Mirror, age and turn a crop; give it as Lab and as sRGB, (3, S, S) each."""
        if self.config.flip != "none" and random.random() < 0.5:
            crop = crop[:, ::-1]
        if self.config.flip == "both" and random.random() < 0.5:
            crop = crop[::-1]
        rgb = crop / np.float32(255)
        planes = torch.cat([_planes(srgb_to_lab(rgb)), _planes(rgb)])
        if random.random() < self.config.aged:
            planes[:1] = degrade(plate(rgb, random), random)
        if self.config.rotation or self.config.shear:
            angle = random.uniform(-1, 1) * self.config.rotation
            planes = warp(planes, angle, random.uniform(-1, 1) * self.config.shear)
        return planes[:3], planes[3:]


def _resize(rgb: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """Bring a square to another size."""
    if len(rgb) == side:
        return rgb
    planes = torch.from_numpy(np.array(rgb)).permute(2, 0, 1)[None]
    resized = F.interpolate(planes, size=(side, side), mode="bilinear", antialias=True)
    return resized[0].permute(1, 2, 0).numpy()


def random_hints(ab: Tensor, count: int, random: np.random.Generator) -> Tensor:
    """Reveal the colour of ab, (2, H, W), at random squares of 1 to 9 pixels, as its mean there.

    Gives hints (3, H, W): a, b, mask. Zhang et al. 2017, section 3.1.
    """
    hints = torch.zeros(3, *ab.shape[1:])
    for _ in range(count):
        side = int(random.integers(1, 10))
        top = int(random.integers(max(1, ab.shape[1] - side + 1)))
        left = int(random.integers(max(1, ab.shape[2] - side + 1)))
        reveal(hints, ab, top, left, side)
    return hints


def warp(planes: Tensor, rotation: float, shear: float) -> Tensor:
    """Rotate and shear planes (C, S, S) about their centre, both in degrees; edges are mirrored."""
    turn, lean = math.radians(rotation), math.tan(math.radians(shear))
    cosine, sine = math.cos(turn), math.sin(turn)
    matrix = torch.tensor([[cosine, lean - sine, 0.0], [sine, cosine, 0.0]])
    grid = F.affine_grid(matrix[None], [1, *planes.shape], align_corners=False)
    return F.grid_sample(planes[None], grid, padding_mode="reflection", align_corners=False)[0]


def load_centers(
    photos: Sequence[Photo], size: int, max_count: int, skipped: dict[str, str] | None = None
) -> list[Tensor]:
    """Read the centres of at most `max_count` pictures, evenly chosen, as `load_center` does.

    What cannot be read is noted in `skipped`. Raises `DataError` when nothing can be.
    """
    found = []
    for photo in photos[:: max(1, len(photos) // max_count)][:max_count]:
        try:
            found.append(load_center(photo, size))
        except ImageError as error:
            if skipped is not None:
                skipped[str(photo)] = str(error)
    if not found:
        raise DataError(
            f"none of the pictures to validate on can be read, such as {photos[0]}; name others"
        )
    return found


def load_center(photo: Photo, size: int) -> Tensor:
    """Read the centre of a picture, scaled to `size` at its short side, as Lab (3, S, S)."""
    rgb = load_photo(photo, size)
    top, left = (rgb.shape[0] - size) // 2, (rgb.shape[1] - size) // 2
    center = rgb[top : top + size, left : left + size]
    return _planes(srgb_to_lab(center / np.float32(255)))


def _planes(picture: npt.NDArray[np.floating]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(picture, -1, 0)))
