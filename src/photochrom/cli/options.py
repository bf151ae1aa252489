"""What commands share: options of those that ask a model, and the extras that some need."""

import importlib.util
from pathlib import Path
from typing import Any

import click

from photochrom.cli.help import COLORS, FILMS, HINTS, OUTPUT, SPEED, option
from photochrom.cli.messages import EXTRA
from photochrom.errors import MissingExtra
from photochrom.inference.options import AUTO, CPU, DEVICES, QUALITIES, QUALITY
from photochrom.inference.zoo import DEFAULT

FILE: Any = click.Path(path_type=Path)
"""A file or folder of this machine."""
DIRECTORY: Any = click.Path(path_type=Path, file_okay=False)
"""A folder of this machine, which may be made."""
_FORMATS = {"jpeg": "jpg", "tiff": "tif"}


class FormatChoice(click.Choice[str]):
    """A choice of file name extensions, which may be written as .TIFF, too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the extension; `click.BadParameter` is raised for another."""
        word = str(value).lower().removeprefix(".")
        return super().convert(_FORMATS.get(word, word), param, ctx)


sequence_rate = option(
    "--fps",
    type=click.FloatRange(min=0, min_open=True),
    metavar="NUMBER",
    show_default="24",
    group=FILMS,
    help="Take a sequence of pictures, such as frames/%05d.png, as so many a second.",
)
model = option(
    "-m",
    "--model",
    metavar="NAME",
    default=DEFAULT,
    show_default=True,
    group=COLORS,
    help="Use the model of this name (see photochrom models), or in this .onnx file.",
)
vividness = option(
    "--vividness",
    type=click.FloatRange(0, 1),
    metavar="NUMBER",
    group=COLORS,
    show_default="the model's",
    help="Choose from 0, natural, to 1, vivid.",
)
size = option(
    "--size",
    type=click.IntRange(32, 2048),
    metavar="PIXELS",
    show_default="the model's",
    group=COLORS,
    help="Let the model see pictures with this short side, 32 to 2048.",
)
quality = option(
    "--quality",
    type=click.Choice(list(QUALITIES)),
    default=QUALITY,
    show_default=True,
    group=SPEED,
    help="Ask the model once, twice or four times about a picture.",
)
hint = option(
    "--hint",
    "hint",
    multiple=True,
    metavar="X,Y,COLOR",
    group=HINTS,
    help="Give the point X,Y (in pixels) a colour, such as 310,420,#2c4a7c; with ,spot at the "
    "end the point alone, with ,everything all like it. Repeat it for more.",
)
device = option(
    "--device",
    type=click.Choice([AUTO, *DEVICES]),
    default=CPU,
    show_default=True,
    metavar="NAME",
    group=SPEED,
    help=f"Run the model on {', '.join(DEVICES)}, or auto for the first that works; "
    "equal bytes each time are promised for cpu.",
)
overwrite = option(
    "--overwrite", is_flag=True, group=OUTPUT, help="Replace an output that exists already."
)
_EXTRAS = {
    "adopt": ("adopting models", ("onnx",)),
    "train": ("training", ("torch", "timm", "lightning_fabric", "onnx", "matplotlib", "skimage")),
    "evaluate": ("scoring pictures", ("skimage", "scipy", "matplotlib")),
    "web": ("the studio", ("starlette", "uvicorn", "python_multipart")),
    "digits": ("reading digits", ("tensorflow", "keras", "skimage", "matplotlib")),
}


def require(extra: str) -> None:
    """Raise `MissingExtra`, naming the command that installs it, when an extra is missing.

    What the command imports later is that extra's (see `messages.py`).
    """
    what, modules = _EXTRAS[extra]
    click.get_current_context().meta[EXTRA] = what, extra
    if any(importlib.util.find_spec(module) is None for module in modules):
        raise MissingExtra(what, extra)
