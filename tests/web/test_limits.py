"""The REST interface: bad input, too much of it, clients that leave, and strangers."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from http.client import HTTPConnection
from typing import ClassVar
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from click.testing import CliRunner
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from helpers.rest import GREY, PICTURE, client_with, detail, png, served
from photochrom.cli.main import main
from photochrom.errors import Stopped
from photochrom.image import Limits
from photochrom.inference.model import Model
from photochrom.web.app import create_app
from photochrom.web.problems import Problem
from photochrom.web.queue import Queue
from photochrom.web.service import Service
from photochrom.web.settings import Settings
from photochrom.web.uploads import read_upload


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(), base_url="http://localhost") as one:
        yield one


def test_ten_thousand_hints_are_refused(client) -> None:
    hints = json.dumps([[1, 1, "#ffffff"]] * 10_000)
    form = {"data": {"hints": hints}, "files": {"picture": PICTURE}}
    assert "takes at most 1000 hints, not 10000" in detail(client.post("/v1/colorize", **form), 422)
    path = client.post("/v1/sessions", content=PICTURE).headers["location"]
    for end in ("preview", "picture"):
        answer = client.post(f"{path}/{end}", data={"hints": hints})
        assert "takes at most 1000 hints, not 10000" in detail(answer, 422)


def test_ten_thousand_hints_in_an_address_are_refused_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    hints = json.dumps([[1, 1, "#ffffff"]] * 10_000)
    command = [sys.executable, "-m", "photochrom", "serve", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        try:
            server.stdout.readline()  # it says where it is
            while True:
                time.sleep(0.05)
                with socket.socket() as line:
                    if not line.connect_ex(("127.0.0.1", port)):
                        break
            with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as asked:
                asked.request("POST", "/v1/sessions", PICTURE)
                name = json.load(asked.getresponse())["id"]
                asked.request("GET", f"/v1/sessions/{name}/preview?hints={quote(hints)}")
                answer = asked.getresponse()
                assert answer.status == 422
                assert b"takes at most 1000 hints, not 10000" in answer.read()
        finally:
            server.terminate()


def test_what_is_no_picture_is_explained(client) -> None:
    assert "not a picture" in detail(client.post("/v1/colorize", content=b"text " * 9), 422)
    assert "the body is empty" in detail(client.post("/v1/colorize"), 422)
    assert "cut off" in detail(client.post("/v1/colorize", content=PICTURE[:3000]), 422)
    gone = detail(client.get("/v1/nothing"), 404)
    assert gone == "there is nothing at /v1/nothing; see /openapi.json for the paths"
    assert detail(client.get("/v1/colorize"), 405) == "/v1/colorize does not take GET; use POST"
    several = detail(client.put("/v1/sessions/x/film"), 405)
    assert several.endswith("use DELETE, GET, HEAD, POST")


def test_large_bodies_and_pictures_are_refused() -> None:
    with client_with(max_bytes=1 << 20) as client:
        answer = client.post("/v1/colorize", content=b"x" * (2 << 20))
        assert "larger than 1 MB" in detail(answer, 413)
        chunks = (b"x" * 400_000 for _ in range(4))  # without a length in the header
        assert "larger than 1 MB" in detail(client.post("/v1/colorize", content=chunks), 413)
    with client_with(max_pixels=1000) as client:
        assert "the limit is 1,000" in detail(client.post("/v1/colorize", content=PICTURE), 422)
        assert "the limit" in detail(client.post("/v1/sessions", content=PICTURE), 422)


def test_a_slow_upload_is_given_up_and_a_steady_one_is_not() -> None:
    allowed = Settings(upload_seconds=0.3, upload_rate=len(PICTURE))
    with served(create_app(allowed)) as port:
        head = f"POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(PICTURE)}"
        for size, pause, status in ((1, 0.05, b"408"), (len(PICTURE) // 6, 0.1, b"201")):
            with socket.create_connection(("127.0.0.1", port)) as line:
                line.sendall(head.encode() + b"\r\n\r\n")
                line.settimeout(pause)
                said = b""
                for at in range(0, len(PICTURE), size):
                    line.sendall(PICTURE[at : at + size])
                    with suppress(TimeoutError):
                        said = line.recv(400)
                        break
                line.settimeout(20)
                said = said or line.recv(400)
                assert said.startswith(b"HTTP/1.1 " + status), said


def test_a_slow_upload_is_told_the_rate() -> None:
    async def story() -> None:
        class Slow(Leaving):
            scope: ClassVar = {"type": "http", "method": "POST", "query_string": b"", "headers": []}
            query_params = QueryParams("")
            headers: ClassVar = {}

        with pytest.raises(Problem, match="came too slowly; at least 32 KB a second are wanted"):
            await read_upload(Slow(), Settings(upload_seconds=0.01))

    asyncio.run(story())


def test_previews_do_not_wait_for_pictures_at_full_size(client) -> None:
    async def story() -> None:
        service, over = Service(Settings()), threading.Event()
        large = asyncio.create_task(service.run(lambda limits: over.wait(20), None, large=True))
        assert await service.run(lambda limits: "a preview", None) == "a preview"
        assert not large.done()
        over.set()
        assert await large
        service.close()

    asyncio.run(story())


def test_sessions_are_bounded_in_number_age_and_bytes() -> None:
    with client_with(max_sessions=2) as client:
        paths = [client.post("/v1/sessions", content=PICTURE).headers["location"] for _ in range(3)]
        assert client.get(f"{paths[0]}/original").status_code == 410
        assert client.get(f"{paths[2]}/original").status_code == 200
    with client_with(session_disk_bytes=2 * len(PICTURE) - 1) as client:
        paths = [client.post("/v1/sessions", content=PICTURE).headers["location"] for _ in range(2)]
        assert client.get(f"{paths[0]}/original").status_code == 410
    with client_with(session_seconds=0.05) as client:
        path = client.post("/v1/sessions", content=PICTURE).headers["location"]
        time.sleep(0.1)
        assert client.get(f"{path}/original").status_code == 410


def test_a_preview_that_was_let_go_is_made_again() -> None:
    with client_with(session_bytes=GREY.nbytes) as client:
        paths = [client.post("/v1/sessions", content=PICTURE).headers["location"] for _ in range(3)]
        before = [client.get(f"{path}/original").content for path in paths]
        assert len(set(before)) == 1
        kept = client.app.state.service.sessions
        in_memory = [one.decoded is not None for one in kept._entries.values()]
        assert in_memory == [False, True, True]  # let go when the last was asked for
        assert [client.get(f"{path}/original").content for path in paths] == before
        assert client.get(f"{paths[0]}/preview").status_code == 200


def test_what_a_page_shows_is_never_forgotten_for_others() -> None:
    with client_with(max_sessions=2) as client:
        held, other = (
            client.post("/v1/sessions", content=PICTURE).headers["location"] for _ in range(2)
        )
        said = client.get(held).json()
        assert (said["width"], said["height"], said["had_colour"]) == (120, 90, False)
        for _ in range(3):
            last = client.post("/v1/sessions", content=PICTURE).headers["location"]
        assert client.get(other).status_code == 410
        assert client.get(f"{held}/original").status_code == 200
        assert client.get(last).status_code == 200  # and is held from now on
        refused = client.post("/v1/sessions", content=PICTURE)
        wanted = "there is room for no more pictures; close some that are open"
        assert detail(refused, 507) == wanted
        client.delete(held)
        assert client.post("/v1/sessions", content=PICTURE).status_code == 201
        assert client.get(f"{last}/file").content == PICTURE


def test_files_of_pictures_are_on_the_disk_and_go_with_them(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with client_with() as client:
        path = client.post("/v1/sessions", content=PICTURE).headers["location"]
        client.post("/v1/sessions", files={"picture": PICTURE})
        detail(client.post("/v1/sessions", content=b"text " * 9), 422)
        assert [one.read_bytes() for one in tmp_path.glob("*/*")] == [PICTURE, PICTURE]
        client.delete(path)
        assert len(list(tmp_path.glob("*/*"))) == 1
    assert list(tmp_path.glob("*/*")) == []


def test_too_much_at_once_is_put_off() -> None:
    with client_with(max_waiting=1) as client:
        answers = []

        def ask() -> None:
            answers.append(client.post("/v1/colorize", content=png(np.tile(GREY, (8, 8)))))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        codes = [answer.status_code for answer in answers]
        assert set(codes) == {200, 429}
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.headers["retry-after"] == "5"
        done = [answer.content for answer in answers if answer.status_code == 200]
        assert len(set(done)) == 1
        assert client.post("/v1/colorize", content=PICTURE).status_code == 200


def test_a_job_that_takes_too_long_is_given_up() -> None:
    with client_with(job_seconds=0.001) as client:
        assert "took too long" in detail(client.post("/v1/colorize", content=PICTURE), 503)


def test_a_job_that_was_given_up_counts_until_its_thread_is_free() -> None:
    async def story() -> None:
        queue, over = Queue(Settings(job_seconds=0.05, workers=1, max_waiting=0)), threading.Event()
        with pytest.raises(Problem, match="took too long"):
            await queue.run(lambda stop: over.wait(10))
        with pytest.raises(Problem, match="too many"):
            await queue.run(lambda stop: None)
        over.set()
        while queue.waiting:
            await asyncio.sleep(0.01)
        assert await queue.run(lambda stop: "free again") == "free again"
        queue.close()

    asyncio.run(story())


class Leaving:
    """A request whose client hangs up when it is told to."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def is_disconnected(self) -> bool:
        return False

    async def receive(self) -> dict[str, str]:
        await self.gone.wait()
        return {"type": "http.disconnect"}


