"""Help texts: options in groups, 80 columns; and both spellings of colour in option names."""

import re
from functools import partial
from typing import Any

import click
from click.types import OptionHelpExtra

OUTPUT, COLORS, HINTS, FILMS = "Output", "Colours", "Hints", "Films"
DIRECTORIES, SPEED, DATA, OTHER = "Folders", "Speed", "Data", "Other"
"""Groups of options, as they are headed in the help."""
_EXAMPLE = re.compile(r"Examples:\n\s*(.+)")
_FIRST_COLUMN = 30  # characters, at most; longer options have a line of their own


class Option(click.Option):
    """An option that stands in a group of the help."""

    def __init__(self, *arguments: Any, group: str = OTHER, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.group = group

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """Say the default, in its own words where it has some; bounds are told by the sentence."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        if isinstance(self.show_default, str):
            extra["default"] = self.show_default
        return extra


class Command(click.Command):
    """A command whose help shows its options in groups, in the order of their first options."""

    def __init__(self, name: str | None, **keywords: Any) -> None:
        super().__init__(name, **keywords)
        self.context_settings.setdefault("token_normalize_func", one_spelling)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command line; where one is missing, show an example."""
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter as error:
            if not isinstance(error.param, click.Argument):
                raise
            raise missing(error.param, ctx) from error

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section of each group; the last holds what belongs to none."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in self.get_params(ctx):
            record = one.get_help_record(ctx) if isinstance(one, click.Option) else None
            if record:
                groups.setdefault(getattr(one, "group", OTHER), []).append(record)
        groups[OTHER] = groups.pop(OTHER)  # which holds --help, and stands last
        write_sections(formatter, groups)


def missing(argument: click.Parameter, ctx: click.Context) -> click.UsageError:
    """Give the error of a command that lacks an argument, with its first example."""
    example = _EXAMPLE.search(ctx.command.help or "")
    advice = f"type such as: {example[1]}" if example else "see --help"
    return click.UsageError(f"{argument.make_metavar(ctx)} missing; {advice}", ctx)


def write_sections(
    formatter: click.HelpFormatter, sections: dict[str, list[tuple[str, str]]]
) -> None:
    """Write sections of two columns each, whose second columns stand below one another."""
    firsts = [first for rows in sections.values() for first, _ in rows]
    width = max(len(first) for first in firsts if len(first) <= _FIRST_COLUMN)
    for title, rows in sections.items():
        with formatter.section(title):
            formatter.write_dl([(first.ljust(width), second) for first, second in rows])


def one_spelling(word: str) -> str:
    """Let both spellings of an option's name be one: --keep-colour is --keep-color."""
    return word.replace("colour", "color")


option = partial(click.option, cls=Option)
"""`click.option` that takes the `group` in which the help shows it."""
