"""The site without a server: its files, and what is said where it cannot be made."""

import io
import json
import posixpath
import re
import urllib.error
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpers import echo_model
from photochrom import PhotochromError
from photochrom.cli.main import main
from photochrom.inference.model import Model
from photochrom.web import site
from photochrom.web.page import STATIC

ENGINE = Path(site.__file__).parent / "offline"
OF_FILMS = {"film", "shots", "still", "things", "thing", "frame"}
OTHERS = {"wipe", "beginFilm", "stopFilm", "filmAddress", "filmProject", *OF_FILMS}
"""What the studio asks a server for alone: clips and films."""


def test_a_site_is_written_with_all_that_it_needs(tmp_path, stub, echo) -> None:
    out = tmp_path / "public"
    words = ["site", str(out), "-m", str(echo), "--runtime", str(stub)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r".*public: 72 files, \d+\.\d MB\n", result.output)
    assert (out / "model.onnx").read_bytes() == echo.read_bytes()
    kept = json.loads(re.search(r"FILES = (\[.*\]);", (out / "sw.js").read_text())[1])
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert set(kept) == {"./", *files} - {"sw.js"}
    for name in files:
        if name.endswith((".js", ".html", ".css")):
            text = (out / name).read_text(encoding="utf-8")
            assert not re.search(r"https?://", text), f"{name} names another host"
            for local in re.findall(r'(?:from|src=|href=|URL\() ?"([^"#{]+)"', text):
                found = posixpath.normpath(posixpath.join(posixpath.dirname(name), local))
                assert found in {*files, "runtime"}, f"{name} names {local}"
    assert json.loads((out / "manifest.webmanifest").read_text())["start_url"] == "./"


def test_what_is_wrong_is_told_and_nothing_is_written(tmp_path, stub, monkeypatch) -> None:
    run = CliRunner().invoke
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    output = run(main, ["site", str(tmp_path / "full"), "--runtime", str(stub)]).output
    assert "full: not an empty folder; give another, or empty it" in output
    output = run(main, ["site", str(tmp_path / "a"), "--runtime", str(tmp_path / "full")]).output
    assert "ort.wasm.min.mjs" in output
    assert "not there; give the folder dist of what npm pack onnxruntime-web@" in output

    def unreachable(address, timeout):
        raise urllib.error.URLError("no route")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    output = run(main, ["site", str(tmp_path / "a")]).output
    assert "cannot be fetched (<urlopen error no route>); add --runtime DIR" in output
    monkeypatch.setattr("urllib.request.urlopen", lambda address, timeout: io.BytesIO(b"other"))
    output = run(main, ["site", str(tmp_path / "a")]).output
    assert "what npm gave is not ONNX Runtime Web 1.20.1; add --runtime DIR" in output
    assert not (tmp_path / "a").exists()
    with pytest.raises(PhotochromError, match=r"pass runtime=DIR"):
        site.make(tmp_path / "a")


def test_a_model_with_no_hints_can_be_taken(tmp_path, stub) -> None:
    model = echo_model.write(tmp_path / "plain.onnx", hints=False)
    assert site.make(tmp_path / "public", str(model), stub)


def test_it_is_the_studio_with_another_engine_behind_its_api(tmp_path, stub, echo) -> None:
    site.make(tmp_path / "public", str(echo), stub)
    for path in STATIC.rglob("*"):
        name = path.relative_to(STATIC).as_posix()
        if path.is_file() and path.name not in site._SERVER_ONLY:
            assert (tmp_path / "public/static" / name).read_bytes() == path.read_bytes()
    page = (tmp_path / "public/index.html").read_text(encoding="utf-8")
    studio = (STATIC / "index.html").read_text(encoding="utf-8").partition("<header>")[2]
    body = page.partition("<header>")[2]
    assert re.sub(r'data-\w+="[^"]*"', "", body) == re.sub(r'data-\w+="[^"]*"', "", studio)
    assert not re.search(r"\{\w+\}", page)


def test_the_engine_gives_all_that_the_studio_asks_for() -> None:
    given, server = (
        set(re.findall(r"^export (?:async )?(?:const|function) (\w+)", text, re.MULTILINE))
        for text in ((where / "api.js").read_text() for where in (ENGINE, STATIC))
    )
    assert server - given == OTHERS
    texts = [path.read_text() for path in STATIC.glob("*.js") if path.name != "api.js"]
    asked = {name for text in texts for name in re.findall(r"\bapi\.(\w+)\b(?!\.js)", text)}
    asked -= {"js"}
    assert asked <= given | OTHERS
    assert given - asked <= {"answers"}  # by its own name


def test_constants_that_the_engine_names_are_given_to_it() -> None:
    known = site.constants(Model("vivid", threads=1))
    for path in ENGINE.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        for module, name in re.findall(r"\b([A-Z]{3,})\.([A-Z_]+)\b", text):
            assert name in known[module], f"{path.name}: {module}.{name}"
        for names, module in re.findall(r"const \{([\w ,]+)\} = ([A-Z]+)[;,]", text):
            assert set(names.replace(" ", "").split(",")) <= set(known[module]), path.name
