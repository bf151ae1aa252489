"""Raw files of cameras, developed. The only place that knows LibRaw."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.errors import ImageError, extra

EXTENSIONS = (".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".pef", ".raf", ".rw2")
"""File name endings that are read; none is written."""


def size(path: Path) -> tuple[int, int]:
    """Give the width and height of a raw file's picture; errors are those of `develop`."""
    with _opened(path) as file:
        return file.sizes.width, file.sizes.height


def develop(path: Path) -> npt.NDArray[np.uint16]:
    """Give a raw file's upright picture as sRGB, (H, W, 3), with the camera's white balance.

    Raises `ImageError` when it is damaged or none, `MissingExtra` without rawpy.
    """
    with _opened(path) as file:
        developed = file.postprocess(
            use_camera_wb=True, output_bps=16, gamma=(2.4, 12.92), no_auto_bright=True
        )
        return np.asarray(developed, np.uint16)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    with extra("developing raw files", "raw"):
        import rawpy
    try:
        with rawpy.imread(str(path)) as file:
            yield file
    except rawpy.LibRawError as error:
        said = error.args[0] if error.args else ""
        reason = said.decode() if isinstance(said, bytes) else said
        raise ImageError(
            f"{path}: the file is damaged, or is not a raw file ({reason}); take another copy"
        ) from error
