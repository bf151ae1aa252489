"""The OpenAPI document is true: what it offers is asked for, rightly and wrongly."""

import re

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from helpers.rest import PICTURE
from photochrom.web.app import create_app
from photochrom.web.settings import Settings

HOST = {"Host": "localhost"}
schema = schemathesis.openapi.from_asgi(
    "/openapi.json",
    create_app(Settings(max_bytes=1 << 20, max_pixels=1_000_000)),
    headers=HOST,
)
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
UNDOCUMENTED = {"/", "/docs", "/static"}


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_in_the_document(case) -> None:
    case.call_and_validate(checks=CHECKS, headers=HOST)


@pytest.fixture(scope="module")
def client(echo_as_vivid):
    with TestClient(create_app(), base_url="http://localhost") as one:
        yield one


@pytest.mark.parametrize(
    "end", ["original", "preview", "doubts", "picture", "variants", "proposals", "colours?x=9&y=9"]
)
def test_what_a_kept_picture_answers_is_in_the_document(client, end) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    made = client.post("/v1/sessions", content=PICTURE)
    check(made, paths["/v1/sessions"]["post"])
    answer = client.get(f"{made.headers['location']}/{end}")
    check(answer, paths[f"/v1/sessions/{{name}}/{end.partition('?')[0]}"]["get"])


def check(answer, operation) -> None:
    """Check a good answer against what the document says of it."""
    described = operation["responses"][str(answer.status_code)]
    assert answer.is_success
    content = described["content"][answer.headers["content-type"]]
    if "json" in answer.headers["content-type"]:
        jsonschema.validate(answer.json(), content["schema"])
    assert {name.lower() for name in described["headers"]} <= answer.headers.keys()


def test_every_route_is_in_the_document(client) -> None:
    routes = {route.path: set(getattr(route, "methods", ())) for route in client.app.routes}
    paths = client.get("/openapi.json").json()["paths"]
    assert routes.keys() - paths.keys() == UNDOCUMENTED
    for path, operations in paths.items():
        methods = {name.upper() for name in operations if name != "parameters"}
        assert routes[path] - {"HEAD"} == methods


def test_a_page_shows_every_endpoint_and_fetches_nothing_from_elsewhere(client) -> None:
    answer = client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    shown = re.sub(r"<[^>]+>", "", answer.text)
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for method in operations.keys() - {"parameters"}:
            assert f"{method.upper()} {path}" in shown
    assert "vividnessnumber, 0 to 1From 0, natural, to 1, vivid." in shown
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', answer.text)
    assert set(loaded) == {"static/icon.svg", "static/reference.css", "openapi.json", "./"}
    assert "<script" not in answer.text
    assert client.get("/static/reference.css").status_code == 200
    for anchor in re.findall(r'href="#([^"]+)"', answer.text):
        assert answer.text.count(f'id="{anchor}"') == 1


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/v1/models"])
def test_what_a_client_has_is_not_sent_again(client, path) -> None:
    tag = client.get(path).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
