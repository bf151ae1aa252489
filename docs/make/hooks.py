"""Hooks of MkDocs: the command reference is made from the commands, and no page fetches anything.

`<!-- commands -->` in a page becomes the help of every command, as `photochrom COMMAND --help`
prints it. A page that would load a script, a style sheet, a font or a picture from another site is
a warning, which `mkdocs build --strict` makes an error.
"""

import logging
import re
from collections.abc import Iterator

import click

from photochrom.cli.main import main

COLUMNS = 80
MARK = "<!-- commands -->"
_LOADED = re.compile(r'<(?:script|img|iframe|source)\b[^>]*\ssrc="(?:https?:)?//[^"]*"')
_LINKED = re.compile(
    r'<link\b(?=[^>]*rel="(?:stylesheet|preconnect|preload|icon|prefetch)")'
    r'[^>]*\shref="(?:https?:)?//[^"]*"'
)
_log = logging.getLogger("mkdocs.hooks.photochrom")


def commands(
    command: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[tuple[str, str]]:
    """Yield each command's full name and its help text, a group before its subcommands."""
    settings = {"terminal_width": COLUMNS, "max_content_width": COLUMNS}
    context = click.Context(command, parent, name, **(command.context_settings | settings))
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for known in command.list_commands(context):
            child = command.get_command(context, known)
            if child is None:
                raise LookupError(f"{context.command_path} lists {known}, and does not have it")
            yield from commands(child, known, context)


def reference() -> str:
    """Write the command reference as Markdown: a heading and the help of each command."""
    parts = [
        f"## {name}\n\n```text\n{text.rstrip()}\n```" for name, text in commands(main, "photochrom")
    ]
    return "\n\n".join(parts)


def loaded_from_elsewhere(html: str) -> list[str]:
    """List the tags of a page that would load something from another site."""
    return [found.group() for rule in (_LOADED, _LINKED) for found in rule.finditer(html)]


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the command reference where a page asks for it."""
    return markdown.replace(MARK, reference()) if MARK in markdown else markdown


def on_post_page(output: str, page: object, **_: object) -> str:
    """Warn of whatever a page would load from another site."""
    for tag in loaded_from_elsewhere(output):
        _log.warning("%s loads from another site: %s", getattr(page, "file", page), tag)
    return output
