"""What every test has: a model without training, and no way to other machines."""

import builtins
import signal
import socket
import sys
from contextlib import suppress

import pytest

from helpers.browsers import PROGRAMS

ANSWERED = ("", "localhost", "::1", "::", "0.0.0.0", socket.gethostname())
"""Names of this machine."""
asked: list[str] = []  # other machines that a test wanted to reach


def refuse_other_machines(event: str, arguments: tuple) -> None:
    """Let no test reach another machine: what comes from there may differ tomorrow."""
    if event not in ("socket.connect", "socket.getaddrinfo"):
        return
    address = arguments[1] if event == "socket.connect" else arguments[0]
    host = address[0] if isinstance(address, tuple) else address if "get" in event else None
    host = host.decode() if isinstance(host, bytes) else host
    if host and host not in ANSWERED and not host.startswith("127."):
        asked.append(host)
        raise OSError(f"a test asked for {host}")


def pytest_configure(config) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else ignored when started with &
    sys.addaudithook(refuse_other_machines)
    with suppress(ImportError):  # a server's start closes all handlers, and this one its stream
        from absl import logging

        logging.get_absl_handler().python_handler.stream = sys.__stderr__


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if "browsers" in item.fixturenames:
            item.add_marker("browser")
    items.sort(key=lambda item: "browsers" in item.fixturenames)  # so that each starts once


@pytest.fixture(autouse=True)
def no_other_machine(request):
    """Fail where another machine was asked, though the program may have gone on without it."""
    yield
    found, asked[:] = asked[:], []
    assert not found or request.node.get_closest_marker("cluster"), f"asked for {found}"


@pytest.fixture
def broken_import(monkeypatch):
    """Let the import of a library raise an error, which by default a damaged one raises."""
    whole = builtins.__import__

    def break_it(library: str, error: Exception | None = None) -> None:
        def imported(name, *rest, **keywords):
            if name == library or name.startswith(f"{library}."):
                raise error or ImportError("libthing.so.1: cannot open shared object file\nTrace")
            return whole(name, *rest, **keywords)

        monkeypatch.setattr(builtins, "__import__", imported)

    return break_it


@pytest.fixture(scope="session")
def echo(tmp_path_factory):
    """The path of a model that takes hints and gives suggestions."""
    from helpers import echo_model

    return echo_model.write(tmp_path_factory.mktemp("model") / "echo.onnx")


def pytest_addoption(parser) -> None:
    """Add options of the tests of the studio."""
    parser.addoption("--update-looks", action="store_true", help="store how the studio looks, anew")
    parser.addoption("--browser", choices=PROGRAMS, default="chromium", help="for the studio")
