"""The container keeps its promises: no root, a health check, bounds."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")
ROOT = Path(__file__).parents[2]
LINES = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()


def instructions(name: str) -> list[str]:
    """Give the arguments of an instruction in the last stage."""
    start = max(number for number, line in enumerate(LINES) if line.startswith("FROM "))
    return [line.partition(" ")[2] for line in LINES[start:] if line.startswith(f"{name} ")]


def test_it_runs_without_root_and_starts_the_studio() -> None:
    assert instructions("USER") == ["1000"]
    assert instructions("ENTRYPOINT") == ['["photochrom"]']
    assert instructions("CMD") == ['["serve", "--host", "0.0.0.0", "--no-open"]']
    assert instructions("FROM") == ["python:3.13-slim"]
    assert '["/pictures", "/data"]' in instructions("VOLUME")


def test_its_health_check_asks_what_the_server_answers() -> None:
    pytest.importorskip("starlette")
    from starlette.testclient import TestClient

    from photochrom.web.app import create_app
    from photochrom.web.settings import Settings

    (check,) = instructions("HEALTHCHECK")
    address = re.search(r"http://127\.0\.0\.1:8000(/\w+)", check)
    with TestClient(create_app(Settings(token="secret"))) as client:
        assert client.get(address[1], headers={"Host": "127.0.0.1:8000"}).status_code == 200


def test_only_what_is_built_is_sent_to_the_builder() -> None:
    sent = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    copied = {name for line in LINES if line.startswith("COPY ") for name in line.split()[1:-1]}
    assert sent[0] == "*"
    assert {line[1:] for line in sent if line.startswith("!")} >= copied - {
        "--from=wheel",
        "/wheels",
    }


def test_the_studio_has_bounds_and_a_root_that_cannot_be_written() -> None:
    service = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"][
        "studio"
    ]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()
    assert service["ports"] == ["127.0.0.1:8000:8000"], "for this machine alone"
    assert service["environment"]["PHOTOCHROM_TOKEN"].startswith("${PHOTOCHROM_TOKEN:?")
    assert {one.partition(":")[2] for one in service["volumes"]} == {"/pictures", "/data"}


def test_a_linter_finds_nothing() -> None:
    if not shutil.which("hadolint"):
        pytest.skip("hadolint is not installed; the GitHub workflow runs it")
    subprocess.run(["hadolint", str(ROOT / "Dockerfile")], check=True)