def test_a_job_whose_client_is_gone_is_not_begun() -> None:
    async def story() -> None:
        queue, over, begun = Queue(Settings(workers=1)), threading.Event(), []
        first = asyncio.create_task(queue.run(lambda stop: over.wait(10)))
        client = Leaving()
        second = asyncio.create_task(queue.run(lambda stop: begun.append("second"), client))
        await asyncio.sleep(0.05)
        assert queue.waiting == 2
        client.gone.set()
        with pytest.raises(Problem, match="hung up"):
            await second
        assert (queue.waiting, queue.dropped) == (1, 1)
        over.set()
        assert await first
        assert await queue.run(lambda stop: "next") == "next"
        assert begun == []
        queue.close()

    asyncio.run(story())


def test_a_begun_job_is_told_when_nobody_waits_any_longer() -> None:
    def work(stop) -> None:
        while not stop():
            time.sleep(0.01)

    async def story() -> None:
        queue, client = Queue(Settings(job_seconds=0.05)), Leaving()
        with pytest.raises(Problem, match="took too long"):
            await queue.run(work)
        client.gone.set()
        with pytest.raises(Problem, match="hung up"):
            await queue.run(work, client)
        while queue.waiting:
            await asyncio.sleep(0.01)
        assert await queue.run(lambda stop: stop()) is False
        queue.close()

    asyncio.run(story())


