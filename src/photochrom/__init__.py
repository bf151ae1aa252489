"""Photochrom turns black-and-white pictures into colour, offline, on an ordinary computer.

    import photochrom
    photochrom.colorize("in.jpg", "out.jpg")

Importing it loads neither ONNX Runtime nor libvips nor torch: that waits for the first picture.
"""

from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photochrom.errors import (
    ConfigError,
    DataError,
    HintError,
    ImageError,
    MissingExtra,
    ModelError,
    PhotochromError,
    Stopped,
)

if TYPE_CHECKING:
    from photochrom.image import Limits
    from photochrom.image.colorized import Colorized
    from photochrom.inference.colorizer import Colorizer

__version__ = version("photochrom")
__all__ = [
    "Colorized",
    "Colorizer",
    "Coloured",
    "ConfigError",
    "DataError",
    "HintError",
    "ImageError",
    "Limits",
    "MissingExtra",
    "ModelError",
    "PhotochromError",
    "Stopped",
    "colorize",
    "list_models",
]
_LAZY = {
    "Colorizer": "photochrom.inference.colorizer",
    "Colorized": "photochrom.image.colorized",
    "Limits": "photochrom.image",
}


def colorize(
    source: str | Path,
    target: str | Path,
    *,
    model: str | Path = "vivid",
    overwrite: bool = False,
    **options: Any,
) -> None:
    """Colour the picture file `source` and write it to `target`.

    `options` are those of `Colorizer.colorize`: vividness, size, hints, limits. Raises
    `ImageError`, `ModelError` or `HintError`, saying what is wrong; `target` is then not written.
    """
    from photochrom.inference.colorizer import Colorizer

    colorized = Colorizer(model).colorize(Path(source), **options)
    colorized.save(target, overwrite=overwrite)


def list_models() -> list[str]:
    """List the names of the models that come with the package."""
    from photochrom.inference.zoo import names

    return names()


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'photochrom' has no attribute {name!r}")
