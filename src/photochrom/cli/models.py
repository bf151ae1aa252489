"""`photochrom models`."""

import click

from photochrom.cli.help import Command, option


@click.command(cls=Command)
@option("--remove", metavar="NAME", help="Remove the adopted model of this name.")
def command(remove: str | None) -> None:
    """List the models: those that come with Photochrom, and those that were adopted.

    \b
    Examples:
      photochrom models
      photochrom models --remove artistic
    """
    from photochrom.inference import zoo
    from photochrom.inference.model import Model

    if remove is not None:
        click.echo(f"removed {zoo.remove(remove)}")
        return
    for name in zoo.names():
        info = Model(name, threads=1).info
        click.echo("  ".join(filter(None, (name, info.get("version"), info.get("summary")))))
