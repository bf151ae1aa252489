"""Pictures at addresses: in memory, in a ZIP, and on a real S3 server on this machine."""

import io
import json
import os
import subprocess
import sys
import time
import zipfile

import boto3
import numpy as np
import pytest
import skimage.data
from click.testing import CliRunner
from moto.server import ThreadedMotoServer
from PIL import Image
from s3fs import S3FileSystem
from upath import UPath

from photochrom import Colorizer, Limits, storage
from photochrom.batch import journal, runner
from photochrom.batch.plan import plan as make_plan
from photochrom.cli.main import main
from photochrom.color.spaces import samples_to_lightness
from photochrom.errors import ImageError

GREY = skimage.data.astronaut()[:96, :128, 0]


def png(pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


@pytest.fixture
def memory():
    root = UPath("memory://archive")
    for number, name in enumerate(("1.png", "more/2.png", "more/3.png")):
        (root / "scans" / name).write_bytes(png(np.roll(GREY, 9 * number)))
    yield root
    root.fs.rm("/archive", recursive=True)


@pytest.fixture(scope="module")
def s3():
    """The address of a bucket."""
    with pytest.MonkeyPatch.context() as patch:
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
        server.start()
        address = "http://{}:{}".format(*server.get_host_and_port())
        for name, value in (
            ("AWS_ENDPOINT_URL", address),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ):
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="archive")
        S3FileSystem.clear_instance_cache()  # those of another server
        yield UPath("s3://archive")
        server.stop()


def colorize(*arguments: object):
    return CliRunner().invoke(main, ["colorize", *map(str, arguments)])


def is_coloured(path) -> None:
    with Image.open(io.BytesIO(path.read_bytes())) as picture:
        pixels = np.asarray(picture)
    assert np.ptp(pixels.astype(int), axis=2).mean() > 5
    assert pixels.shape == (*GREY.shape, 3)


def test_a_tree_in_memory_is_mirrored_and_resumed(memory) -> None:
    out = memory / "colour"
    result = colorize(memory / "scans", "-o", out)
    assert result.exit_code == 0, result.output
    assert result.output.endswith("3 done\n")
    for name in ("1.png", "more/2.png", "more/3.png"):
        is_coloured(out / name)
    before = (out / "1.png").stat()
    assert "3 skipped" in colorize(memory / "scans", "-o", out).output
    (memory / "scans" / "1.png").write_bytes(png(GREY[::-1]))
    (out / "more" / "3.png").unlink()
    assert "2 done, 1 skipped" in colorize(memory / "scans", "-o", out).output
    assert (out / "1.png").stat() != before


def test_outputs_may_lie_among_the_inputs(memory) -> None:
    for ends in ("3 done\n", "0 done, 3 skipped (exist already; --overwrite replaces them)\n"):
        result = colorize(memory / "scans", "-o", memory / "scans" / "colour")
        assert result.output.endswith(ends)


@pytest.mark.parametrize("out", ["memory://archive/colour", "memory://archive/colour/"])
def test_a_directory_of_this_machine_is_mirrored_in_memory(memory, tmp_path, out) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "1.png").write_bytes(png(GREY))
    (tmp_path / "more" / "2.png").write_bytes(png(GREY))
    result = colorize(tmp_path, "-o", out)
    assert result.stdout == "2 done\n"
    is_coloured(memory / "colour" / "more" / "2.png")
    assert colorize(tmp_path / "1.png", "-o", out.rstrip("/") + "/one/").exit_code == 0
    is_coloured(memory / "colour" / "one" / "1.png")


def test_the_root_of_a_store_may_be_the_output(memory, tmp_path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "9.png").write_bytes(png(GREY))
    for out in ("memory://", "memory:///"):
        result = colorize(tmp_path, "-o", out)
        assert result.exit_code == 0, result.output
    is_coloured(memory / "9.png")
    memory.fs.rm(f"/{journal.NAME}")


def test_given_limits_bound_what_is_fetched(memory, tmp_path) -> None:
    plan = make_plan([memory / "scans"], tmp_path / "out")
    crew = runner.threads(Colorizer(), limits=Limits(bytes=10))
    report = runner.run(plan, Colorizer().model.path, crew)
    told = [reason.split(" bytes")[1] for _, reason in report.failed]
    assert told == 3 * [", the limit is 10; make it smaller"]
    assert report.done == []
    with pytest.raises(ImageError, match="the limit is 10"):
        runner.variants(
            make_plan([memory / "scans/1.png"], None), Colorizer(), 2, limits=Limits(bytes=10)
        )


def test_a_local_run_gives_the_same_bytes(memory, tmp_path) -> None:
    (tmp_path / "1.png").write_bytes((memory / "scans" / "1.png").read_bytes())
    assert colorize(tmp_path / "1.png", "-o", tmp_path / "out.png").exit_code == 0
    assert colorize(memory / "scans" / "1.png", "-o", memory / "out.png").exit_code == 0
    assert (memory / "out.png").read_bytes() == (tmp_path / "out.png").read_bytes()


