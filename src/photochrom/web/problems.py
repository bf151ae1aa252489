"""Errors as answers: problem details, RFC 9457."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from photochrom.errors import PhotochromError

DEFECT = "something went wrong in the server; see its log"


class Problem(Exception):
    """An error that is sent to the client: a status, a sentence and headers."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


def answer(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Make the response, as application/problem+json."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return JSONResponse(
        {**body, "detail": detail},
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )


async def from_problem(request: Request, error: Exception) -> Response:
    """Answer a `Problem`."""
    assert isinstance(error, Problem)
    return answer(error.status, error.detail, error.headers)


async def from_photochrom(request: Request, error: Exception) -> Response:
    """Answer an error of the library, which is about what the client sent."""
    assert isinstance(error, PhotochromError)
    return answer(422, str(error))


async def from_http(request: Request, error: Exception) -> Response:
    """Answer an error of the framework, such as an unknown path."""
    assert isinstance(error, HTTPException)
    headers, path = dict(error.headers or {}), request.url.path
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    detail = {
        404: f"there is nothing at {path}; see /openapi.json for the paths",
        405: f"{path} does not take {request.method}; use {headers.get('Allow')}",
    }.get(error.status_code, error.detail)
    return answer(error.status_code, detail, headers)


async def from_anything(request: Request, error: Exception) -> Response:
    """Answer a defect without a word about this machine."""
    return answer(500, DEFECT)
