"""MNIST, from Keras' download or from a file in Keras' format."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from photochrom.errors import DataError

SIDE = 28
"""Height and width of a digit in pixels."""
_FEWEST = 5  # digits, of which one is held out
_ARRAYS = ("x_train", "y_train", "x_test", "y_test")

Digits = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Mnist:
    """Digits, (N, 28, 28) uint8, light on dark, with their labels, (N,) in 0..9."""

    train: Digits
    train_labels: Digits
    held_out: Digits
    held_out_labels: Digits
    test: Digits
    test_labels: Digits


def load(path: Path | None, held_out: int) -> Mnist:
    """Load MNIST, from an .npz file or by Keras' download; the last training digits are held out.

    Raises `DataError` when there is neither file nor network, or the file is not MNIST.
    """
    arrays = _download() if path is None else _read(path)
    for name in ("train", "test"):
        _check(f"{path}: ", name, arrays[f"x_{name}"], arrays[f"y_{name}"])
    held_out = max(1, min(held_out, len(arrays["x_train"]) // 5))
    digits, labels = arrays["x_train"], arrays["y_train"]
    return Mnist(
        digits[:-held_out],
        labels[:-held_out],
        digits[-held_out:],
        labels[-held_out:],
        arrays["x_test"],
        arrays["y_test"],
    )


def _check(where: str, name: str, digits: Digits, labels: Digits) -> None:
    if digits.shape[1:] != (SIDE, SIDE) or labels.shape != digits.shape[:1]:
        raise DataError(
            f"{where}x_{name} is {digits.shape}, y_{name} {labels.shape}; "
            "give a label for each digit"
        )
    if len(digits) < _FEWEST:
        raise DataError(
            f"{where}x_{name} holds {len(digits)} digits; at least {_FEWEST} are needed"
        )
    wrong = labels[~np.isin(labels, range(10))]
    if wrong.size:
        raise DataError(f"{where}y_{name} holds the label {wrong[0]}; labels are 0 to 9")


def _read(path: Path) -> dict[str, Digits]:
    if not path.exists():
        raise DataError(f"there is no file {path}; check the path")
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = [name for name in _ARRAYS if name not in file]
            if not missing:
                return {name: file[name] for name in _ARRAYS}
    except (OSError, ValueError, TypeError, EOFError, BadZipFile) as error:
        raise DataError(f"{path} is not an .npz file of NumPy arrays; take another copy") from error
    raise DataError(f"{path} has no array {missing[0]}; MNIST in Keras' format has {_ARRAYS}")


def _download() -> dict[str, Digits]:
    import keras

    try:
        train, test = keras.datasets.mnist.load_data()
    except Exception as error:
        raise DataError(
            "MNIST cannot be downloaded; pass data=mnist.npz, a copy on this machine"
        ) from error
    values: tuple[Any, ...] = (*train, *test)
    return dict(zip(_ARRAYS, values, strict=True))
