"""What the library says, in the words of the command; and that every message is fit to be read."""

import csv
import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from photochrom.batch import report as reports
from photochrom.batch.naming import Job
from photochrom.batch.outcome import Report
from photochrom.cli.main import main
from photochrom.cli.messages import in_flags
from photochrom.errors import MissingExtra

ROOT = Path(__file__).parents[2]
FLAG = re.compile(r"(?:^|[\s'(])(--[a-z][\w-]*|-[a-z])(?![\w-])")
SHELL = (
    "ray start --head",
    "photochrom doctor",
    "photochrom info FILM --still still.png",
    "openssl pkey -in {key} -out new.pem",
)
"""What is typed in a shell in any case."""


def collector():
    path = ROOT / "docs/make/messages.py"
    spec = importlib.util.spec_from_file_location("messages", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MESSAGES = collector().messages()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "x: exists; pass overwrite=True to replace it",
            "x: exists; add --overwrite to replace it",
        ),
        ("pass out=PATH to write elsewhere", "add -o PATH to write elsewhere"),
        ("it would replace it; pass another out=PATH", "it would replace it; give another -o PATH"),
        ("name it .tif, or pass extension=.tif", "name it .tif, or add --format tif"),
        ("pass name='{stem}-{ext}' to tell", "add --name '{stem}-{ext}' to tell"),
        ("pass jpeg_quality=80, or less", "add --jpeg-quality 80, or less"),
        ("unknown; see photochrom.list_models()", "unknown; see: photochrom models"),
        ("overwrite=True.jpg: there is no such file", "overwrite=True.jpg: there is no such file"),
    ],
)
def test_keywords_become_flags(said, told) -> None:
    assert in_flags(said) == told


def test_a_library_speaks_of_keywords_and_the_command_of_flags() -> None:
    for one in MESSAGES:
        text = one.text
        for command in SHELL:
            text = text.replace(command, "")
        if one.package not in ("cli", "web") or one.file == "web/site.py":
            assert not FLAG.findall(text), one
            assert "photochrom " not in text, one
        else:
            assert " pass " not in text, one


def test_every_message_is_one_plain_line() -> None:
    assert len(MESSAGES) > 150
    for one in MESSAGES:
        assert "\n" not in one.text, one
        assert not re.search(r"(?<!there )\b(is|are|be) no\b", one.text), one
        assert not one.text.endswith("."), one
        assert "  " not in one.text, one


def test_the_page_holds_them_all() -> None:
    page = collector().page()
    for one in MESSAGES:
        assert f"- `` {one.text} ``" in page
    assert "## Pictures\n" in page
    assert "{target}: exists already; pass overwrite=True to replace it" in page


def test_the_report_of_the_command_speaks_of_flags(tmp_path, echo) -> None:
    (tmp_path / "in").mkdir()
    grey = Image.fromarray(np.zeros((40, 50), np.uint8))
    for name in ("a.png", "a.jpg", "b.png"):
        grey.save(tmp_path / "in" / name)
    words = ["colorize", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "-m", str(echo)]
    words += ["--format", "png", "--report", str(tmp_path / "report.csv"), "--json"]
    result = CliRunner().invoke(main, words)
    wanted = "add --name '{stem}-{ext}' to tell them apart"
    objects = [json.loads(line) for line in result.stdout.splitlines()]
    assert sum(wanted in one["reason"] for one in objects) == 2
    with (tmp_path / "report.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(wanted in row["reason"] for row in rows) == 2
    assert "pass name" not in result.output


def test_a_picture_that_cannot_be_shown_stands_in_the_report(tmp_path, monkeypatch) -> None:
    def missing(*_: object) -> None:
        raise MissingExtra("PDF", "pdf")

    monkeypatch.setattr(reports, "_small", missing)
    job = Job(tmp_path / "a.png", tmp_path / "out.png")
    reports.write(Report(done=[job]), tmp_path / "report.html")
    assert "PDF needs an extra" in (tmp_path / "report.html").read_text()
