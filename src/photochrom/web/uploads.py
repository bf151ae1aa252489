"""Bodies of requests, read within bounds: pictures, films, and the fields of forms."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TypeVar

from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect, Request

from photochrom.web.problems import Problem
from photochrom.web.settings import Settings

_FIELDS = 20  # of a form
_FIELD_BYTES = 1 << 20

T = TypeVar("T")


@dataclass(frozen=True)
class Upload:
    """A picture that a client sent, with its options."""

    picture: bytes
    fields: dict[str, str]
    """Options of the query and of the form."""
    reference: bytes | None = None


@asynccontextmanager
async def _arriving(seconds: float) -> AsyncIterator[None]:
    """Bound how long a body may take to arrive."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Problem(408, "the upload took too long") from error
    except ClientDisconnect as error:
        raise Problem(400, "the upload broke off") from error


def _in_time(
    read: Callable[[Request, Settings], Awaitable[T]],
) -> Callable[[Request, Settings], Awaitable[T]]:
    """Bound how long the body of a picture, or of options, may take to arrive."""

    @wraps(read)
    async def bounded(request: Request, settings: Settings) -> T:
        async with _arriving(settings.upload_seconds):
            return await read(request, settings)

    return bounded


@_in_time
async def read_upload(request: Request, settings: Settings) -> Upload:
    """Read a picture and its options: the body, or the file "picture" of a form.

    A form may hold a file "reference" too. Raises `Problem` 413 when it is too large, 408 when it
    comes too slowly, 422 when there is none.
    """
    query = dict(request.query_params)
    _check_length(request, settings.max_bytes)
    if not _is_form(request, "multipart/form-data"):
        return Upload(await _whole(request, settings.max_bytes), query)
    async with request.form(max_files=2, max_fields=_FIELDS, max_part_size=_FIELD_BYTES) as form:
        picture, reference = form.get("picture"), form.get("reference")
        if not isinstance(picture, UploadFile):
            raise Problem(422, "the form has no file named picture")
        return Upload(
            await picture.read(),
            {**query, **_texts(form)},
            await reference.read() if isinstance(reference, UploadFile) else None,
        )


async def read_file(request: Request, path: Path, settings: Settings) -> None:
    """Write the body, a film, to a file.

    Raises `Problem` 413 when it is too large, 408 when it comes too slowly, 422 when there is
    none, 507 where the disk is full.
    """
    _check_length(request, settings.max_film_bytes)
    try:
        with path.open("wb") as file:
            async with _arriving(settings.film_seconds):
                async for chunk in request.stream():
                    file.write(chunk)
                    _check_size(file.tell(), settings.max_film_bytes)
            if not file.tell():
                raise Problem(422, "the body is empty; send a film")
    except OSError as error:
        raise Problem(507, f"the film cannot be kept here ({error.strerror})") from error


@_in_time
async def read_fields(request: Request, settings: Settings) -> dict[str, str]:
    """Read options from the query, and from the form that is the body of a POST, if there is one.

    Raises `Problem` 413 when the form is too large, 415 when the body is something else.
    """
    query = dict(request.query_params)
    if request.method == "GET" or _is_empty(request):
        return query
    media_types = ("application/x-www-form-urlencoded", "multipart/form-data")
    if not _is_form(request, *media_types):
        raise Problem(415, f"send the options as a form, {' or '.join(media_types)}")
    _check_length(request, 2 * _FIELD_BYTES)
    async with request.form(max_files=0, max_fields=_FIELDS, max_part_size=_FIELD_BYTES) as form:
        return {**query, **_texts(form)}


def _is_empty(request: Request) -> bool:
    headers = request.headers
    length = headers.get("content-length", "0")
    return length == "0" and "content-type" not in headers and "transfer-encoding" not in headers


def _is_form(request: Request, *media_types: str) -> bool:
    """Whether the body is a form, whose length must be told beforehand (`Problem` 411)."""
    if not request.headers.get("content-type", "").startswith(media_types):
        return False
    if "content-length" not in request.headers:
        raise Problem(411, "a form must tell its length beforehand")
    return True


def _check_length(request: Request, max_bytes: int) -> None:
    _check_size(int(request.headers.get("content-length") or 0), max_bytes)


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise Problem(413, f"the body is larger than {max_bytes >> 20} MB")


def _texts(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _whole(request: Request, max_bytes: int) -> bytes:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        _check_size(len(data), max_bytes)
    if not data:
        raise Problem(422, "the body is empty; send a picture")
    return bytes(data)
