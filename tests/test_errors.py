"""Optional libraries that are missing, or that do not load."""

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from photochrom.cli.main import main
from photochrom.errors import MissingExtra, extra
from photochrom.storage import to_path
from photochrom.training.data.sources import find_photos
from photochrom.video import open_film

BROKEN = "that does not load here (libthing.so.1: cannot open shared object file): pip install"


def invoke(*words: object):
    return CliRunner().invoke(main, [str(word) for word in words])


def ray() -> None:
    from photochrom.batch.ray import ray_executor

    ray_executor("local", "vivid")


@pytest.mark.parametrize(
    ("library", "name", "use"),
    [
        ("cv2", "film", lambda path: open_film(path / "x.mp4")),
        ("upath", "remote", lambda path: to_path("s3://bucket")),
        ("ray", "ray", lambda path: ray()),
        ("datasets", "datasets", lambda path: find_photos("hf:some")),
    ],
)
def test_a_library_that_does_not_load_is_one_line(broken_import, tmp_path, library, name, use):
    broken_import(library)
    with pytest.raises(MissingExtra) as error:
        use(tmp_path)
    assert f"needs an extra {BROKEN} 'photochrom[{name}]'" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("library", "name", "words"),
    [
        ("uvicorn", "web", ("serve",)),
        ("photochrom.evaluation", "evaluate", ("evaluate", "vivid", "--data", "val")),
        ("photochrom.training", "train", ("train", "vivid", "--data", "val", "--out", "out")),
    ],
)
def test_a_command_whose_library_does_not_load_ends_with_one_line(
    broken_import, tmp_path, monkeypatch, library, name, words
) -> None:
    monkeypatch.chdir(tmp_path)
    broken_import(library)
    result = invoke(*words)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.endswith(f"needs an extra {BROKEN} 'photochrom[{name}]'\n")


@pytest.mark.parametrize(
    ("file", "library", "name"),
    [("b.pdf", "pypdfium2", "pdf"), ("b.dng", "rawpy", "raw"), ("b.mp4", "cv2", "film")],
)
def test_it_ends_one_picture_and_not_the_batch(
    broken_import, tmp_path, file, library, name
) -> None:
    (tmp_path / "in").mkdir()
    Image.fromarray(np.zeros((40, 50), np.uint8)).save(tmp_path / "in" / "a.png")
    (tmp_path / "in" / file).write_bytes(b"something")
    broken_import(library)
    result = invoke("colorize", tmp_path / "in", "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "1 done, 1 failed" in result.output
    assert f"failed: {tmp_path}/in/{file}: " in result.output
    assert f"needs an extra {BROKEN} 'photochrom[{name}]'\n" in result.output


def test_an_error_that_is_no_import_passes() -> None:
    with pytest.raises(ZeroDivisionError), extra("nothing", "film"):
        _ = 1 / 0


def test_an_import_that_fails_in_a_command_without_an_extra_is_a_defect(broken_import) -> None:
    broken_import("photochrom.inference")
    assert isinstance(invoke("models").exception, ImportError)
