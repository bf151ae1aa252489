"""Errors as answers: problem details, RFC 9457."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from photochrom.errors import PhotochromError

DEFECT = "something went wrong in the server; its log says more"


class Problem(Exception):
    """An error that the client is told."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


def answer(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Give the problem as application/problem+json."""
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
    """Answer what Photochrom says of a picture, a hint or an option: the client's mistake."""
    assert isinstance(error, PhotochromError)
    return answer(422, str(error))


async def from_http(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses, such as an unknown path."""
    assert isinstance(error, HTTPException)
    headers, path = dict(error.headers or {}), request.url.path
    detail = {
        404: f"nothing is at {path}; /openapi.json says what there is",
        405: f"{request.method} is not for {path}; use {headers.get('Allow')}",
    }.get(error.status_code, error.detail)
    return answer(error.status_code, detail, headers)


async def from_anything(request: Request, error: Exception) -> Response:
    """Answer a defect without telling about this machine."""
    return answer(500, DEFECT)
