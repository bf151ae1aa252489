"""`photochrom models`."""

import click

from photochrom.cli.help import Command


@click.command(cls=Command)
def command() -> None:
    """List the models that come with Photochrom."""
    from photochrom.inference import zoo
    from photochrom.inference.model import Model

    for name in zoo.names():
        info = Model(name, threads=1).info
        click.echo(f"{name}  {info.get('version', '')}  {info.get('summary', '')}")
