import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from click.testing import CliRunner
from PIL import Image

from photochrom.batch.journal import NAME, Journal
from photochrom.cli.main import main

NO_PICTURE = '"the file is not a picture; give JPEG, PNG, TIFF, WebP, AVIF, HEIC, GIF or PDF"'


@pytest.fixture
def folder(tmp_path):
    random = np.random.default_rng(0)
    (tmp_path / "in/deep").mkdir(parents=True)
    for number in range(12):
        to_path = "deep/" if number % 3 == 0 else ""
        top, left = random.integers(0, 300, 2)
        pixels = skimage.data.astronaut()[top : top + 60, left : left + 80, 0]
        Image.fromarray(pixels).save(tmp_path / f"in/{to_path}{number:02d}.png")
    return tmp_path


def run(folder, *words):
    arguments = ["colorize", str(folder / "in"), "-o", str(folder / "out"), "--size", "64"]
    return CliRunner().invoke(main, [*arguments, *map(str, words)])


def outputs(folder, name="out"):
    return {
        path.relative_to(folder / name).as_posix(): path.read_bytes()
        for path in (folder / name).rglob("*")
        if path.is_file() and not path.name.startswith(NAME)
    }


def test_many_at_once_are_what_one_at_a_time_are(folder) -> None:
    assert "12 done" in run(folder, "--jobs", 3).output
    several = outputs(folder)
    assert len(several) == 12
    assert "12 done" in run(folder, "--jobs", 1, "--overwrite").output
    assert outputs(folder) == several


def test_only_what_changed_is_done_again(folder) -> None:
    run(folder)
    before = outputs(folder)
    assert "0 done, 12 skipped" in run(folder).output
    source = folder / "in/01.png"
    os.utime(source, ns=(1, 1))  # another time, the same content
    assert "0 done, 12 skipped" in run(folder).output
    with Journal(folder / "out") as journal:
        entry = journal.entry(folder / "out/01.png")
    assert entry.fingerprint.still_holds(source)  # and is not read again next time
    Image.open(folder / "in/02.png").rotate(180).save(source)
    (folder / "out/04.png").unlink()
    assert "2 done, 10 skipped" in run(folder).output
    after = outputs(folder)
    assert {name for name in before if before[name] != after[name]} == {"01.png"}
    assert "12 done" in run(folder, "--vividness", "0.1").output


def test_a_batch_is_the_same_from_whatever_folder_it_is_started(folder, monkeypatch) -> None:
    run(folder)
    monkeypatch.chdir(folder)
    again = CliRunner().invoke(main, ["colorize", "in", "-o", "out", "--size", "64"])
    assert "0 done, 12 skipped" in again.output


def test_verify_finds_what_is_no_longer_as_it_was_written(folder) -> None:
    run(folder)
    before = outputs(folder)
    (folder / "out/05.png").write_bytes(b"rotten")
    assert "0 done, 12 skipped" in run(folder).output
    told = run(folder, "--verify")
    assert told.exit_code == 1
    assert "0 done, 11 skipped (exist already; --overwrite replaces them), 1 kept" in told.output
    changed = "05.png was changed since it was written; add --overwrite to replace it"
    assert f"kept: {folder}/out/{changed}" in told.output
    assert (folder / "out/05.png").read_bytes() == b"rotten"
    assert "1 done, 11 skipped" in run(folder, "--verify", "--overwrite").output
    assert outputs(folder) == before
    assert "0 done, 12 skipped" in run(folder, "--verify").output


def test_files_that_are_not_ours_stay(folder) -> None:
    (folder / "out").mkdir()
    (folder / "out/01.png").write_text("mine")
    assert "11 done, 1 skipped" in run(folder).output
    assert (folder / "out/01.png").read_text() == "mine"


def test_a_file_put_where_a_picture_failed_stays(folder) -> None:
    good = (folder / "in/01.png").read_bytes()
    (folder / "in/01.png").write_bytes(good[:200])
    assert "11 done, 1 failed" in run(folder).output
    (folder / "in/01.png").write_bytes(good)
    (folder / "out/01.png").write_text("mine")
    assert "0 done, 12 skipped" in run(folder).output
    assert (folder / "out/01.png").read_text() == "mine"


def test_a_second_run_in_the_same_folder_stops(folder) -> None:
    with Journal(folder / "out"):
        result = run(folder)
    assert result.exit_code == 1
    assert "another run is at work here; wait for it" in result.output
    assert "12 done" in run(folder).output


def test_a_broken_journal_is_named(folder) -> None:
    (folder / "out").mkdir()
    (folder / "out" / NAME).write_text("no base" * 200)
    result = run(folder)
    assert result.exit_code == 1
    assert "not a valid journal (file is not a database); remove it" in result.output


