"""Write the manual pages, `photochrom.1` and one a command, made from the help of the commands.

`python docs/make/man.py FOLDER` writes them; `man FOLDER/photochrom.1` shows one.
"""

import argparse
import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import click

import photochrom
from photochrom.cli.main import main as group

COLUMNS = 80


def escaped(text: str) -> str:
    """Give text in which roff finds nothing of its own."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def commands(
    command: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Yield each command with its full name, a group before its subcommands."""
    settings = {"terminal_width": COLUMNS, "max_content_width": COLUMNS}
    context = click.Context(command, parent, name, **(command.context_settings | settings))
    yield context.command_path, command, context
    if isinstance(command, click.Group):
        for known in command.list_commands(context):
            child = command.get_command(context, known)
            if child is not None:
                yield from commands(child, known, context)


def page(name: str, command: click.Command, context: click.Context) -> str:
    """Write one page: name, synopsis, and the help as it is printed."""
    title, date = name.replace(" ", "-"), datetime.date.today().isoformat()
    usage = command.get_usage(context).removeprefix("Usage: ")
    summary = command.get_short_help_str(limit=200).rstrip(".")
    body = command.get_help(context).partition("\n\n")[2]
    lines = [
        f'.TH "{title.upper()}" "1" "{date}" "Photochrom {photochrom.__version__}"',
        ".SH NAME",
        escaped(f"{title} - {summary}"),
        ".SH SYNOPSIS",
        escaped(usage),
        ".SH DESCRIPTION",
        ".nf",
        escaped(body.rstrip()),
        ".fi",
    ]
    return "\n".join(lines) + "\n"


def write(directory: Path) -> list[Path]:
    """Write all pages into a folder, and give their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    found = []
    for name, command, context in commands(group, "photochrom"):
        path = directory / f"{name.replace(' ', '-')}.1"
        path.write_text(page(name, command, context), encoding="utf-8")
        found.append(path)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pages are written")
    for made in write(parser.parse_args().folder):
        click.echo(made)
