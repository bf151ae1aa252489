"""`photochrom serve`: where it says that it is, and what it opens."""

import errno
import re
import socket
import subprocess
import sys
import webbrowser
from contextlib import nullcontext

import httpx
import pytest
import uvicorn
from click.testing import CliRunner

from photochrom.cli import serve
from photochrom.cli.main import main


@pytest.fixture
def opened(monkeypatch):
    """What would be opened by a server that ends at once."""
    found = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: None)
    monkeypatch.setattr(webbrowser, "open", found.append)
    monkeypatch.setattr(serve, "has_browser", lambda: True)
    return found


def said(*options) -> str:
    result = CliRunner().invoke(main, ["serve", *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_browser_is_opened_where_the_server_is(opened) -> None:
    address = re.search(r"at (http://127\.0\.0\.1:\d+/)  \(Ctrl", said("--port", "0")).group(1)
    assert opened == [address]
    assert ":0/" not in address


def test_no_browser_is_opened_unasked(opened, monkeypatch) -> None:
    said("--port", "0", "--no-open")
    monkeypatch.undo()
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: None)
    monkeypatch.setattr(webbrowser, "open", opened.append)
    said("--port", "0")  # not in a terminal
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not serve.has_browser()
    monkeypatch.setenv("DISPLAY", ":0")
    assert serve.has_browser()
    assert opened == []


def test_for_all_addresses_a_usable_one_is_said(opened, monkeypatch) -> None:
    monkeypatch.setattr(serve, "_in_network", lambda: "192.168.1.20")
    text = said("--host", "0.0.0.0", "--port", "0", "--token", "x")
    port = re.search(r"127\.0\.0\.1:(\d+)/", text).group(1)
    assert text.startswith(
        f"Photochrom is at http://127.0.0.1:{port}/, and for other machines at "
        f"http://192.168.1.20:{port}/  (Ctrl"
    )
    assert serve.addresses("::1", 80) == ["http://[::1]:80/"]


@pytest.mark.parametrize("connected", [True, False])
def test_the_address_in_the_network_is_asked_of_this_machine(monkeypatch, connected) -> None:
    class Probe(nullcontext):
        def connect(self, address) -> None:
            if not connected:
                raise OSError

        def getsockname(self) -> tuple[str, int]:
            return "192.168.1.20", 5353

    def probe(family, kind) -> Probe:
        assert kind is socket.SOCK_DGRAM  # such a connection sends nothing
        one = Probe()
        one.enter_result = one
        return one

    monkeypatch.setattr(socket, "socket", probe)
    wanted = "192.168.1.20" if connected else socket.gethostname()
    assert serve._in_network() == wanted


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["serve", "--port", str(port)])
    assert result.exit_code == 1
    wanted = f"port {port} is taken, perhaps by Photochrom itself; add --port 0 for a free one"
    assert wanted in result.output
    assert "Traceback" not in result.output


def test_an_address_that_is_not_this_machine_s_is_one_sentence(monkeypatch) -> None:
    def refuse(*_, **__) -> None:
        raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

    monkeypatch.setattr(socket, "create_server", refuse)
    result = CliRunner().invoke(main, ["serve", "--port", "8000"])
    assert result.exit_code == 1
    wanted = "cannot listen on 127.0.0.1, port 8000 (Cannot assign requested address)"
    assert wanted in result.output


def test_it_answers_where_it_says_and_ends_in_peace() -> None:
    command = [sys.executable, "-m", "photochrom", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as server:
        try:
            address = re.search(rb"http://\S+", server.stdout.readline()).group().decode()
            assert httpx.get(f"{address}healthz", timeout=60).json() == {"status": "ok"}
        finally:
            server.terminate()
            _, errors = server.communicate(timeout=60)
    assert b"Traceback" not in errors
