"""A classifier's embeddings of the training pictures, computed once and kept in a file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from photochrom.color import srgb_to_lightness
from photochrom.errors import DataError, ImageError
from photochrom.image import load_rgb
from photochrom.models.full import CLASSIFIER_SIDE, Classifier

_BATCH = 16


def embeddings(
    classifier: Classifier,
    name: str,
    pictures: list[Path],
    cache: Path,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> Tensor:
    """Embed whole pictures, (len(pictures), 1000) float16, or read them from the file `cache`.

    A picture that cannot be read has zeros. Raises `DataError` when the file was made by another
    classifier, or for other pictures.
    """
    key = [name, *(f"{path.parent.name}/{path.name}" for path in pictures)]
    if cache.exists():
        return _read(cache, key)
    found = torch.zeros(len(pictures), classifier.width, dtype=torch.float16)
    for start in range(0, len(pictures), _BATCH):
        planes = torch.stack([_lightness(path) for path in pictures[start : start + _BATCH]])
        with torch.no_grad():
            found[start : start + _BATCH] = classifier(planes).half()
        report(min(start + _BATCH, len(pictures)), len(pictures))
    temporary = cache.with_suffix(".part.npz")
    np.savez(temporary, key=np.array(key), embeddings=found.numpy())
    temporary.replace(cache)
    return found


def _lightness(path: Path) -> Tensor:
    """Read a whole picture as a square of lightness, (1, S, S)."""
    try:
        rgb = load_rgb(path, CLASSIFIER_SIDE)
    except ImageError:
        return torch.zeros(1, CLASSIFIER_SIDE, CLASSIFIER_SIDE)
    lightness = torch.from_numpy(srgb_to_lightness(rgb / np.float32(255)))[None, None]
    side = (CLASSIFIER_SIDE, CLASSIFIER_SIDE)
    return torch.nn.functional.interpolate(lightness, size=side, mode="bilinear")[0]


def _read(cache: Path, key: list[str]) -> Tensor:
    try:
        with np.load(cache) as saved:
            kept, values = saved["key"].tolist(), saved["embeddings"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{cache} holds no embeddings; remove it") from error
    if kept[0] != key[0]:
        raise DataError(
            f"{cache} was made with the classifier {kept[0]}, not {key[0]}; "
            "remove it, or name another file as data.embeddings"
        )
    if kept != key:
        raise DataError(f"{cache} was made for other pictures; name another as data.embeddings")
    return torch.from_numpy(values)
