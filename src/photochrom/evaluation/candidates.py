"""Who colours the pictures of an evaluation: models, other programs, or nobody."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color.gamut import lab_to_samples
from photochrom.color.spaces import Samples, samples_to_lightness, srgb_to_lab
from photochrom.errors import DataError, ModelError
from photochrom.evaluation.scores import to_grey
from photochrom.guidance.palette import Palette
from photochrom.image import Picture, find_pictures, load_rgb
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.options import ColorizeOptions

SIDE = 256
"""Pictures are compared with their short side at this many pixels, if it is longer."""

Candidate = Callable[[int, Samples], Samples]
"""From a picture's number and its truth, (H, W, 3) uint8, to what a colorizer makes of it."""


def load(path: Path, side: int = SIDE) -> Samples:
    """Read a picture at the size at which it is compared, (H, W, 3) uint8."""
    picture = Picture(path)
    return load_rgb(path, min(side, picture.width, picture.height))


def parse(model: str) -> tuple[str, float | None]:
    """Split "vivid@0.2" into a model and a vividness; raises `ModelError` for what is no number."""
    name, at, value = model.rpartition("@")
    if not at:
        return model, None
    try:
        return name, float(value)
    except ValueError as error:
        raise ModelError(
            f"{model}: what follows @ is a vividness from 0 to 1; write one such as vivid@0.5"
        ) from error


def model_candidate(colorizer: Colorizer, **options: Any) -> Candidate:
    """Colour by a model; `options` are those of `Colorizer.colorize`."""
    return lambda number, truth: colorizer.colorize(to_grey(truth), **options)


def palette_candidate(colorizer: Colorizer, **options: Any) -> Candidate:
    """Colour by a model that is given each picture's true palette.

    So much a user's palette can bring. Raises `ModelError` when the model takes none.
    """
    colorizer.check(ColorizeOptions(palette="grey"))

    def colorize(number: int, truth: Samples) -> Samples:
        ab = np.moveaxis(srgb_to_lab(truth / np.float32(255)), -1, 0)[1:]
        palette = Palette.of_picture(ab)
        return colorizer.colorize(to_grey(truth), palette=palette, **options)

    return colorize


def constant_candidate(ab: tuple[float, float]) -> Candidate:
    """Give every pixel the same a and b, as far as its lightness allows."""

    def colorize(number: int, truth: Samples) -> Samples:
        lightness = samples_to_lightness(truth)
        planes = [np.full_like(lightness, value) for value in ab]
        return lab_to_samples(lightness, planes[0], planes[1], np.uint8)

    return colorize


def outputs_candidate(directory: Path, data: Path, pictures: list[Path]) -> Candidate:
    """Take what another program made of the `pictures` below `data`.

    It is the picture at the same place below `directory`, whatever its ending. Raises `DataError`
    when pictures are missing, naming them, when two fit, or when one is of another size.
    """
    made: dict[Path, list[Path]] = {}
    for path in find_pictures(directory):
        made.setdefault(path.relative_to(directory).with_suffix(""), []).append(path)
    below = data if data.is_dir() else data.parent
    names = [path.relative_to(below) for path in pictures]
    wanted = [name.with_suffix("") for name in names]
    missing = [str(name) for name in names if name.with_suffix("") not in made]
    if missing:
        some = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        raise DataError(
            f"{directory} lacks {len(missing)} of {len(pictures)} pictures; add them: {some}"
        )
    for index in wanted:
        if len(made[index]) > 1:
            raise DataError(f"{directory} holds several pictures named {index}; keep one of them")

    def colorize(number: int, truth: Samples) -> Samples:
        path = made[wanted[number]][0]
        samples = load(path)
        if samples.shape != truth.shape:
            raise DataError(
                f"{path} is {_size(samples)}, but {pictures[number]} is {_size(truth)} pixels; "
                "resize it"
            )
        return samples

    return colorize


def _size(samples: Samples) -> str:
    return f"{samples.shape[1]} x {samples.shape[0]}"
