import asyncio
import io
import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from urllib.parse import quote

import httpx
import numpy as np
import pytest
import skimage.data
import uvicorn
from click.testing import CliRunner
from PIL import Image
from starlette.testclient import TestClient

from photochrom.cli.main import main
from photochrom.color import samples_to_lightness
from photochrom.web.app import create_app
from photochrom.web.jobs import Jobs
from photochrom.web.problems import Problem
from photochrom.web.settings import Settings


def png(pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


GREY = skimage.data.astronaut()[:90, :120, 0]
PICTURE = png(GREY)


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(), base_url="http://localhost") as one:
        yield one


def client_with(**settings):
    return TestClient(create_app(Settings(**settings)), base_url="http://localhost")


@contextmanager
def served(app):
    """Let a server answer on a port of its own."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def opened(answer):
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def detail(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    return problem["detail"]


def test_a_picture_comes_back_in_colour(client) -> None:
    answer = client.post("/v1/colorize?format=png", content=PICTURE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["photochrom-had-colour"] == "no"
    pixels = opened(answer)
    assert pixels.shape == (90, 120, 3)
    assert np.ptp(pixels.astype(int), axis=2).mean() > 5
    lightness = np.abs(samples_to_lightness(pixels) - samples_to_lightness(GREY))
    assert lightness.mean() < 0.3


def test_a_form_is_taken_too(client) -> None:
    form = {"data": {"format": "webp", "vividness": "0"}, "files": {"picture": PICTURE}}
    answer = client.post("/v1/colorize", **form)
    assert answer.headers["content-type"] == "image/webp"
    plain = client.post("/v1/colorize?format=webp&vividness=0", content=PICTURE)
    assert answer.content == plain.content
    missing = client.post("/v1/colorize", files={"other": PICTURE})
    assert "no file named picture" in detail(missing, 422)
    endless = {"Content-Type": "multipart/form-data; boundary=x"}
    chunks = (b"--x\r\n" for _ in range(2))
    assert "its length" in detail(client.post("/v1/colorize", content=chunks, headers=endless), 411)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("vividness=2", "vividness is a number from 0 to 1, not '2'"),
        ("size=nan", "size is a number from 32 to 2048"),
        ("format=bmp", "no format 'bmp'"),
        ("quality=fats", "no quality 'fats'; one of fast, good, best"),
        ("strength=-1", "strength is a number from 0 to 1"),
        ("tone=maybe", "no tone 'maybe'; one of true, false"),
        ("model=vivd", "no model 'vivd'"),
        ("model=/etc/passwd.onnx", "no model"),
        ("vividnes=1", "did you mean vividness?"),
        ("hints=x", "hints are a JSON list"),
        ('model=beta&hints=[[1,2,"%23ffffff"]]', "takes no hints"),
        ('hints=[[1,2,"red"]]', "'red' is no colour; write it as #rrggbb, such as #a03020"),
        ('hints=[[120,2,"%23ffffff"]]', "the hint at 120,2 is outside the picture of 120 x 90"),
        ("proposals=1", "proposals is a number from 2 to 12"),
    ],
)
def test_wrong_options_are_explained(client, query, words) -> None:
    assert words in detail(client.post(f"/v1/colorize?{query}", content=PICTURE), 422)


def test_strength_and_quality_are_those_of_the_library(client) -> None:
    answer = client.post(
        "/v1/colorize?format=png&strength=0&quality=fast&tone=true", content=PICTURE
    )
    assert np.ptp(opened(answer).astype(int), axis=2).max() <= 1


def test_ten_thousand_hints_are_refused(client) -> None:
    hints = json.dumps([[1, 1, "#ffffff"]] * 10_000)
    form = {"data": {"hints": hints}, "files": {"picture": PICTURE}}
    assert "10000 hints; at most" in detail(client.post("/v1/colorize", **form), 422)
    path = client.post("/v1/sessions", content=PICTURE).headers["location"]
    for end in ("preview", "picture"):
        answer = client.post(f"{path}/{end}", data={"hints": hints})
        assert "10000 hints; at most" in detail(answer, 422)


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
                assert b"10000 hints; at most" in answer.read()
        finally:
            server.terminate()


def test_options_of_a_kept_picture_may_come_as_a_form(client) -> None:
    path = client.post("/v1/sessions", content=PICTURE).headers["location"]
    for end in ("preview", "picture"):
        form = client.post(f"{path}/{end}", data={"vividness": "0"})
        assert form.content == client.get(f"{path}/{end}?vividness=0").content
        assert "as a form" in detail(client.post(f"{path}/{end}", content=b"x"), 415)
        large = {"hints": "x" * (3 << 20)}
        assert "larger than 2 MB" in detail(client.post(f"{path}/{end}", data=large), 413)


def test_what_is_no_picture_is_explained(client) -> None:
    assert "not a picture" in detail(client.post("/v1/colorize", content=b"text " * 9), 422)
    assert "the body is empty" in detail(client.post("/v1/colorize"), 422)
    assert "cut off" in detail(client.post("/v1/colorize", content=PICTURE[:3000]), 422)
    gone = detail(client.get("/v1/nothing"), 404)
    assert gone == "nothing is at /v1/nothing; /openapi.json says what there is"
    assert detail(client.get("/v1/colorize"), 405) == "GET is not for /v1/colorize; use POST"


def test_large_bodies_and_pictures_are_refused() -> None:
    with client_with(most_bytes=1 << 20) as client:
        answer = client.post("/v1/colorize", content=b"x" * (2 << 20))
        assert "larger than 1 MB" in detail(answer, 413)
        chunks = (b"x" * 400_000 for _ in range(4))  # without a length in the header
        assert "larger than 1 MB" in detail(client.post("/v1/colorize", content=chunks), 413)
    with client_with(most_pixels=1000) as client:
        assert "the limit is 1,000" in detail(client.post("/v1/colorize", content=PICTURE), 422)
        assert "the limit" in detail(client.post("/v1/sessions", content=PICTURE), 422)


def test_a_slow_upload_is_given_up() -> None:
    with served(create_app(Settings(upload_seconds=0.2))) as port:
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(
                b"POST /v1/colorize HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"
            )
            assert line.recv(200).startswith(b"HTTP/1.1 408 ")


def test_a_kept_picture_is_asked_for_many_times(client) -> None:
    made = client.post("/v1/sessions", content=PICTURE)
    assert made.status_code == 201
    body = made.json()
    assert (body["width"], body["height"]) == (120, 90)
    path = made.headers["location"]
    before = opened(client.get(f"{path}/original"))
    assert np.ptp(before.astype(int), axis=2).max() <= 2
    natural, vivid = (
        opened(client.get(f"{path}/preview?vividness={v}")).astype(int) for v in (0, 1)
    )
    assert np.ptp(vivid, axis=2).mean() > np.ptp(natural, axis=2).mean() > 2
    whole = client.get(f"{path}/picture?format=png")
    direct = client.post("/v1/colorize?format=png", content=PICTURE)
    assert whole.content == direct.content
    assert client.delete(path).status_code == 204
    assert "no longer kept" in detail(client.get(f"{path}/preview"), 410)


def test_a_hint_outside_is_told_in_pixels_of_the_original(client) -> None:
    large = png(np.tile(GREY, (20, 20)))  # 2400 x 1800, larger than its preview
    path = client.post("/v1/sessions", content=large).headers["location"]
    outside = json.dumps([[2400, 30, "#a03020"]])
    said = detail(client.get(f"{path}/preview", params={"hints": outside}), 422)
    assert said == "the hint at 2400,30 is outside the picture of 2400 x 1800 pixels"


def test_a_part_shows_pixels_of_the_original(client) -> None:
    side = np.arange(2400)
    stripes = png(np.where((side[None] + side[:1800, None]) % 2, 255, 0).astype(np.uint8))
    path = client.post("/v1/sessions", content=stripes).headers["location"]
    part = {"left": 1000, "top": 1000, "width": 300, "height": 200}
    for end in ("original", "preview"):
        whole, detailed = (opened(client.get(f"{path}/{end}", params=p)) for p in ({}, part))
        assert whole.shape == (1050, 1400, 3)
        assert detailed.shape == (200, 300, 3)
        dull, crisp = (pixels.mean(axis=2).std() for pixels in (whole, detailed))
        assert dull < 60 < crisp  # shrunk to grey, or a pixel black and one white
    wide = opened(client.get(f"{path}/original?left=0&top=0&width=2400&height=1800"))
    assert wide.shape == (1800, 2400, 3)
    for query, words in (
        ("left=0", "left, top, width and height, in pixels of the picture, tell a part"),
        ("left=2000&top=0&width=401&height=2", "width is a number from 1 to 400, not '401'"),
        ("left=2400&width=1&height=2", "left is a number from 0 to 2399"),
    ):
        assert words in detail(client.get(f"{path}/preview?{query}"), 422)


def test_a_large_part_is_shown_smaller(client) -> None:
    path = client.post("/v1/sessions", content=png(np.tile(GREY, (1, 50)))).headers["location"]
    shown = opened(client.get(f"{path}/preview?left=100&top=0&width=5800&height=90"))
    assert shown.shape == (22, 1450, 3)


def test_sessions_are_bounded_in_number_age_and_bytes() -> None:
    with client_with(most_sessions=2) as client:
        paths = [client.post("/v1/sessions", content=PICTURE).headers["location"] for _ in range(3)]
        assert client.get(f"{paths[0]}/original").status_code == 410
        assert client.get(f"{paths[2]}/original").status_code == 200
    with client_with(session_bytes=len(PICTURE) + GREY.nbytes + 10) as client:
        paths = [client.post("/v1/sessions", content=PICTURE).headers["location"] for _ in range(2)]
        assert client.get(f"{paths[0]}/original").status_code == 410
    with client_with(session_seconds=0.05) as client:
        path = client.post("/v1/sessions", content=PICTURE).headers["location"]
        time.sleep(0.1)
        assert client.get(f"{path}/original").status_code == 410


def test_too_much_at_once_is_put_off() -> None:
    with client_with(most_waiting=1) as client:
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
        jobs, over = Jobs(Settings(job_seconds=0.05, workers=1, most_waiting=0)), threading.Event()
        with pytest.raises(Problem, match="took too long"):
            await jobs.run(lambda: over.wait(10))
        with pytest.raises(Problem, match="too many"):
            await jobs.run(lambda: None)
        over.set()
        while jobs.waiting:
            await asyncio.sleep(0.01)
        assert await jobs.run(lambda: "free again") == "free again"
        jobs.close()

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
        jobs, over, begun = Jobs(Settings(workers=1)), threading.Event(), []
        first = asyncio.create_task(jobs.run(lambda: over.wait(10)))
        client = Leaving()
        second = asyncio.create_task(jobs.run(lambda: begun.append("second"), client))
        await asyncio.sleep(0.05)
        assert jobs.waiting == 2
        client.gone.set()
        with pytest.raises(Problem, match="hung up"):
            await second
        assert (jobs.waiting, jobs.dropped) == (1, 1)
        over.set()
        assert await first
        assert await jobs.run(lambda: "next") == "next"
        assert begun == []
        jobs.close()

    asyncio.run(story())


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


def test_ten_thousand_tiny_uploads_are_each_answered_in_bounded_memory() -> None:
    app, tiny = create_app(Settings(most_sessions=20)), png(GREY[:1, :1])

    async def upload(client, count: int) -> Counter[int]:
        answers = [await client.post("/v1/sessions", content=tiny) for _ in range(count)]
        return Counter(answer.status_code for answer in answers)

    async def story() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            found = await asyncio.gather(*(upload(client, 1250) for _ in range(8)))
            codes = sum(found, Counter[int]())
            assert set(codes) <= {201, 429}
            assert codes.total() == 10_000
            assert codes[201] > 1000
            metrics = (await client.get("/metrics")).text
            assert "photochrom_sessions 20\n" in metrics
            assert "photochrom_jobs 0\n" in metrics

    asyncio.run(story())


def test_a_token_is_wanted_where_one_is_set() -> None:
    with client_with(token="secret") as client:
        refused = client.post("/v1/colorize", content=PICTURE)
        assert "wants its token" in detail(refused, 401)
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
    header = {"Sec-Fetch-Site": "cross-site"}
    assert detail(client.post("/v1/colorize", content=PICTURE, headers=header), 403)
    for path in ("/", "/static/studio.js", "/v1/models", "/v1/nothing"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
    assert client.get("/static/../app.py").status_code == 404
    page = client.get("/").text
    assert "http://" not in page
    assert "https://" not in page


def test_health_models_metrics_and_document(client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    models = client.get("/v1/models").json()
    assert {"vivid"} <= {model["name"] for model in models}
    client.post("/v1/colorize", content=PICTURE)
    text = client.get("/metrics").text
    assert "photochrom_jobs 0" in text
    assert "photochrom_pictures_total" in text
    paths = client.get("/openapi.json").json()["paths"]
    assert "/v1/sessions/{name}/preview" in paths


def test_a_defect_says_nothing_about_this_machine(monkeypatch) -> None:
    monkeypatch.setattr("photochrom.web.kept.open_session", lambda *_: 1 / 0)
    with TestClient(
        create_app(), base_url="http://localhost", raise_server_exceptions=False
    ) as client:
        answer = client.post("/v1/sessions", content=PICTURE)
        assert detail(answer, 500) == "something went wrong in the server; its log says more"


def test_other_machines_are_let_in_with_a_token_only() -> None:
    result = CliRunner().invoke(main, ["serve", "--host", "0.0.0.0"])
    assert result.exit_code == 2
    assert "give a --token as well" in result.output
