"""The OpenAPI document is true: schemathesis asks for all that it offers, rightly and wrongly."""

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

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


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_in_the_document(case) -> None:
    case.call_and_validate(checks=CHECKS, headers=HOST)
