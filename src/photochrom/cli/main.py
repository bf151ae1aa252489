"""The command `photochrom`: its subcommands by name, and how errors end."""

import atexit
import gc
import os
import shlex
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from photochrom.cli.help import one_spelling, write_sections
from photochrom.cli.messages import in_flags, naming_the_extra, warnings_on_stderr
from photochrom.errors import PhotochromError, did_you_mean, unread

_SECTIONS = {
    "Pictures and films": {
        "colorize": "Colour pictures and films: files, folders, addresses.",
        "info": "Tell what a picture, a film or a model holds.",
        "shots": "List the shots of a film, and write a project of them.",
        "things": "List what is remembered of a film's things, and choose their colours.",
        "uncertainty": "Show where the colours of a picture are uncertain.",
        "serve": "Open the studio, a page in the browser.",
        "site": "Write a page that colours photos in the browser alone.",
        "doctor": "Tell what this machine has, and whether Photochrom works on it.",
    },
    "Models": {
        "models": "List the models: those that come along, and adopted ones.",
        "adopt": "Make a model of an .onnx file that others published.",
        "evaluate": "Score models, or pictures that other programs coloured.",
        "train": "Train a model on photographs.",
        "export": "Write the model of a training run as an .onnx file.",
        "ladder": "Compare Alpha, Beta, Full and Vivid on one page.",
    },
    "Warm-up": {
        "digits": "Read handwritten digits: train, predict.",
    },
}
_COMMANDS = [name for section in _SECTIONS.values() for name in section]
_STOPPED = 130  # how a command ends after Ctrl+C, as shells have it
_START = """\
Photochrom turns black-and-white pictures and films into colour, offline.

Type one of these first:
  photochrom colorize grandma.jpg        writes grandma-colour.jpg beside it
  photochrom colorize scans/ -o colour/  colours a whole folder
  photochrom serve                       opens the studio, a page in the browser

All commands: photochrom --help
One command:  photochrom colorize --help"""


class _Commands(click.Group):
    """Subcommands that are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return _COMMANDS

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"photochrom.cli.{cmd_name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] == "help":
            args = [*args[1:], "--help"]
        word = one_spelling(args[0])
        if word == "--help":
            click.echo(ctx.get_help())
            ctx.exit()
        if word not in _COMMANDS:
            raise click.UsageError(_unknown(word), ctx)
        return super().resolve_command(ctx, [word, *args[1:]])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_sections(formatter, {title: list(rows.items()) for title, rows in _SECTIONS.items()})

    def invoke(self, ctx: click.Context) -> Any:
        # Modules, and the plan of a large batch, are many objects that stay: Python need not walk
        # them all the time, and not at the end, when the system takes them back.
        gc.set_threshold(100_000, 50, 50)
        atexit.register(_leave_objects)
        # NumPy's matrix products are small here; threads of theirs would only crowd the cores.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        try:
            with warnings_on_stderr(), naming_the_extra(ctx):
                return super().invoke(ctx)
        except PhotochromError as error:
            raise click.ClickException(in_flags(str(error))) from error
        except OSError as error:  # of a path that nothing more is known of
            if error.filename is None:
                raise
            raise click.ClickException(str(unread(error.filename, error))) from error
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
            ctx.exit(_STOPPED)


def _leave_objects() -> None:
    """Leave all objects as they are at the end, but where Triton is: it calls them leaked."""
    if "triton" not in sys.modules:  # PyTorch brings it
        gc.freeze()


def _unknown(word: str) -> str:
    """Say that there is no such command, and what to type instead."""
    if os.path.lexists(word) or Path(word).suffix:
        return f"no command {word!r}; to colour a picture: photochrom colorize {shlex.quote(word)}"
    return f"no command {word!r}{did_you_mean(word, _COMMANDS)}; see: photochrom --help"


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "token_normalize_func": one_spelling,
    },
)
@click.version_option(None, "-V", "--version", package_name="photochrom", prog_name="photochrom")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Turn black-and-white pictures and films into colour, offline.

    \b
    Examples:
      photochrom colorize grandma.jpg
      photochrom colorize scans/ -o colour/
      photochrom colorize --help

    To have commands and options completed by the Tab key, add to ~/.bashrc (or with
    zsh_source to ~/.zshrc; fish has fish_source):

    \b
      eval "$(_PHOTOCHROM_COMPLETE=bash_source photochrom)"
    """
    if ctx.invoked_subcommand is None:
        click.echo(_START)
