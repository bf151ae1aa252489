"""What commands share: options of those that ask a model, and the extras that some need."""

import importlib.util

import click

from photochrom.errors import MissingExtra
from photochrom.inference.zoo import DEFAULT

model = click.option(
    "-m", "--model", default=DEFAULT, show_default=True, help="Name or .onnx file."
)
vividness = click.option(
    "--vividness", type=click.FloatRange(0, 1), help="0 natural to 1 vivid.  [default: the model's]"
)
size = click.option(
    "--size",
    type=click.IntRange(32, 2048),
    help="Short side that the model sees.  [default: the model's]",
)
hint = click.option(
    "--hint", "hint", multiple=True, help="x,y,#rrggbb: a colour at a place; repeatable."
)

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