@pytest.mark.parametrize("end", ["picture", "preview", "proposals?count=3"])
def test_the_work_on_a_picture_stops_when_its_time_is_over(monkeypatch, echo_as_vivid, end) -> None:
    over, stopped, answer = threading.Event(), threading.Event(), Model.answer

    def slow(*asked):
        over.wait(20)
        return answer(*asked)

    def check(limits) -> None:
        if limits.stop():
            stopped.set()
            raise Stopped

    monkeypatch.setattr(Model, "answer", slow)
    monkeypatch.setattr(Limits, "check_wanted", check)
    with client_with(job_seconds=1) as client:
        path = client.post("/v1/sessions", content=PICTURE).headers["location"]
        assert "took too long" in detail(client.get(f"{path}/{end}"), 503)
        over.set()
        assert stopped.wait(10)


def test_killed_clients_leave_the_queue() -> None:
    with served(create_app()) as port:
        address = f"http://127.0.0.1:{port}"
        large, lines = png(np.tile(GREY, (16, 16))), []
        for _ in range(6):
            line = socket.create_connection(("127.0.0.1", port))
            head = f"POST /v1/colorize HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(large)}"
            line.sendall(head.encode() + b"\r\n\r\n" + large)
            lines.append(line)
        while "photochrom_jobs 6\n" not in httpx.get(f"{address}/metrics").text:
            time.sleep(0.01)
        for line in lines:
            line.close()
        while "photochrom_jobs 0\n" not in (text := httpx.get(f"{address}/metrics").text):
            time.sleep(0.01)
        assert "photochrom_jobs_dropped_total 5\n" in text
        assert "photochrom_pictures_total 0\n" in text