def test_failures_are_tried_again_and_do_not_stop_the_rest(folder) -> None:
    broken = folder / "in/03.png"
    good = (folder / "in/04.png").read_bytes()
    broken.write_bytes(good[:200])
    result = run(folder)
    assert result.exit_code == 1
    assert "12 done, 1 failed" in result.output
    assert "03.png: the file is damaged or cut off" in result.output
    broken.write_bytes(good)
    assert "1 done, 12 skipped" in run(folder).output


def under_way(folder) -> tuple[int, int]:
    """How many pictures a journal has as done, and how many as begun."""
    base = sqlite3.connect(folder / "out" / NAME)
    done, begun = base.execute(
        "SELECT sum(output != ''), sum(output = '') FROM pictures"
    ).fetchone()
    base.close()
    return done, begun


def made(folder) -> int:
    return len(list((folder / "out").rglob("[0-9]*.png")))


def kill_at_work(command, folder, pause: float) -> None:
    """Start a run, and kill it some seconds after it has made a picture."""
    before = made(folder)
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
    while made(folder) == before and process.poll() is None:
        time.sleep(0.002)
    time.sleep(pause)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it had ended by itself"


@pytest.mark.slow
def test_killed_at_any_moment_it_ends_the_same(folder) -> None:
    for number in range(100, 160):  # so many that four kills do not let a run come to its end
        shutil.copy(folder / "in/01.png", folder / f"in/{number}.png")
    whole = len(list((folder / "in").rglob("*.png")))
    chance = random.Random(0)
    command = [sys.executable, "-m", "photochrom", "colorize", "in", "--size", "64", "-o"]
    subprocess.run([*command, "whole"], cwd=folder, check=True, capture_output=True)
    for _ in range(4):
        kill_at_work([*command, "out"], folder, chance.uniform(0, 0.05))
        assert made(folder) < whole
        done, begun = under_way(folder)
        assert begun
    assert done
    subprocess.run([*command, "out"], cwd=folder, check=True, capture_output=True)
    assert outputs(folder) == outputs(folder, "whole")
    assert under_way(folder) == (whole, 0)


def test_leftovers_of_killed_runs_are_removed(folder) -> None:
    (folder / "out").mkdir()
    (folder / "out/.01.png.photochrom-x1_y.part").write_text("half")
    (folder / "out/.mine.part").write_text("mine")
    run(folder)
    assert {name for name in outputs(folder) if name.startswith(".")} == {".mine.part"}


def test_names_formats_and_patterns(folder) -> None:
    result = run(folder, "--format", "webp", "--name", "{stem}-colour", "--include", "0*")
    assert "6 done" in result.output
    assert all(name.endswith("-colour.webp") for name in outputs(folder))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
def test_a_pipe_among_the_pictures_is_not_waited_for(folder) -> None:
    os.mkfifo(folder / "in/pipe.png")
    result = run(folder)
    assert "pipe.png: a pipe or a device, not a file; write it to a file first" in result.output
    assert "12 done, 1 failed" in result.output


def test_a_picture_that_changes_while_it_is_read_fails(folder, monkeypatch) -> None:
    from photochrom.image.colorized import Colorized

    save = Colorized.save

    def slow(self, path: Path, *rest, **options) -> None:
        save(self, path, *rest, **options)
        if path.name.startswith("01"):
            Image.new("L", (9, 9)).save(folder / "in/01.png")

    monkeypatch.setattr(Colorized, "save", slow)
    result = run(folder)
    assert "01.png: the file was changed while it was read" in result.output
    assert "11 done, 1 failed" in result.output
    assert not (folder / "out/01.png").exists()
    alone = CliRunner().invoke(main, ["colorize", str(folder / "in/01.png")])  # without a journal
    assert "01.png: the file was changed while it was read" in alone.output
    assert not (folder / "in/01-colour.png").exists()
    monkeypatch.undo()
    assert "1 done, 11 skipped" in run(folder).output


@pytest.mark.parametrize("lost", ["in", "out"])
def test_a_share_that_vanishes_loses_nothing(folder, monkeypatch, lost) -> None:
    from photochrom.image.colorized import Colorized

    save, away = Colorized.save, folder / "away"
    saved = []

    def interrupted(self, path: Path, *rest, **options) -> None:
        if len(saved) == 4 and not away.exists():
            (folder / lost).rename(away)
            (folder / lost).write_text("nothing is mounted here")
        save(self, path, *rest, **options)
        saved.append(path.name)

    monkeypatch.setattr(Colorized, "save", interrupted)
    result = run(folder, "--jobs", 1)
    monkeypatch.undo()
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)
    (folder / lost).unlink()
    away.rename(folder / lost)
    assert run(folder).exit_code == 0
    found = outputs(folder)
    assert "12 done" in run(folder, "--overwrite").output
    assert outputs(folder) == found


def test_a_folder_that_cannot_be_written_is_named(folder) -> None:
    (folder / "out").write_text("a file")
    result = run(folder)
    assert result.exit_code == 1
    assert "cannot be made" in result.output


