"""`photochrom serve`."""

import click

from photochrom.cli.help import Command, option
from photochrom.cli.options import require
from photochrom.web.settings import LOCAL

_NETWORK = "Network"  # a group of options
_HEAD_BYTES = 1 << 20  # of a request: many hints in an address are refused in words, not hung up on


@click.command(cls=Command)
@option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    group=_NETWORK,
    help="Listen on this address; 0.0.0.0 lets other machines in.",
)
@option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="NUMBER",
    default=8000,
    show_default=True,
    group=_NETWORK,
    help="Listen on this port.",
)
@option(
    "--token",
    metavar="TEXT",
    envvar="PHOTOCHROM_TOKEN",
    show_envvar=True,
    group=_NETWORK,
    help="Answer only who knows this; it must be given with --host.",
)
def command(host: str, port: int, token: str | None) -> None:
    """Open the studio: a page to colour photographs on, and a REST interface.

    It listens on this machine only, and fetches nothing from anywhere. Ctrl+C stops
    it.

    \b
    Examples:
      photochrom serve
      photochrom serve --host 0.0.0.0 --token "$(openssl rand -hex 16)"
    """
    require("web")
    if host not in LOCAL and not token:
        raise click.UsageError(f"--host {host} lets other machines in: give a --token as well")
    import uvicorn

    from photochrom.web.app import create_app
    from photochrom.web.settings import Settings

    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Photochrom is at http://{shown}:{port}/  (Ctrl+C stops it)")
    uvicorn.run(
        create_app(Settings(token=token)),
        host=host,
        port=port,
        log_level="warning",
        http="h11",
        h11_max_incomplete_event_size=_HEAD_BYTES,
    )