def test_pictures_come_out_of_a_zip(tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "scans.zip", "w") as file:
        file.writestr("album/1.png", png(GREY))
    result = colorize(f"zip://::{tmp_path}/scans.zip", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    is_coloured(tmp_path / "out" / "album" / "1.png")
    refused = colorize(f"zip://::{tmp_path}/scans.zip", "-o", f"zip://::{tmp_path}/scans.zip")
    assert refused.exit_code == 1
    assert "Traceback" not in refused.output


def test_a_bucket_to_a_bucket_with_a_report_and_a_resume(s3, tmp_path) -> None:
    for number in range(3):
        (s3 / "scans" / f"{number}.png").write_bytes(png(np.roll(GREY, number)))
    (s3 / "scans" / "letter.png").write_bytes(b"Dear grandmother")
    report = tmp_path / "report.json"
    result = colorize("s3://archive/scans", "-o", "s3://archive/colour", "--report", report)
    assert result.exit_code == 1
    assert "failed: s3://archive/scans/letter.png: the file is not a picture" in result.output
    assert "3 done, 1 failed" in result.output
    for number in range(3):
        is_coloured(s3 / "colour" / f"{number}.png")
    assert (s3 / "colour" / journal.NAME).exists()
    states = [entry["state"] for entry in json.loads(report.read_text())]
    assert sorted(states) == ["done", "done", "done", "failed"]
    (s3 / "scans" / "1.png").write_bytes(png(GREY[:, ::-1]))
    again = colorize("s3://archive/scans", "-o", "s3://archive/colour")
    assert "1 done, 2 skipped" in again.output


def test_from_a_bucket_home_and_a_single_picture_there(s3, tmp_path) -> None:
    (s3 / "one.png").write_bytes(png(GREY))
    assert colorize("s3://archive/one.png", "-o", tmp_path / "one.png").exit_code == 0
    painted = np.asarray(Image.open(tmp_path / "one.png"))
    assert np.abs(samples_to_lightness(painted) - samples_to_lightness(GREY)).mean() < 0.25
    assert colorize(tmp_path / "one.png", "-o", "s3://archive/two.jpg").exit_code == 0
    is_coloured(s3 / "two.jpg")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("s3x://bucket/scans", "s3x://bucket/scans: cannot be reached (Unsupported filesystem"),
        ("memory://nothing/here.png", "memory://nothing/here.png: there is no such file"),
        ("s3://no-such-bucket/scans/1.png", "s3://no-such-bucket/scans/1.png: "),
    ],
)
def test_a_wrong_address_is_one_line(s3, tmp_path, address, words) -> None:
    result = colorize(address, "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert words in result.output
    assert "Traceback" not in result.output


@pytest.fixture
def no_server(monkeypatch):
    """An address where no server is, for this test alone."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    S3FileSystem.clear_instance_cache()
    yield
    S3FileSystem.clear_instance_cache()


def test_a_server_that_is_not_there_is_one_line(no_server, tmp_path) -> None:
    result = colorize("s3://elsewhere/1.png", "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert "s3://elsewhere/1.png: cannot be reached (Could not connect" in result.output


def test_copies_do_not_stay(memory, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert colorize(memory / "scans", "-o", memory / "colour").exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_watching_is_for_this_machine(memory) -> None:
    result = colorize(memory / "scans", "-o", memory / "colour", "--watch")
    assert result.exit_code == 2
    assert "is for folders of this machine; give one, not an address" in result.output


def test_a_change_is_noticed_and_a_missing_file_named(memory, tmp_path) -> None:
    path = memory / "scans" / "1.png"
    before = storage.revision(path)
    path.write_bytes(b"other")
    assert storage.revision(path) != before
    with pytest.raises(ImageError, match=r"nothing\.png: there is no such file"):
        storage.revision(tmp_path / "nothing.png")


def test_a_zip_takes_no_outputs(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("scans.zip", "w") as file:
        file.writestr("album/1.png", png(GREY))
    result = colorize("zip://album/1.png::scans.zip")
    assert result.exit_code == 1
    assert "nothing can be written there; " in result.output


def test_a_report_goes_to_an_address_and_hints_come_from_here(memory, tmp_path) -> None:
    report = memory / "report.csv"
    assert colorize(memory / "scans", "-o", tmp_path, "--report", report).exit_code == 0
    assert report.read_text().count("\ndone,") == 3
    assert not (tmp_path / "memory:").exists()
    for option in ("--hints", "--reference"):
        result = colorize(memory / "scans", "-o", tmp_path, option, "s3://archive/x")
        assert "s3://archive/x is an address; give a file of this machine" in result.output


def test_a_file_beyond_the_limit_is_not_brought_here(memory, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = memory / "scans" / "1.png"
    size = path.stat().st_size
    for most in (size - 1, 10):
        with (
            pytest.raises(ImageError, match=f"the file has {size:,} bytes, the limit is {most:,};"),
            storage.local_copy(path, most),
        ):
            pass
    with storage.local_copy(path, size) as copy:
        assert copy.stat().st_size == size
        assert copy.parent.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_copies_of_a_killed_run_are_removed_and_those_of_others_stay(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = "import os; from photochrom.storage import spool\nwith spool(): os._exit(1)"
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"TMPDIR": str(tmp_path)})
    (killed,) = (path for path in tmp_path.iterdir() if path.is_dir())
    (killed / "1.png").write_text("half")
    for name in ("photochrom-123-of-an-old-version", "photochrom-mine"):
        (tmp_path / name).mkdir()
    yesterday = time.time() - 25 * 3600
    os.utime(tmp_path / "photochrom-123-of-an-old-version", (yesterday, yesterday))
    with storage.spool() as alive:
        os.utime(alive, (yesterday, yesterday))
        storage.remove_stale_copies()
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {alive.name, f"{alive.name}.lock", "photochrom-mine"}
