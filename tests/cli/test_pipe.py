"""One picture through a pipe."""

import io
import subprocess
import sys

import numpy as np
import pytest
import skimage.data
from click.testing import CliRunner
from PIL import Image

from photochrom.cli import pipe
from photochrom.cli.main import main

GREY = skimage.data.astronaut()[:90, :120, 0]


def encoded(pixels, kind="png", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def colorize(echo, *arguments, given=b""):
    return CliRunner().invoke(main, ["colorize", "-m", str(echo), *arguments], input=given)


def opened(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def test_a_picture_goes_through_a_pipe(echo, tmp_path) -> None:
    source, target = tmp_path / "in.png", tmp_path / "out.png"
    source.write_bytes(encoded(GREY))
    command = [sys.executable, "-m", "photochrom", "colorize", "-m", str(echo), "-"]
    with source.open("rb") as file:
        found = subprocess.run([*command, "--format", "png"], stdin=file, capture_output=True)
    assert (found.returncode, found.stderr) == (0, b"")
    assert colorize(echo, str(source), "-o", str(target)).exit_code == 0
    assert found.stdout == target.read_bytes()


def test_one_end_may_be_a_file(echo, tmp_path) -> None:
    source, target = tmp_path / "in.png", tmp_path / "out.jpg"
    source.write_bytes(encoded(GREY))
    result = colorize(echo, str(source), "-o", "-")
    assert Image.open(io.BytesIO(result.stdout_bytes)).format == "JPEG"
    result = colorize(echo, "-", "-o", str(target), given=source.read_bytes())
    assert (result.exit_code, result.output) == (0, "")
    assert opened(target.read_bytes()).shape == (90, 120, 3)
    again = colorize(echo, "-", "-o", str(target), given=source.read_bytes())
    assert f"{target}: exists already; add --overwrite" in again.stderr
    again = colorize(echo, "-", "-o", str(target), "--overwrite", given=source.read_bytes())
    assert again.exit_code == 0


def test_its_options_are_taken(echo) -> None:
    plain = colorize(echo, "-", "--format", "png", given=encoded(GREY)).stdout_bytes
    hint = ["--hint", "60,45,#2c4a7c"]
    hinted = colorize(echo, "-", *hint, "--format", "png", given=encoded(GREY)).stdout_bytes
    assert (opened(plain) != opened(hinted)).any()
    assert b"Photochrom" in colorize(echo, "-", given=encoded(GREY)).stdout_bytes
    assert b"Photochrom" not in colorize(echo, "-", "--no-note", given=encoded(GREY)).stdout_bytes
    options = ["--format", "png", "--strength", "0"]
    faint = colorize(echo, "-", *options, given=encoded(GREY)).stdout_bytes
    assert np.ptp(opened(faint).astype(int), axis=2).max() <= 1


def test_colours_that_are_dropped_are_told(echo) -> None:
    result = colorize(echo, "-", given=encoded(skimage.data.astronaut()[:90, :120]))
    assert result.stderr == "note: the picture had colours of its own; they were dropped\n"


@pytest.mark.parametrize(
    ("arguments", "given", "code", "words"),
    [
        (["-"], b"", 1, "the picture: the file is empty"),
        (["-"], b"text " * 9, 1, "the picture: the file is not a picture"),
        (["-", "x.jpg"], b"", 2, "- is for one picture, not for 2"),
        (["-", "--jobs", "2"], b"", 2, "pipe; leave --jobs out"),
        (["-", "--proposals", "2"], b"", 2, "pipe; leave --variants out"),
        (["-", "--watch"], b"", 2, "pipe; leave --watch out"),
        (["-", "--keep-colour"], b"", 2, "pipe; leave --keep-colour out"),
        (["no.jpg", "-o", "-"], b"", 1, "no.jpg: there is no such file"),
        ([".", "-o", "-"], b"", 2, ".: a pipe is for a file of this machine; give one"),
        (["memory://x.jpg", "-o", "-"], b"", 2, "a pipe is for a file of this machine; give one"),
        (["-", "--hint", "1,2,rad"], b"", 1, "'rad' is not a valid colour"),
        (["-", "-o", "x.bmp"], encoded(GREY), 1, "x.bmp: cannot write .bmp"),
        (["-", "--pyramid"], encoded(GREY), 1, "standard output: a pyramid is a TIFF"),
    ],
)
def test_what_is_wrong_is_one_line(echo, arguments, given, code, words) -> None:
    result = colorize(echo, *arguments, given=given)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr


def test_pages_go_through_where_the_format_holds_them(echo) -> None:
    album = encoded(GREY, "tiff", save_all=True, append_images=[Image.fromarray(GREY)])
    result = colorize(echo, "-", given=album)
    assert "standard output: this format holds one page only" in result.stderr
    result = colorize(echo, "-", "--format", "tif", given=album)
    assert Image.open(io.BytesIO(result.stdout_bytes)).n_frames == 2


def test_a_terminal_is_spared(monkeypatch) -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(pipe.sys, "stdout", Terminal())
    with pytest.raises(pipe.click.UsageError, match="would go to this terminal"):
        pipe.colorize(None, pipe.STANDARD, None, None, None, None)
