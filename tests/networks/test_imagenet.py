"""Weights from timm's hub, against a server on this machine; and from a file, in timm's layout."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import timm
import torch
from safetensors.torch import save

from photochrom.errors import ModelError
from photochrom.networks.full import Classifier
from photochrom.networks.imagenet import imagenet_weights

TINY = "test_efficientnet"
LOAD = (
    "import sys, torch\n"
    "from photochrom.networks.imagenet import imagenet_weights\n"
    f"torch.save(imagenet_weights({TINY!r}), sys.argv[1])\n"
)


@pytest.fixture
def hub():
    """The part of the hub's interface that a download needs, for one file."""
    torch.manual_seed(0)
    weights = timm.create_model(TINY).state_dict()
    content = save(weights)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer(send=False)

        def do_GET(self) -> None:
            self.answer(send=True)

        def answer(self, *, send: bool) -> None:
            if not self.path.endswith("/resolve/main/model.safetensors"):
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", '"abc"')
            self.send_header("X-Repo-Commit", "0" * 40)
            self.end_headers()
            if send:
                self.wfile.write(content)

        def log_message(self, *words) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", weights
    server.shutdown()
    thread.join()
    server.server_close()


def load(tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOAD, str(tmp_path / "found.pt")],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HOME": str(tmp_path / "cache"), **environment},
    )


@pytest.mark.slow
def test_weights_come_from_the_hub(hub, tmp_path) -> None:
    address, weights = hub
    result = load(tmp_path, HF_ENDPOINT=address, HF_HUB_DISABLE_XET="1")
    assert result.returncode == 0, result.stderr
    found = torch.load(tmp_path / "found.pt", weights_only=True)
    assert all(torch.equal(found[name], value) for name, value in weights.items())


def test_without_a_hub_the_error_says_what_to_do(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError) as error:
        imagenet_weights(TINY)
    assert "the hub cannot be reached; bring model.safetensors from" in str(error.value)
    assert "and set model.weights to it" in str(error.value)


@pytest.mark.slow
def test_the_papers_classifier_is_read_from_a_file(tmp_path) -> None:
    torch.manual_seed(0)
    whole = timm.create_model("inception_resnet_v2").eval()
    path = tmp_path / "inception_resnet_v2.pth"
    torch.save(whole.state_dict(), path)
    classifier = Classifier("inception_resnet_v2", str(path)).eval()
    lightness = torch.rand(1, 1, 299, 299) * 100
    with torch.no_grad():
        expected = whole((lightness / 50 - 1).expand(-1, 3, -1, -1))  # -1..1, as its weights want
        torch.testing.assert_close(classifier(lightness), expected, atol=1e-3, rtol=1e-3)
    with pytest.raises(ModelError, match="are not those of tf_efficientnet_lite0"):
        imagenet_weights("tf_efficientnet_lite0", str(path))