@pytest.mark.slow
def test_hundreds_of_tiny_uploads_are_each_answered_in_bounded_memory() -> None:
    app, tiny = create_app(Settings(max_sessions=20)), png(GREY[:1, :1])

    async def upload(client, count: int) -> Counter[int]:
        answers = [await client.post("/v1/sessions", content=tiny) for _ in range(count)]
        return Counter(answer.status_code for answer in answers)

    async def story() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            found = await asyncio.gather(*(upload(client, 50) for _ in range(8)))
            codes = sum(found, Counter[int]())
            assert set(codes) <= {201, 429}
            assert codes.total() == 400
            assert codes[201] > 40
            metrics = (await client.get("/metrics")).text
            assert "photochrom_sessions 20\n" in metrics
            assert "photochrom_jobs 0\n" in metrics

    asyncio.run(story())


def test_a_token_is_wanted_where_one_is_set() -> None:
    with client_with(token="secret") as client:
        refused = client.post("/v1/colorize", content=PICTURE)
        assert "needs its token" in detail(refused, 401)
        assert refused.headers["www-authenticate"] == "Bearer"
        header = {"Authorization": "Bearer secret"}
        assert client.post("/v1/colorize", content=PICTURE, headers=header).status_code == 200
        assert client.get("/").status_code == 200
        for wrong in ("secret", "Basic secret", "Bearer other", "Bearer"):
            header = {"Authorization": wrong}
            assert detail(client.get("/v1/models", headers=header), 401)


def test_another_name_that_leads_here_is_refused(client) -> None:
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200
    for host in ("evil.example", "evil.example:8000", "[::2]", "localhost.evil.example", ""):
        said = detail(client.get("/", headers={"Host": host}), 421)
        assert said == "without a --token this server answers to localhost, 127.0.0.1, ::1 only"
    with client_with(token="secret") as other:
        header = {"Host": "studio.example", "Authorization": "Bearer secret"}
        assert other.get("/v1/models", headers=header).status_code == 200


def test_other_sites_cannot_use_it_and_headers_are_strict(client) -> None:
    for header in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:9000"},
    ):
        said = detail(client.post("/v1/colorize", content=PICTURE, headers=header), 403)
        assert said == "requests from other sites' pages are refused"
        assert detail(client.delete("/v1/sessions/x", headers=header), 403) == said
        assert client.get("/healthz", headers=header).status_code == 200
    for header in ({"Origin": "http://localhost"}, {"Origin": "HTTP://LOCALHOST"}):
        assert client.post("/v1/colorize", content=PICTURE, headers=header).status_code == 200
    for path in ("/", "/static/studio.js", "/v1/models", "/v1/nothing"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
    assert client.get("/static/../app.py").status_code == 404
    page = client.get("/").text
    assert "http://" not in page
    assert "https://" not in page


def test_a_defect_says_nothing_about_this_machine(monkeypatch) -> None:
    monkeypatch.setattr("photochrom.web.session_routes.open_session", lambda *_: 1 / 0)
    with TestClient(
        create_app(), base_url="http://localhost", raise_server_exceptions=False
    ) as client:
        answer = client.post("/v1/sessions", content=PICTURE)
        assert detail(answer, 500) == "something went wrong in the server; see its log"


def test_other_machines_are_let_in_with_a_token_only() -> None:
    result = CliRunner().invoke(main, ["serve", "--host", "0.0.0.0"])
    assert result.exit_code == 2
    assert "give a --token as well" in result.output
