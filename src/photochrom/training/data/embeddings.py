"""A classifier's embeddings of the training pictures, computed once and kept in a file."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast
from zipfile import BadZipFile

import numpy as np
import torch
import torch.nn.functional as F
from filelock import FileLock
from torch import Tensor

from photochrom.color.spaces import srgb_to_lightness
from photochrom.errors import DataError, ImageError
from photochrom.networks.full import CLASSIFIER_SIDE, Classifier
from photochrom.training.data.sources import Photo, load_photo
from photochrom.training.run_directory import writing

_BATCH = 8
_SAVE_EVERY = 200  # batches


def embeddings(
    classifier: Classifier,
    name: str,
    pictures: Sequence[Photo],
    cache: Path,
    report: Callable[[int, int], None] = lambda done, of: None,
) -> Tensor:
    """Embed whole pictures, (len(pictures), 1000) float16, or read them from the file `cache`.

    The file is written now and then on the way; what it holds is not computed again. A picture
    that cannot be read is embedded as if it were black. Raises `DataError` when the file was made
    by another classifier, or for other pictures, or cannot be written.
    """
    # the processes of one run come here together
    with writing(cache), FileLock(cache.with_suffix(".lock")):
        return _embeddings(classifier, name, pictures, cache, report)


def _embeddings(
    classifier: Classifier,
    name: str,
    pictures: Sequence[Photo],
    cache: Path,
    report: Callable[[int, int], None],
) -> Tensor:
    key = [name, *(photo.key for photo in pictures)]
    found = [_read(cache, key)] if cache.exists() else []
    done = sum(map(len, found))
    if done == len(pictures):
        return found[0]
    embed = _folded(classifier)
    for planes in _batches(pictures[done:]):
        with torch.no_grad():
            found.append(embed(planes).half())
        done += len(planes)
        report(done, len(pictures))
        if len(found) >= _SAVE_EVERY or done == len(pictures):
            found = [torch.cat(found)]
            _write(cache, key, found[0])
    return found[0]


def _folded(classifier: Classifier) -> Callable[[Tensor], Tensor]:
    """Fold normalisation into the convolutions: on a CPU, half as much again a second."""
    example = torch.full((_BATCH, 1, CLASSIFIER_SIDE, CLASSIFIER_SIDE), 50.0)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing is on its way out; its successor is slower here
        return cast(
            Callable[[Tensor], Tensor],
            torch.jit.freeze(torch.jit.trace(classifier.eval(), example)),  # type: ignore[no-untyped-call]
        )


def _batches(pictures: Sequence[Photo]) -> Iterator[Tensor]:
    """Load batches of lightness, one ahead of what is looked at."""
    chunks = [pictures[start : start + _BATCH] for start in range(0, len(pictures), _BATCH)]
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(_load, chunks[0])
        for temporary in chunks[1:]:
            ready, following = following, pool.submit(_load, temporary)
            yield ready.result()
        yield following.result()


def _load(pictures: Sequence[Photo]) -> Tensor:
    return torch.stack([_lightness(photo) for photo in pictures])


def _lightness(photo: Photo) -> Tensor:
    """Read a whole picture as a square of lightness, (1, S, S)."""
    side = (CLASSIFIER_SIDE, CLASSIFIER_SIDE)
    try:
        rgb = load_photo(photo, CLASSIFIER_SIDE, enlarge=False)
    except ImageError:
        return torch.zeros(1, *side)
    lightness = torch.from_numpy(srgb_to_lightness(rgb / np.float32(255)))[None, None]
    return F.interpolate(lightness, size=side, mode="bilinear")[0]


def _write(cache: Path, key: list[str], values: Tensor) -> None:
    temporary = cache.with_suffix(".part.npz")
    np.savez(temporary, key=np.array(key), embeddings=values.numpy())
    temporary.replace(cache)


def _read(cache: Path, key: list[str]) -> Tensor:
    try:
        with np.load(cache) as saved:
            names, values = saved["key"].tolist(), saved["embeddings"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(f"{cache} holds no embeddings; remove it") from error
    if names[0] != key[0]:
        raise DataError(
            f"{cache} was made with the classifier {names[0]}, not {key[0]}; "
            "remove it, or name another file as data.embeddings"
        )
    if names != key:
        raise DataError(f"{cache} was made for other pictures; name another as data.embeddings")
    return torch.from_numpy(values)
