"""Answers: ETags, by which a client is not sent what it has, and several pictures in a ZIP."""

import io
import json
import re
import time
import zipfile
from collections.abc import Awaitable, Callable, Iterable, Mapping
from hashlib import blake2b
from typing import IO, Any

from starlette.requests import Request
from starlette.responses import Response

from photochrom import __version__

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
"""What a file name cannot hold on one system or another."""
_LONGEST = 120  # characters of a name in a ZIP


async def unless_known(
    request: Request, fields: Mapping[str, str], make: Callable[[], Awaitable[Response]]
) -> Response:
    """Answer with what `make` gives; to a GET whose client has it already, with 304.

    For answers that the path, the options `fields` and this version of Photochrom determine.
    """
    tag = _tag([request.url.path, sorted(fields.items()), __version__])
    if _knows(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    answer = await make()
    answer.headers["ETag"] = tag
    return answer


def text(request: Request, body: str, media_type: str) -> Response:
    """Answer with a text; to a client that has it already, with 304."""
    tag = _tag(body)
    if _knows(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, media_type=media_type, headers={"ETag": tag})


def as_json(request: Request, data: object) -> Response:
    """Answer with JSON; to a client that has it already, with 304."""
    return text(request, json.dumps(data, ensure_ascii=False), "application/json")


def _tag(data: object) -> str:
    return f'"{blake2b(json.dumps(data).encode(), digest_size=16).hexdigest()}"'


def _knows(request: Request, tag: str) -> bool:
    """Whether a client says that it has what `tag` names (RFC 9110, section 13.1.2)."""
    known = request.headers.get("if-none-match", "").split(",")
    tags = {one.strip().removeprefix("W/") for one in known}
    return request.method in ("GET", "HEAD") and bool(tags & {tag, "*"})


def zip_files(file: IO[bytes], files: Iterable[tuple[str, bytes | Any]]) -> None:
    """Write named pictures, which are compressed already, to a ZIP; each is bytes or a path."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, picture in files:
            entry = zipfile.ZipInfo(name, time.localtime()[:6])
            data = picture if isinstance(picture, bytes) else picture.read_bytes()
            archive.writestr(entry, data)


def zipped(pictures: list[bytes], extension: str) -> bytes:
    """Put pictures in a ZIP, as 1.jpg, 2.jpg, ..."""
    file = io.BytesIO()
    zip_files(file, ((f"{at}{extension}", one) for at, one in enumerate(pictures, 1)))
    return file.getvalue()


def safe_name(name: str) -> str:
    """Make a name that any system takes as that of one file: no separators, never hidden.

    >>> safe_name("../holidays/Grandma?.jpg")
    'holidays-Grandma-.jpg'
    """
    plain = _FORBIDDEN.sub("-", name).strip(" .-")
    if len(plain) > _LONGEST:
        stem, dot, extension = plain.rpartition(".")
        plain = f"{(stem or extension)[: _LONGEST - 6]}{dot}{extension[:5]}"
    return plain or "picture"
