"""Jobs over REST: many pictures are sent, followed, and taken as one ZIP."""

import asyncio
import io
import time
import zipfile

import pytest
from starlette.testclient import TestClient

from helpers.rest import PICTURE, client_with, detail
from photochrom.web.app import create_app
from photochrom.web.problems import Problem
from photochrom.web.service import Service


@pytest.fixture(scope="module")
def client(echo_as_vivid):
    with TestClient(create_app(), base_url="http://localhost") as one:
        yield one


def job(client, **options) -> str:
    made = client.post("/v1/jobs", data=options)
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "waiting"
    return made.headers["location"]


def send(client, path, name, content=PICTURE):
    return client.post(f"{path}/pictures", params={"filename": name}, content=content)


def finished(client, path):
    """Wait until a job works no longer, and give what it says."""
    while (said := client.get(path).json())["state"] == "working":
        time.sleep(0.02)
    return said


@pytest.mark.slow
def test_a_hundred_pictures_come_back_as_one_zip(client) -> None:
    path = job(client, format="png", vividness="0.2")
    for number in range(100):
        answer = send(client, path, f"scan {number:03}.tif")
        assert answer.status_code == 202
        assert answer.json()["name"] == f"scan {number:03}.png"
    said = finished(client, path)
    assert (said["state"], said["total"], said["done"], said["failed"]) == ("done", 100, 100, 0)
    answer = client.get(f"{path}/file")
    assert answer.headers["content-type"] == "application/zip"
    wanted = client.post("/v1/colorize?format=png&vividness=0.2", content=PICTURE).content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        assert files.testzip() is None
        assert files.namelist() == [f"scan {number:03}.png" for number in range(100)]
        assert {files.read(name) for name in files.namelist()} == {wanted}


def test_a_picture_that_fails_is_named_and_the_others_are_made(client) -> None:
    path = job(client)
    for name, content in (
        ("a/b.png", PICTURE),
        ("letter.txt", b"Dear grandmother"),
        ("A-B", PICTURE),
    ):
        send(client, path, name, content)
    send(client, path, "")
    said = finished(client, path)
    assert [one["name"] for one in said["pictures"]] == [
        "a-b.jpg",
        "letter.jpg",
        "A-B-2.jpg",
        "4.jpg",
    ]
    assert [one["state"] for one in said["pictures"]] == ["done", "failed", "done", "done"]
    assert "not a picture" in said["pictures"][1]["detail"]
    with zipfile.ZipFile(io.BytesIO(client.get(f"{path}/file").content)) as files:
        assert files.namelist() == ["a-b.jpg", "A-B-2.jpg", "4.jpg"]
    send(client, path, "late.png")  # after the ZIP was taken
    assert finished(client, path)["done"] == 4
    with zipfile.ZipFile(io.BytesIO(client.get(f"{path}/file").content)) as files:
        assert len(files.namelist()) == 4


def test_what_a_job_does_not_take_is_explained(client) -> None:
    refused = client.post("/v1/jobs", data={"hints": '[[1,1,"#ffffff"]]'})
    assert "hints are for one picture, not for all of a job" in detail(refused, 422)
    assert "model is one of" in detail(client.post("/v1/jobs?model=vivd"), 422)
    path = job(client)
    said = detail(client.get(f"{path}/file"), 409)
    assert said == "the job is waiting; take the ZIP when its state is done"
    unknown = client.post(f"{path}/pictures?vividness=1", content=PICTURE)
    assert "there is no option 'vividness' here; the job has them" in detail(unknown, 422)
    assert "the body is empty; send a picture" in detail(client.post(f"{path}/pictures"), 422)
    assert client.get(path).json()["total"] == 0
    send(client, path, "letter", b"Dear grandmother")
    finished(client, path)
    assert "none of the pictures could be coloured" in detail(client.get(f"{path}/file"), 409)
    assert client.delete(path).status_code == 204
    for answer in (client.get(path), send(client, path, "a")):
        assert "this job is no longer here; send its pictures again" in detail(answer, 410)


def test_jobs_are_bounded_in_number_pictures_and_bytes() -> None:
    with client_with(max_jobs=2, max_job_pictures=1, max_bytes=1 << 20) as client:
        paths = [job(client, size="32") for _ in range(3)]
        assert client.get(paths[0]).status_code == 410
        send(client, paths[1], "a")
        said = detail(send(client, paths[1], "b"), 413)
        assert said == "a job takes at most 1 pictures"
        large = send(client, paths[2], "a", b"x" * (2 << 20))
        assert "larger than 1 MB" in detail(large, 413)
    with client_with(job_bytes=100) as client:
        path = job(client)
        send(client, path, "a")
        assert "take at most 0 MB" in detail(send(client, path, "b"), 413)


def test_a_job_that_is_under_way_is_not_forgotten_for_another(monkeypatch) -> None:
    async def endless(*_, **__) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(Service, "run", endless)
    with client_with(max_jobs=1) as client:
        path = job(client)
        send(client, path, "a")
        refused = client.post("/v1/jobs")
        assert "too many jobs are under way; wait for one of them" in detail(refused, 429)
        assert refused.headers["retry-after"] == "60"
        assert client.get(path).json()["pictures"][0]["state"] == "working"
        client.delete(path)
        assert client.post("/v1/jobs").status_code == 201


def test_a_job_is_patient_with_a_full_queue(monkeypatch, echo_as_vivid) -> None:
    run, refusals = Service.run, iter([True, True])

    async def busy(self, *given, **options):
        if next(refusals, False):
            raise Problem(429, "too many pictures are waiting")
        return await run(self, *given, **options)

    monkeypatch.setattr(Service, "run", busy)
    monkeypatch.setattr("photochrom.web.jobs._PAUSE", 0.01)
    with client_with() as client:
        path = job(client)
        send(client, path, "a")
        assert finished(client, path)["done"] == 1
        assert next(refusals, None) is None


def test_the_files_of_a_job_go_with_it(client, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = job(client)
    send(client, path, "a")
    finished(client, path)
    assert [one.name for one in tmp_path.glob("*/*")] == ["0.out"]
    assert client.get(f"{path}/file").status_code == 200
    client.delete(path)
    assert list(tmp_path.glob("*/*")) == []
