"""`photochrom models`."""

import click


@click.command()
def command() -> None:
    """List the models that come with Photochrom."""
    from photochrom import zoo
    from photochrom.inference import describe

    for name in zoo.names():
        info = describe(name)
        click.echo(f"{name}  {info.get('version', '')}  {info.get('summary', '')}")
