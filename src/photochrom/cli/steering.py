"""Options of every command that asks a model about a picture."""

import click

from photochrom.zoo import DEFAULT

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
