"""What the tests of the REST interface send, and how they read answers."""

import io
import threading
import time
from contextlib import contextmanager

import numpy as np
import skimage.data
import uvicorn
from PIL import Image
from starlette.testclient import TestClient

from photochrom.web.app import create_app
from photochrom.web.settings import Settings


def png(pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


GREY = skimage.data.astronaut()[:90, :120, 0]
PICTURE = png(GREY)


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
