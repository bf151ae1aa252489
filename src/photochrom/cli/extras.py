"""Which libraries each extra brings, checked before a command starts."""

import importlib.util

from photochrom.errors import MissingExtra

_EXTRAS = {
    "train": ("training", ("torch", "timm", "lightning_fabric", "onnx", "matplotlib", "skimage")),
    "web": ("the studio", ("starlette", "uvicorn", "python_multipart")),
    "digits": ("reading digits", ("tensorflow", "keras", "skimage", "matplotlib")),
}


def require(extra: str) -> None:
    """Raise `MissingExtra`, naming the command that installs it, when an extra is missing."""
    what, modules = _EXTRAS[extra]
    if any(importlib.util.find_spec(module) is None for module in modules):
        raise MissingExtra(what, extra)
