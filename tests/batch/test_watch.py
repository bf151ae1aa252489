import signal
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner
from PIL import Image

from photochrom.batch.naming import Job, Naming
from photochrom.batch.outcome import Report
from photochrom.batch.plan import Plan, plan
from photochrom.batch.watch import watch
from photochrom.cli.main import main
from photochrom.errors import ImageError


@pytest.mark.slow
def test_watching_colours_what_arrives_and_stops_when_told(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    words = ["-m", "photochrom", "colorize", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    run = subprocess.Popen(
        [sys.executable, *words, "--watch"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        assert b"watching" in run.stdout.readline()
        for name in ("one", "two"):
            Image.new("L", (40, 30), 90).save(tmp_path / "in" / f"{name}.png")
            assert run.stdout.readline().decode().strip().endswith(f"{name}.png")
            assert (tmp_path / "out" / f"{name}.png").exists()
        (tmp_path / "in/bad.png").write_text("no picture")
        assert b"bad.png: the file is not a picture" in run.stdout.readline()
    finally:
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=30)
    assert run.returncode == 0


def test_a_failure_is_tried_again_when_the_picture_has_changed(tmp_path) -> None:
    job = Job(tmp_path / "in.png", tmp_path / "out.png")
    worked = []

    def work(plan: Plan) -> Report:
        worked.append(plan.jobs)
        return Report(failed=[(one, "damaged") for one in plan.jobs])

    job.source.write_text("half")
    reports = watch(lambda: Plan([job], None), work, pause=0.02)
    next(reports)
    threading.Timer(0.2, lambda: job.source.write_text("whole")).start()
    next(reports)
    assert worked == [[job], [job]]


def test_what_cannot_be_planned_ends_the_watching(tmp_path) -> None:
    for name in ("one.png", "one.jpg"):
        (tmp_path / name).write_text("a picture")
    with pytest.raises(ImageError, match=r"would become .*, as would .*one.png; pass name="):
        next(
            watch(lambda: plan([tmp_path], tmp_path / "out", Naming(extension=".png")), work=print)
        )


def test_a_folder_that_cannot_be_read_is_told_once(tmp_path) -> None:
    job = Job(tmp_path, tmp_path / "out")
    told = watch(
        lambda: Plan([], None, [(job, "cannot be read")]),
        lambda plan: Report(failed=plan.failed),
        pause=0.02,
    )
    assert next(told).failed == [(job, "cannot be read")]
    threading.Timer(0.2, lambda: (tmp_path / "new").touch()).start()
    before = tmp_path.stat().st_mtime_ns
    next(told)
    assert tmp_path.stat().st_mtime_ns != before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["{}", "--overwrite"], "leave --overwrite out"),
        (["{}/typo"], "typo: there is no such file or folder"),
        (["{}", "--name", "a/b"], "the name 'a/b' is not valid"),
    ],
)
def test_wrong_use_is_not_waited_for(tmp_path, words, message) -> None:
    (tmp_path / "1.png").write_text("a picture")
    words = [word.format(tmp_path) for word in words]
    result = CliRunner().invoke(main, ["colorize", *words, "--watch"])
    assert result.exit_code in (1, 2)
    assert message in result.output
