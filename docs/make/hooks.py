"""Hooks of MkDocs: parts of pages that are made from the code, and no page that fetches anything.

In a page, `<!-- commands -->` becomes the help of every command, as `photochrom COMMAND --help`
prints it, `<!-- endpoints -->` the server's table of endpoints, `<!-- layers -->` the order in
which packages may import each other, and `<!-- trace -->` and `<!-- messages -->` what
`python docs/make/trace.py` and `messages.py` print.

Every notebook becomes a page, with what its cells showed (`docs/make/notebooks.py`).

A page that would load a script, a style sheet, a font or a picture from another site is a warning,
which `mkdocs build --strict` makes an error.
"""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from photochrom.cli.main import main

ROOT = Path(__file__).parents[2]
COLUMNS = 80
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


def endpoints() -> str:
    """Write the server's table of endpoints as Markdown."""
    from photochrom.web.film_routes import FilmRoutes
    from photochrom.web.job_routes import JobRoutes
    from photochrom.web.routes import make_endpoints
    from photochrom.web.service import Service
    from photochrom.web.settings import Settings

    service = Service(Settings())
    films, jobs = FilmRoutes(service), JobRoutes(service)
    rows = [
        f"| `{one.method} {one.path}` | {one.summary} |"
        for one in make_endpoints(service, films, jobs)
        if one.documented
    ]
    service.close()
    films.close()
    return "\n".join(["| method and path | what it does |", "|---|---|", *rows])


def layers() -> str:
    """Read from the test that holds it in which order packages may import each other."""
    text = (ROOT / "tests/test_layers.py").read_text(encoding="utf-8")
    found = re.search(r'^LAYERS = """\n(.*?)^"""', text, re.DOTALL | re.MULTILINE)
    if not found:
        raise LookupError("tests/test_layers.py has no LAYERS")
    lines = [line.strip() for line in found.group(1).splitlines()]
    return "```text\n" + "\n".join(lines) + "\n```"


def trace() -> str:
    """Print the modules that one photograph passes, as a block of text."""
    return f"```text\n{_printed('trace.py')}\n```"


def messages() -> str:
    """List every message, by packages."""
    return _printed("messages.py")


def _printed(name: str) -> str:
    command = [sys.executable, str(Path(__file__).with_name(name))]
    shown = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    return shown.rstrip()


def loaded_from_elsewhere(html: str) -> list[str]:
    """List the tags of a page that would load something from another site."""
    return [found.group() for rule in (_LOADED, _LINKED) for found in rule.finditer(html)]


MADE = {
    "<!-- commands -->": reference,
    "<!-- endpoints -->": endpoints,
    "<!-- layers -->": layers,
    "<!-- trace -->": trace,
    "<!-- messages -->": messages,
}


def notebook(path: Path) -> str:
    """Write a notebook as Markdown: its text, its cells, and what is stored that they showed."""
    parts = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
        parts += [_shown(output["data"]) for output in cell.get("outputs", ())]
    link = f"\n\n[This page as a notebook]({path.name})"
    return "\n\n".join(parts).replace("\n", f"{link}\n", 1)


def _shown(data: dict[str, str]) -> str:
    if "text/html" in data:
        return f"<div>{data['text/html'].replace(chr(10), '')}</div>"
    if "image/png" in data:
        return f'<img src="data:image/png;base64,{data["image/png"]}" alt="What the cell shows">'
    return f"```text\n{data['text/plain']}\n```"


def on_files(files: Files, config: MkDocsConfig, **_: object) -> Files:
    """Add a page for each notebook."""
    for path in sorted((ROOT / "docs/notebooks").glob("*.ipynb")):
        name = f"notebooks/{path.stem}.md"
        files.append(File.generated(config, name, content=notebook(path)))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put what is made from the code where a page asks for it."""
    for mark, make in MADE.items():
        if mark in markdown:
            markdown = markdown.replace(mark, make())
    return markdown


def on_post_page(output: str, page: object, **_: object) -> str:
    """Warn of whatever a page would load from another site."""
    for tag in loaded_from_elsewhere(output):
        _log.warning("%s loads from another site: %s", getattr(page, "file", page), tag)
    return output