def test_a_permission_lost_midway_loses_nothing(folder, monkeypatch) -> None:
    make, made = Path.touch, []

    def forbidden(path, **options):
        if path.suffix == ".part":
            made.append(path)
            if len(made) > 4:
                raise PermissionError(13, "Permission denied")
        make(path, **options)

    monkeypatch.setattr(Path, "touch", forbidden)
    result = run(folder, "--jobs", 1)
    monkeypatch.undo()
    assert result.exit_code == 1
    assert "4 done, 8 failed" in result.output
    assert (
        result.output.count("cannot be written (Permission denied); write to another folder") == 8
    )
    assert len(outputs(folder)) == 4
    assert "8 done, 4 skipped" in run(folder).output


def test_a_report_is_written_in_each_kind(folder) -> None:
    (folder / "in/bad.png").write_text("no picture")
    result = run(folder, "--report", folder / "r/report.csv")
    assert result.exit_code == 1
    lines = (folder / "r/report.csv").read_text().splitlines()
    assert lines[0] == "state,picture,output,reason"
    assert lines[1] == f"failed,{folder}/in/bad.png,,{NO_PICTURE}"
    assert len(lines) == 14
    run(folder, "--report", folder / "r/report.json")
    states = [entry["state"] for entry in json.loads((folder / "r/report.json").read_text())]
    assert states == ["failed"] + ["skipped"] * 12
    run(folder, "--overwrite", "--report", folder / "r/report.html")
    page = (folder / "r/report.html").read_text()
    assert page.count("<img") == 12
    assert "not a picture" in page
    assert "a report ends in .html" in run(folder, "--report", "report.txt").output


def test_a_report_that_cannot_be_written_is_said_before_the_work(folder) -> None:
    (folder / "taken").write_text("a file")
    (folder / "r.csv").mkdir()
    result = run(folder, "--report", folder / "taken/r.csv")
    assert "taken: this folder cannot be made (File exists); name another" in result.output
    result = run(folder, "--report", folder / "r.csv")
    assert "r.csv: cannot be written (Is a directory); give another name" in result.output
    assert not (folder / "out").exists()


def test_a_report_that_is_lost_comes_after_the_summary(folder, monkeypatch) -> None:
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("csv.writer", full)
    result = run(folder, "--report", folder / "r.csv")
    assert result.exit_code == 1
    assert "12 done\n" in result.output
    assert result.output.endswith("(No space left on device); make room on the disk\n")


def as_nobody_special(*words):
    """Run the command without the right of an administrator to read everything."""
    bound = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner"]
    command = [sys.executable, "-m", "photochrom", "colorize", *map(str, words), "--size", "64"]
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("the system's administrator may read everything")
    before = bound if os.geteuid() == 0 else []
    return subprocess.run([*before, *command], capture_output=True, text=True)


def test_what_cannot_be_read_is_named_and_the_rest_done(folder) -> None:
    words = folder / "in", "-o", folder / "out"
    assert as_nobody_special(*words).returncode == 0
    os.utime(folder / "in/01.png", (1, 1))
    closed = [folder / name for name in ("in/01.png", "out/02.png", "out/deep")]
    modes = [path.stat().st_mode for path in closed]
    (folder / "in/new").mkdir(0)
    (folder / "out/04.png").unlink()
    for path in closed:
        path.chmod(0)
    result = as_nobody_special(*words, "--verify")
    for path, mode in zip(closed, modes, strict=True):
        path.chmod(mode)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "in/new: cannot be read (Permission denied); allow yourself to read it" in result.stderr
    assert "in/01.png: cannot be read (Permission denied)" in result.stderr
    assert "out/02.png: cannot be read (Permission denied)" in result.stderr
    assert result.stderr.count("out/deep/") == 4
    assert "1 done, 5 skipped" in result.stdout
    assert "7 failed" in result.stdout
    (folder / "in/new").chmod(0o755)


def test_a_name_need_not_be_utf_8(folder) -> None:
    odd = os.fsdecode(b"caf\xe9.png")
    (folder / "in" / odd).write_bytes((folder / "in/01.png").read_bytes())
    result = run(folder, "--report", folder / "report.html")
    assert "13 done" in result.output
    assert (folder / "out" / odd).stat().st_size
    assert "caf" in (folder / "report.html").read_text()


def test_outputs_in_the_folder_of_inputs_are_no_inputs(folder) -> None:
    words = ["colorize", str(folder / "in"), "-o", str(folder / "in/colour"), "--size", "64"]
    for ends in ("12 done\n", "0 done, 12 skipped (exist already; --overwrite replaces them)\n"):
        assert CliRunner().invoke(main, words).output.endswith(ends)


def test_a_pyramid_of_another_kind_is_refused_before_the_work(folder) -> None:
    result = run(folder, "--pyramid")
    assert "a pyramid is a TIFF; name it .tif, or add --format tif" in result.output
    assert result.output.count("\n") == 1
    assert not (folder / "out").exists()
