"""One idea, one word: names in the package keep to the words of its fields."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import photochrom

ROOT = Path(photochrom.__file__).parent
INSTEAD = {
    "place places placed": "path, point, index or offset",
    "look looks": "view",
    "join joins joined joiner joining": "recombine, merge or concatenate",
    "spread spreads spreading": "propagate",
    "guides guiding spot spots mark marks": "suggestion, point or hint",
    "doubt doubts doubtful": "uncertainty",
    "proposal proposals alternative alternatives": "variant",
    "painter painters": "candidate",
    "paint paints painted painting": "predict or colorize",
    "kept reel reels part parts leaf leaves": "session, film job, segment or page",
    "settle settled settling": "recalibrate",
    "aged ageing": "degradation",
    "passes": "samples seen",
    "heart": "overfitting",
    "told moved advance": "on_progress",
    "claim claims claimed beat": "lock, heartbeat",
    "recipe stamp": "settings key, fingerprint",
    "change changed": "revision",
    "ending endings": "file extension",
    "folder folders": "directory",
    "kind kinds": "format",
    "most": "max_",
    "least": "min_",
    "colour colours coloured colouring colourfulness": "color",
    "centre centres": "center",
}
WORDS = {word: better for words, better in INSTEAD.items() for word in words.split()}
ALLOWED = {
    "aged": "a key of training configs",
    "settle": "a key of training configs",
    "centres": "an output of the ONNX files, and a buffer in checkpoints",
    "join": "a module in checkpoints",
    "joined": "a module in checkpoints",
    "place": "a module in checkpoints",
    "parts": "a module in checkpoints",
    "ending": "a keyword of the public Colorized.encode",
    "Coloured": "the older name of the public Colorized",
    "had_colour": "the older name of the public had_color",
    "colours": "the older name of the public Suggestion.colors",
}


def names(tree: ast.AST) -> Iterator[str]:
    """Name all that a file defines: functions, classes, arguments, variables, attributes."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.arg():
                yield node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr
            case ast.alias(asname=str()):
                yield node.asname


def words(name: str) -> set[str]:
    """Take snake_case and CamelCase apart."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def left(name: str) -> set[str]:
    """Give the words of a name that are to be left."""
    return set() if name in ALLOWED else words(name) & WORDS.keys()


@pytest.mark.parametrize("name", ["place_of", "mostPixels", "TheFolder", "_KINDS", "n_parts2"])
def test_words_are_found_in_any_spelling(name) -> None:
    assert left(name)


def test_names_keep_to_the_words_of_the_field() -> None:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        defined = {path.stem, *names(ast.parse(path.read_text(encoding="utf-8")))}
        for name in sorted(defined):
            found += [f"{file}: {name}: take {WORDS[word]}" for word in sorted(left(name))]
    assert not found, "\n".join(found)


def test_what_is_allowed_is_still_there() -> None:
    defined = {
        name
        for path in ROOT.rglob("*.py")
        for name in names(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert ALLOWED.keys() <= defined
