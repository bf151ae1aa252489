"""`photochrom serve`."""

import errno
import os
import socket
import sys
import webbrowser

import click

from photochrom.cli import options as shared
from photochrom.cli.help import Command, option
from photochrom.cli.options import require
from photochrom.inference.options import CPU
from photochrom.web.settings import LOCAL

_NETWORK = "Network"  # a group of options
_EVERYWHERE = ("0.0.0.0", "::")
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
    help="Listen on this port; 0 takes a free one.",
)
@option(
    "--token",
    metavar="TEXT",
    envvar="PHOTOCHROM_TOKEN",
    show_envvar=True,
    group=_NETWORK,
    help="Answer only who knows this; it must be given with --host.",
)
@option(
    "--open/--no-open",
    "opens",
    default=True,
    group=_NETWORK,
    help="Open the page in the browser, or do not.",
)
@shared.device
def command(host: str, port: int, token: str | None, opens: bool, device: str) -> None:
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

    from photochrom.inference.colorizer import Colorizer
    from photochrom.web.app import create_app
    from photochrom.web.settings import Settings

    if device != CPU:
        Colorizer(device=device)  # what is wrong with it is said now

    with _listening(host, port) as listener:
        here, *others = addresses(host, listener.getsockname()[1])
        for_others = f", and for other machines at {others[0]}" if others else ""
        click.echo(f"Photochrom is at {here}{for_others}  (Ctrl+C stops it)")
        config = uvicorn.Config(
            create_app(Settings(token=token, device=device)),
            log_level="warning",
            http="h11",
            h11_max_incomplete_event_size=_HEAD_BYTES,
        )
        if opens and has_browser():
            webbrowser.open(here)  # it waits until the server answers
        try:
            uvicorn.Server(config).run(sockets=[listener])
        except KeyboardInterrupt:
            pass


def _listening(host: str, port: int) -> socket.socket:
    """Listen on an address; raises `ClickException` where that cannot be."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(
                f"port {port} is taken, perhaps by Photochrom itself; add --port 0 for a free one"
            ) from error
        reason = error.strerror or error
        raise click.ClickException(
            f"cannot listen on {host}, port {port} ({reason}); give another --host or --port"
        ) from error


def addresses(host: str, port: int) -> list[str]:
    """Give addresses for the browser: one that leads here, then one for other machines, if any."""
    everywhere = host in _EVERYWHERE
    found = ["127.0.0.1", _in_network()] if everywhere else [host]
    shown = [f"[{one}]" if ":" in one else one for one in found]
    return [f"http://{one}:{port}/" for one in shown]


def _in_network() -> str:
    """Give this machine's address in its network, or its name; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def has_browser() -> bool:
    """Whether a browser with a window can be opened: one in the terminal would cover it."""
    windows = sys.platform in ("win32", "darwin") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    return windows and sys.stdout.isatty()
