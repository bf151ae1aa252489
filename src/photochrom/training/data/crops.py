"""A folder of photographs as an endless, repeatable stream of crops, to be augmented in batches."""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
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
from photochrom.evaluation.recoloring import Mask, find_thing
from photochrom.training.config import DataConfig
from photochrom.training.data.batches import Batch, Sample, augment, collate, matrices, warp
from photochrom.training.data.cache import Decoded
from photochrom.training.data.degradation import draw_degradation
from photochrom.training.data.hints import ALWAYS, OTHERWISE, draw_hints
from photochrom.training.data.recolor import draw_thing
from photochrom.training.data.sources import Photo, load_photo

_ATTEMPTS = 200  # a stream gives up when that many pictures in a row are of no use
_GREY = 1.0  # Lab units: a picture with less colour than this beyond its tone teaches none


class Photographs(Dataset[Sample]):
    """Sample n of an endless stream over `photos`: epochs of shuffled pictures, cut into squares.

    Sample n depends on n and the seed alone, whichever process makes it and whenever, so a run
    that goes on at step k sees just what an unbroken run would have. With it comes all that is
    drawn by lot; `augment` then works on whole batches. A thing to recolour is found here, as
    segmentation knows no batches. A picture that cannot be read, or has no colour to learn, is
    replaced by the next and named in the sample.
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
        self._known_colored: set[int] = set()
        self._order: tuple[int, npt.NDArray[np.intp]] | None = None

    def __getitem__(self, number: int) -> Sample:
        skipped: dict[str, str] = {}
        for attempt in range(min(_ATTEMPTS, len(self.photos))):
            picture = self._picture(number, attempt)
            random = np.random.default_rng((self.seed, 1, number))
            try:
                return self._sample(picture, skipped, random)
            except (ImageError, DataError) as error:
                skipped[str(self.photos[picture])] = str(error)
        some = "; ".join(list(skipped.values())[:3]) + ("; ..." if len(skipped) > 3 else "")
        raise DataError(f"none of {len(skipped)} pictures is of use: {some}; name others")

    def batch(self, numbers: Iterable[int], device: torch.device | None = None) -> Batch:
        """Give samples as they are learnt from, on `device` or where they are loaded."""
        with ThreadPoolExecutor() as pool:  # decoding takes most of it, and lets others work
            crops = collate(list(pool.map(self.__getitem__, numbers)))
        return augment(crops.to(device) if device else crops)

    def _picture(self, number: int, attempt: int) -> int:
        """Give the index of sample `number`, or of the `attempt`-th one after it in its epoch."""
        epoch, position = divmod(number, len(self.photos))
        order = self._order  # of which another thread may make that of another epoch
        if order is None or order[0] != epoch:
            shuffle = np.random.default_rng((self.seed, 0, epoch))
            self._order = order = epoch, shuffle.permutation(len(self.photos))
        return int(order[1][(position + attempt) % len(self.photos)])

    def _sample(self, picture: int, skipped: dict[str, str], random: np.random.Generator) -> Sample:
        """Cut a crop of a picture, and draw what becomes of it."""
        config, pixels = self.config, self._crop(picture, random)
        mirrored = config.flip != "none" and random.random() < 0.5
        inverted = config.flip == "both" and random.random() < 0.5
        aging = draw_degradation(random) if random.random() < config.aged else None
        turned = None
        if config.rotation or config.shear:
            rotation, shear = random.uniform(-1, 1, 2) * (config.rotation, config.shear)
            turned = float(rotation), float(shear)
        seed = int(random.integers(2**32))
        thing, hints = None, []
        if config.recolored and random.random() < config.recolored:
            inside = _find_thing(pixels, mirrored, inverted, turned, random)
            found = None if inside is None else draw_thing(inside, random)
            thing, hints = found or (None, [])
        count = int(random.geometric(1 / 8)) if random.random() < config.hints else 0
        when = OTHERWISE if thing else ALWAYS
        hints = [*hints, *draw_hints(count, config.size, when, random)]
        sharp = thing is None and fnmatch(self.photos[picture].key, config.sharp)
        return Sample(
            pixels, picture, skipped, sharp, mirrored, inverted, turned, aging, seed, hints, thing
        )

    def _crop(self, picture: int, random: np.random.Generator) -> Tensor:
        """Cut a square, (3, S, S) uint8: its side is the picture's short side by 1 to the zoom."""
        size, zoom = self.config.size, random.uniform(1, self.config.zoom)
        if self._decoded:
            rgb = self._decoded[picture]
            side = round(min(rgb.shape[:2]) / zoom)
        else:
            rgb = load_photo(self.photos[picture], round(size * zoom))
            side = size
        if picture not in self._known_colored:
            if tone_residue(rgb[::4, ::4] / np.float32(255)) < _GREY:
                raise DataError(f"{self.photos[picture]}: a grey picture, nothing to learn")
            if self._decoded:  # one that is not is of another size each time
                self._known_colored.add(picture)
        top = random.integers(rgb.shape[0] - side + 1)
        left = random.integers(rgb.shape[1] - side + 1)
        return _resize(rgb[top : top + side, left : left + side], size)


def _resize(rgb: npt.NDArray[np.uint8], side: int) -> Tensor:
    """Bring a square, (H, H, 3), to another size, (3, S, S)."""
    planes = torch.from_numpy(np.array(rgb)).permute(2, 0, 1)
    if len(rgb) == side:
        return planes.contiguous()
    resized = F.interpolate(planes[None], size=(side, side), mode="bilinear", antialias=True)
    return resized[0].contiguous()


def _find_thing(
    pixels: Tensor,
    mirrored: bool,
    inverted: bool,
    turned: tuple[float, float] | None,
    random: np.random.Generator,
) -> Mask | None:
    """Find a thing in a crop, (3, S, S) uint8: where it is, (S, S), once the crop is augmented."""
    axes = [axis for axis, wanted in ((1, inverted), (2, mirrored)) if wanted]
    rgb = pixels.flip(axes).permute(1, 2, 0).numpy()
    inside = find_thing(srgb_to_lab(rgb / np.float32(255)), random)
    if inside is None or turned is None:
        return inside
    planes = torch.from_numpy(inside.astype(np.float32))[None, None]
    return np.asarray(warp(planes, matrices([turned]), mode="nearest")[0, 0].numpy() > 0.5)


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
