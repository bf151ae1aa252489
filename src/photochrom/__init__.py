"""Photochrom turns black-and-white pictures into colour, offline, on an ordinary computer.

    import photochrom
    photochrom.colorize("in.jpg", "out.jpg")

Importing it loads neither ONNX Runtime nor libvips nor torch: that waits for the first picture.
"""

import os
from importlib import import_module
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
    PhotochromWarning,
    Stopped,
)

if TYPE_CHECKING:
    from typing import Unpack

    from photochrom.image import CancelToken, Limits, SaveOptions
    from photochrom.image.colorized import Colorized
    from photochrom.image.colorized import Colorized as Coloured
    from photochrom.inference.colorizer import Colorizer
    from photochrom.inference.options import ColorizeKeywords, ColorizeOptions

__version__ = "0.1.0"  # said here: to ask for that of an installed package is slow
__all__ = [
    "CancelToken",
    "ColorizeOptions",
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
    "PhotochromWarning",
    "SaveOptions",
    "Stopped",
    "colorize",
    "list_models",
]
_LAZY = {
    "Colorizer": "photochrom.inference.colorizer",
    "Colorized": "photochrom.image.colorized",
    "CancelToken": "photochrom.image",
    "ColorizeOptions": "photochrom.inference.options",
    "Limits": "photochrom.image",
    "SaveOptions": "photochrom.image",
}
_OLDER = {"Coloured": "Colorized"}
"""Names that things had before, by which they can still be had."""


def colorize(
    source: str | Path,
    target: str | Path | None = None,
    *,
    model: str | Path = "vivid",
    overwrite: bool = False,
    limits: "Limits | None" = None,
    **keywords: "Unpack[ColorizeKeywords]",
) -> Path:
    """Colour the picture file `source`, write it to `target`, and give the path of that.

    Without `target` it lies beside the picture: in.jpg becomes in-colour.jpg. `keywords` are
    the fields of `ColorizeOptions`: vividness, size, quality, hints, reference, palette, warmth,
    strength, tone and allow_damaged. For pictures that are no files, there is
    `Colorizer().colorize`. Raises `ImageError`, `ModelError` or `HintError`, saying what is wrong;
    `target` is then not written.
    """
    from photochrom.inference.colorizer import Colorizer

    if not isinstance(source, str | os.PathLike):
        raise ImageError(
            f"a {type(source).__name__} is not the path of a file; for other pictures, call "
            "Colorizer().colorize"
        )
    if target is None:
        from photochrom.batch.naming import Naming

        target = Naming().beside(Path(source))
    colorized = Colorizer(model).colorize(Path(source), limits=limits, **keywords)
    colorized.save(target, overwrite=overwrite)
    return Path(target)


def list_models() -> list[str]:
    """List the names of the models: those that come with the package, then adopted ones."""
    from photochrom.inference.zoo import names

    return names()


def __getattr__(name: str) -> Any:
    name = _OLDER.get(name, name)
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'photochrom' has no attribute {name!r}")
