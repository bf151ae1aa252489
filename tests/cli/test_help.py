"""Help texts: of every command, at 80 columns; and what a new user types first."""

import re
import shlex
from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner

from photochrom.cli import help as texts
from photochrom.cli.main import main


def every_command(group=main, path=()):
    """Give each command below a group by the words that call it; the group first."""
    yield path, group
    if isinstance(group, click.Group):
        for name in group.list_commands(click.Context(group)):
            command = group.get_command(click.Context(group), name)
            yield from every_command(command, (*path, name))


COMMANDS = dict(every_command())
NAMES = [" ".join(path) or "photochrom" for path in COMMANDS]
EACH = pytest.mark.parametrize("path", COMMANDS, ids=NAMES)


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def options(path):
    return [one for one in COMMANDS[path].params if isinstance(one, click.Option)]


def test_all_commands_are_there() -> None:
    assert len(COMMANDS) == 18
    assert ("digits", "predict") in COMMANDS


@EACH
def test_help_fits_eighty_columns(path) -> None:
    result = run(*path, "--help")
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 80
    assert "\\b" not in result.output
    assert result.output == run("help", *path).output


@EACH
def test_every_option_has_a_sentence_and_a_group(path) -> None:
    for one in options(path):
        assert re.fullmatch(r"[A-Z].*\w.*\.", one.help, re.DOTALL), one.opts
        assert one.is_flag or one.make_metavar(click.Context(COMMANDS[path])).isprintable()
        if "--version" not in one.opts or path:  # the group's own options are two
            assert one.group, one.opts
            assert f"\n{one.group}:\n" in run(*path, "--help").output


def test_groups_stand_in_their_order_and_the_rest_last() -> None:
    found = re.findall(r"^(\w+):$", run("colorize", "--help").output, re.MULTILINE)
    assert found == ["Output", "Colours", "Films", "Hints", "Folders", "Speed", "Other"]


def test_a_group_without_a_first_column_that_fits_is_written() -> None:
    formatter = click.HelpFormatter(width=78)
    rows = [("--an-option-that-is-longer-than-the-column", "Sentence.")]
    texts.write_sections(formatter, {"One": rows, "Two": [("-x", "Another.")]})
    assert formatter.getvalue().splitlines()[-1] == "  -x  Another."


@EACH
def test_examples_are_commands(path) -> None:
    """Each example is understood, word for word, by the command that it calls."""
    lines = re.findall(r"^ {4}photochrom (.*)$", run(*path, "--help").output, re.MULTILINE)
    assert lines or path in ((), ("digits",), ("models",))
    for line in lines:
        words = shlex.split(line.replace("$(", "").replace(")", ""))
        words = words[: words.index("<")] if "<" in words else words
        if words[-1] == "--help":
            continue
        called = tuple(words[:2]) if tuple(words[:2]) in COMMANDS else tuple(words[:1])
        context = COMMANDS[called].make_context(called[-1], words[len(called) :])
        assert context.command is COMMANDS[called]


def test_a_help_loads_nothing_that_its_command_needs(monkeypatch) -> None:
    monkeypatch.setattr("photochrom.cli.digits._import_quietly", pytest.fail)
    assert "Read the digit in each" in run("digits", "predict", "--help").output


def test_examples_stand_a_line_each() -> None:
    assert "\n    photochrom colorize grandma.jpg\n" in run("colorize", "--help").output


def test_alone_it_says_what_to_type_first() -> None:
    result = run()
    assert result.exit_code == 0
    assert "Type one of these first:\n  photochrom colorize grandma.jpg " in result.output
    assert max(map(len, result.output.splitlines())) <= 80


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(option) -> None:
    assert run(option).output == f"photochrom, version {version('photochrom')}\n"


def test_completion_is_described_and_given(monkeypatch) -> None:
    command = re.search(r'eval "\$\((\w+)=(\w+) photochrom\)"', run("--help").output)
    assert command, "not described"
    monkeypatch.setenv(*command.groups())
    assert "_photochrom_completion" in CliRunner().invoke(main, prog_name="photochrom").output


@pytest.mark.parametrize("word", ["colour", "color"])
def test_both_spellings_are_one(word) -> None:
    context = COMMANDS[("colorize",)].make_context("colorize", ["x.jpg", f"--keep-{word}"])
    assert context.params["keep_color"]
    assert "Usage" in run(f"{word}ize", "--help").output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("colorise x", "no command 'colorise' (did you mean colorize?); see: photochrom --help"),
        ("xyz", "no command 'xyz'; see: photochrom --help"),
        ("'my cat.jpg'", "to colour a picture: photochrom colorize 'my cat.jpg'"),
    ],
)
def test_what_is_no_command_is_told_with_what_to_type(words, message) -> None:
    result = run(*shlex.split(words))
    assert result.exit_code == 2
    assert message in result.output
