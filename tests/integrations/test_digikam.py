"""What the documentation gives digiKam to run, run as digiKam does: with $INPUT and $OUTPUT."""

import re
import shlex
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from PIL import Image

from photochrom.cli.main import main

PAGE = Path(__file__).parents[2] / "docs/guide/programs.md"


def test_the_script_of_the_page_replaces_digikams_output(tmp_path, monkeypatch, echo) -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## digiKam")[2]
    program, *words = shlex.split(re.search(r"```bash\n(.*?)\n```", text, re.DOTALL)[1])
    names = {"$INPUT": tmp_path / "my scan.jpg", "$OUTPUT": tmp_path / "queue/my scan.jpg"}
    names["$OUTPUT"].parent.mkdir()
    grey = np.tile(np.arange(40, 200, dtype=np.uint8), (96, 1))
    for path in names.values():  # digiKam makes the output's file first
        Image.fromarray(grey).save(path)
    before = names["$INPUT"].read_bytes()
    given = [str(names.get(word, word)) for word in words]
    result = CliRunner().invoke(main, [*given, "-m", str(echo)])
    assert (program, result.exit_code, result.output) == ("photochrom", 0, "")
    colored = np.asarray(Image.open(names["$OUTPUT"]))
    assert np.ptp(colored, axis=-1).mean() > 10
    assert names["$INPUT"].read_bytes() == before
