"""Bodies of requests, read within bounds: pictures, films, and the fields of forms."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TypeVar

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from photochrom.web.problems import Problem
from photochrom.web.settings import Settings

_FIELDS = 20  # of a form
_FIELD_BYTES = 1 << 20

T = TypeVar("T")
V = TypeVar("V")


@dataclass(frozen=True)
class Upload:
    """A picture that a client sent, with its options."""

    picture: bytes
    fields: dict[str, str]
    """Options of the query and of the form."""
    reference: bytes | None = None
    hint_layer: bytes | None = None
    """A transparent picture, on which hints are painted."""


@asynccontextmanager
async def _arriving(request: Request, settings: Settings) -> AsyncIterator[Request]:
    """Give a request whose body must arrive at the least rate of the settings."""
    began, arrived = asyncio.get_running_loop().time(), 0

    async def receive() -> Message:
        nonlocal arrived
        allowed = settings.upload_seconds + arrived / settings.upload_rate
        async with asyncio.timeout_at(began + allowed):
            message = await request.receive()
        arrived += len(message.get("body", b""))
        return message

    try:
        yield Request(request.scope, receive)
    except TimeoutError as error:
        wanted = f"at least {settings.upload_rate >> 10} KB a second are wanted"
        raise Problem(408, f"the upload came too slowly; {wanted}") from error
    except ClientDisconnect as error:
        raise Problem(400, "the upload broke off") from error


def _in_time(
    read: Callable[[Request, Settings], Awaitable[T]],
) -> Callable[[Request, Settings], Awaitable[T]]:
    """Let `read` read a body that must arrive at the least rate."""

    @wraps(read)
    async def bounded(request: Request, settings: Settings) -> T:
        async with _arriving(request, settings) as arriving:
            return await read(arriving, settings)

    return bounded


def read_query(request: Request) -> dict[str, str]:
    """Read the options of the query; raises `Problem` 422 for one that is given twice."""
    return _once(request.query_params.multi_items())


def _once(given: Iterable[tuple[str, V]]) -> dict[str, V]:
    """Make a dictionary of options; raises `Problem` 422 for one that is given twice."""
    found: dict[str, V] = {}
    for name, value in given:
        if name in found:
            raise Problem(422, f"{name} is given twice; give it once")
        found[name] = value
    return found


@_in_time
async def read_upload(request: Request, settings: Settings) -> Upload:
    """Read a picture and its options: the body, or the file "picture" of a form.

    A form may hold files "reference" and "hint_layer" too. Raises `Problem` 413 when it is too
    large, 408 when it comes too slowly, 422 when there is none.
    """
    query = read_query(request)
    _check_length(request, settings.max_bytes)
    if not _is_form(request, "multipart/form-data"):
        return Upload(await _whole(request, settings.max_bytes), query)
    async with request.form(max_files=3, max_fields=_FIELDS, max_part_size=_FIELD_BYTES) as form:
        given = _once([*query.items(), *form.multi_items()])
        picture = given.get("picture")
        if not isinstance(picture, UploadFile):
            raise Problem(422, "the form has no file named picture")
        return Upload(
            await picture.read(),
            _texts(given),
            await _file(given.get("reference")),
            await _file(given.get("hint_layer")),
        )


async def _file(given: str | UploadFile | None) -> bytes | None:
    return await given.read() if isinstance(given, UploadFile) else None


async def read_picture(request: Request, path: Path, settings: Settings) -> None:
    """Write a picture, the body or the file "picture" of a form, to a file.

    Raises as `read_file` and `read_upload` do.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        read_query(request)
        return await read_file(request, path, settings, "picture")
    upload = await read_upload(request, settings)
    try:
        await asyncio.to_thread(path.write_bytes, upload.picture)
    except OSError as error:
        raise Problem(507, f"the picture cannot be kept here ({error.strerror})") from error


async def read_file(request: Request, path: Path, settings: Settings, what: str) -> None:
    """Write the body, a "film" or a "picture", to a file.

    Raises `Problem` 413 when it is too large, 408 when it comes too slowly, 422 when there is
    none, 507 where the disk is full.
    """
    max_bytes = settings.max_film_bytes if what == "film" else settings.max_bytes
    _check_length(request, max_bytes)
    try:
        with path.open("wb") as file:
            async with _arriving(request, settings) as arriving:
                async for chunk in arriving.stream():
                    file.write(chunk)
                    _check_size(file.tell(), max_bytes)
            if not file.tell():
                raise Problem(422, f"the body is empty; send a {what}")
    except OSError as error:
        raise Problem(507, f"the {what} cannot be kept here ({error.strerror})") from error


@_in_time
async def read_fields(request: Request, settings: Settings) -> dict[str, str]:
    """Read options from the query, and from the form that is the body of a POST, if there is one.

    Raises `Problem` 413 when the form is too large, 415 when the body is something else.
    """
    query = read_query(request)
    if request.method == "GET" or _is_empty(request):
        return query
    media_types = ("application/x-www-form-urlencoded", "multipart/form-data")
    if not _is_form(request, *media_types):
        raise Problem(415, f"send the options as a form, {' or '.join(media_types)}")
    _check_length(request, 2 * _FIELD_BYTES)
    async with request.form(max_files=0, max_fields=_FIELDS, max_part_size=_FIELD_BYTES) as form:
        return _texts(_once([*query.items(), *form.multi_items()]))


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


def _texts(given: Mapping[str, str | UploadFile]) -> dict[str, str]:
    return {name: value for name, value in given.items() if isinstance(value, str)}


async def _whole(request: Request, max_bytes: int) -> bytes:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        _check_size(len(data), max_bytes)
    if not data:
        raise Problem(422, "the body is empty; send a picture")
    return bytes(data)
