"""The documentation site: the command reference follows the commands, no page loads from afar."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import click
import pytest

import photochrom
from photochrom import errors
from photochrom.cli.main import main

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs/make/hooks.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_has_every_command_and_every_option(hooks: ModuleType) -> None:
    page = hooks.on_page_markdown("before\n\n<!-- commands -->\n")
    assert page.startswith("before")
    context = click.Context(main, info_name="photochrom")
    for name in main.list_commands(context):
        assert f"## photochrom {name}\n" in page
        command = main.get_command(context, name)
        assert command
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert parameter.opts[0] in page
    assert "## photochrom digits train\n" in page


def test_a_page_without_the_mark_stays_as_it_is(hooks: ModuleType) -> None:
    assert hooks.on_page_markdown("# Films\n") == "# Films\n"


@pytest.mark.parametrize(
    "tag",
    [
        '<script async src="https://cdn.example/x.js"></script>',
        '<img alt="x" src="//images.example/x.png">',
        '<link rel="stylesheet" href="https://fonts.example/css">',
        '<link href="https://fonts.example" rel="preconnect">',
    ],
)
def test_what_a_page_loads_from_another_site_is_found(hooks: ModuleType, tag: str) -> None:
    assert len(hooks.loaded_from_elsewhere(f"<p>{tag}</p>")) == 1


def test_links_and_own_files_load_nothing_from_another_site(hooks: ModuleType) -> None:
    page = '<a href="https://example.org">x</a><img src="images/x.jpg"><link rel="canonical"'
    assert hooks.loaded_from_elsewhere(page + ' href="https://example.org/">') == []


def test_every_page_of_the_site_is_in_its_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]
    assert pages
    assert [page for page in pages if page not in text] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_what_a_page_beside_the_readme_links_to_is_there(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / name).read_text(encoding="utf-8"))
    assert name != "README.md" or len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_each_command_of_how_to_fix_a_wrong_colour_has_its_picture() -> None:
    page = (ROOT / "docs/guide/wrong-colour.md").read_text(encoding="utf-8")
    written = re.findall(r"^photochrom .* -o (\S+)", page, re.MULTILINE)
    shown = re.findall(r"images/wrong-colour/([^)]+)\)", page)
    assert written == shown
    assert [name for name in shown if not (ROOT / "docs/images/wrong-colour" / name).exists()] == []


def test_the_python_page_has_every_public_name() -> None:
    page = (ROOT / "docs/reference/python.md").read_text(encoding="utf-8")
    assert "::: photochrom.errors\n" in page
    shown = set(re.findall(r"^::: photochrom\.(\w+)$", page, re.MULTILINE)) | set(vars(errors))
    assert set(photochrom.__all__) - shown == {"Coloured"}
    assert "`Coloured` is `Colorized`" in page
