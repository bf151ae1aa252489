"""Bodies and options of requests, checked."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request

from photochrom.errors import did_you_mean
from photochrom.hints import MOST, Hint
from photochrom.looks import QUALITIES, QUALITY
from photochrom.web.problems import Problem
from photochrom.web.settings import Settings

ENDINGS = {
    "jpeg": (".jpg", "image/jpeg"),
    "png": (".png", "image/png"),
    "tiff": (".tif", "image/tiff"),
    "webp": (".webp", "image/webp"),
    "avif": (".avif", "image/avif"),
}
"""Formats that can be asked for: file ending and media type."""
BOOLEANS = ("true", "false")
MOST_PROPOSALS = 12


@dataclass(frozen=True)
class Options:
    """What a client may choose."""

    model: str
    vividness: float | None = None
    size: int | None = None
    quality: str = QUALITY
    strength: float = 1.0
    tone: bool = False
    format: str = "jpeg"
    hints: tuple[Hint, ...] = ()

    def for_colorize(self) -> dict[str, Any]:
        """Give the options of `Colorizer.colorize`."""
        chosen = asdict(self)
        del chosen["model"], chosen["format"]
        return chosen


def parse(given: Mapping[str, str], model: str, *further: str) -> Options:
    """Read options from query or form fields; raises `Problem` 422 for what cannot be.

    The names `further` may stand among them; `number` reads them.
    """
    known = (*(field.name for field in fields(Options)), *further)
    for name in given:
        if name not in known:
            raise Problem(422, f"no option {name!r}{did_you_mean(name, known)}")
    strength = number(given, "strength", 0, 1)
    return Options(
        model=given.get("model", model),
        vividness=number(given, "vividness", 0, 1),
        size=_whole(number(given, "size", 32, 2048)),
        quality=_one_of(given.get("quality", QUALITY), "quality", QUALITIES),
        strength=1.0 if strength is None else strength,
        tone=_one_of(given.get("tone", "false"), "tone", BOOLEANS) == "true",
        format=_one_of(given.get("format", "jpeg"), "format", ENDINGS),
        hints=_hints(given.get("hints", "[]")),
    )


def _one_of(value: str, name: str, known: Iterable[str]) -> str:
    if value not in known:
        raise Problem(422, f"no {name} {value!r}; one of {', '.join(known)}")
    return value


def number(fields: Mapping[str, str], name: str, low: float, high: float) -> float | None:
    """Read a number from `low` to `high`, if it is there; raises `Problem` 422 for another."""
    if name not in fields:
        return None
    try:
        value = float(fields[name])
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise Problem(422, f"{name} is a number from {low:g} to {high:g}, not {fields[name]!r}")
    return value


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _hints(text: str) -> tuple[Hint, ...]:
    try:
        hints = tuple((float(x), float(y), str(colour)) for x, y, colour in json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise Problem(422, 'hints are a JSON list of [x, y, "#rrggbb"]') from error
    if len(hints) > MOST:
        raise Problem(422, f"{len(hints)} hints; at most {MOST} can be given")
    return hints


async def read_upload(request: Request, settings: Settings) -> tuple[bytes, dict[str, str]]:
    """Read a picture and its options: the body, or the field "picture" of a form.

    Raises `Problem` 413 when it is too large, 408 when it comes too slowly, 422 when there is none.
    """
    try:
        async with asyncio.timeout(settings.upload_seconds):
            return await _read(request, settings)
    except TimeoutError as error:
        raise Problem(408, "the upload took too long") from error
    except ClientDisconnect as error:
        raise Problem(400, "the upload broke off") from error


async def _read(request: Request, settings: Settings) -> tuple[bytes, dict[str, str]]:
    fields = dict(request.query_params)
    most = settings.most_bytes
    if int(request.headers.get("content-length") or 0) > most:
        raise Problem(413, f"the body is larger than {most >> 20} MB")
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        if "content-length" not in request.headers:
            raise Problem(411, "a form must tell its length beforehand")
        async with request.form(max_files=1, max_fields=20, max_part_size=1 << 20) as form:
            upload = form.get("picture")
            if not isinstance(upload, UploadFile):
                raise Problem(422, "the form has no file named picture")
            texts = {name: value for name, value in form.items() if isinstance(value, str)}
            return await upload.read(), {**fields, **texts}
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > most:
            raise Problem(413, f"the body is larger than {most >> 20} MB")
    if not data:
        raise Problem(422, "the body is empty; send a picture")
    return bytes(data), fields
