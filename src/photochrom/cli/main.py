"""The command `photochrom`: its subcommands by name, and how errors end."""

import os
from importlib import import_module
from typing import Any

import click

from photochrom.errors import PhotochromError, did_you_mean

_COMMANDS = {
    "colorize": "Colour pictures, or all pictures in folders.",
    "uncertainty": "Show where a picture's colours are in doubt.",
    "serve": "Open the studio, a page in the browser.",
    "models": "List the models that come with Photochrom.",
    "info": "Tell what a picture or a model file holds.",
    "train": "Train a model on a folder of photographs.",
    "evaluate": "Score models, or other programs' pictures.",
    "ladder": "Compare Alpha, Beta, Full and Vivid on one page.",
    "digits": "Read handwritten digits: train, predict.",
    "export": "Write the model of a training run as an .onnx file.",
}


class _Commands(click.Group):
    """Subcommands that are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"photochrom.cli.{cmd_name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in _COMMANDS:
            raise click.UsageError(f"no command {args[0]!r}{did_you_mean(args[0], _COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        # NumPy's matrix products are small here; threads of theirs would only crowd the cores.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        try:
            return super().invoke(ctx)
        except PhotochromError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="photochrom")
def main() -> None:
    """Turn black-and-white pictures into colour, offline.

    \b
    Examples:
      photochrom colorize grandma.jpg
      photochrom colorize scans/ -o colour/
    """
