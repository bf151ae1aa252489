"""The OpenAPI document of the server, made from its table of endpoints."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from photochrom import __version__
from photochrom.guidance.hints import REACHES
from photochrom.guidance.palette import presets
from photochrom.inference.options import QUALITIES
from photochrom.web.options import BOOLEANS, FORMATS, MAX_VARIANTS, SHOWN
from photochrom.web.region import SIDES

Schema = dict[str, Any]
FILE: Schema = {"type": "string", "format": "binary"}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
HINTS: Schema = {
    "type": "array",
    "items": {"type": "array", "prefixItems": [NUMBER, NUMBER, TEXT], "items": False},
}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_PIXEL: Schema = {"type": "number", "minimum": 0}
_COUNT: Schema = {"type": "integer", "minimum": 2, "maximum": MAX_VARIANTS}
_ANYWHERE = (401, 403, 404, 405, 421)
"""What any path may answer: no token, another site's page, nothing there, wrong method or host."""
_NAME = {"name": "name", "in": "path", "required": True, "schema": TEXT}
_OPTIONS: dict[str, tuple[Schema, str]] = {
    "model": (TEXT, "Name of a shipped model."),
    "vividness": (_SHARE, "From 0, natural, to 1, vivid."),
    "size": (
        {"type": "number", "minimum": 32, "maximum": 2048},
        "Short side of what the model sees, in pixels.",
    ),
    "quality": ({"type": "string", "enum": list(QUALITIES)}, "How many views the model averages."),
    "strength": (_SHARE, "Below 1 towards grey."),
    "palette": (
        TEXT,
        f'Colours of the picture as a whole, "#a03020 20%, navy", or {", ".join(presets())}.',
    ),
    "warmth": (
        {"type": "number", "minimum": -1, "maximum": 1},
        "From -1, cooler colours, to 1, warmer ones.",
    ),
    "reference_strength": (_SHARE, "Below 1 the colours of the reference are taken less."),
    "tone": ({"type": "string", "enum": list(BOOLEANS)}, "Whether the paper keeps its tint."),
    "allow_damaged": (
        {"type": "string", "enum": list(BOOLEANS)},
        "Whether what is there of a JPEG is coloured that is cut off; the rest stays grey.",
    ),
    "format": ({"type": "string", "enum": list(FORMATS)}, "File format of the answer."),
    "jpeg_quality": (
        {"type": "integer", "minimum": 1, "maximum": 100},
        "Quality of a JPEG.",
    ),
    "show": (
        {"type": "string", "enum": list(SHOWN)},
        "Colours, or in red where the colours are uncertain.",
    ),
    "hints": (
        TEXT,
        'JSON list of [x, y, "#rrggbb"], in pixels of the picture; a fourth entry says '
        'how far one reaches: "spot", "thing", as without, or "everything".',
    ),
    "strokes": (
        TEXT,
        'JSON list of ["#rrggbb", width, [[x, y], ...]], in pixels of the picture: colours that '
        "are painted on it, below the hints; null for the colour is an eraser.",
    ),
    "reach": ({"type": "string", "enum": list(REACHES)}, "How far a hint at the point reaches."),
    "seconds": (
        _PIXEL,
        "Of a frame, from the beginning of the film; of a piece, how long it is.",
    ),
    "start": (_PIXEL, "Seconds from the beginning of the film to that of a piece."),
    "every": (_PIXEL, "Seconds from one frame of a contact sheet to the next."),
    "number": (WHOLE, "Number of a shot, or of a thing, from 1."),
    "things": (
        TEXT,
        'JSON list of [seconds, x, y, "#rrggbb"]: the colour of a thing, as GET .../film/things '
        'tells where it is; "none" lets later shots not take its colour.',
    ),
    "filename": (TEXT, "Name of the picture, which it has in the ZIP, or of the film."),
    "count": (_COUNT, "How many variants."),
    "variants": (_COUNT, "How many variants; they come in a ZIP."),
    "proposals": (_COUNT, "The older name of variants."),
    **{name: (_PIXEL, f"{name} of the point, in pixels of the picture.") for name in "xy"},
    **{side: (_PIXEL, f"{side} of a region, in pixels of the picture.") for side in SIDES},
}


@dataclass(frozen=True)
class Endpoint:
    """One method of one path: what the server does there, and what the document says of it."""

    method: str
    path: str
    handler: Callable[[Request], Awaitable[Response]]
    summary: str
    answer: Schema = field(default_factory=dict)
    """Responses of success, by status."""
    problems: tuple[int, ...] = ()
    """Statuses of failure, besides those that any path may answer."""
    options: tuple[str, ...] = ()
    """Options in the query."""
    required: tuple[str, ...] = ()
    """Those that cannot be left out."""
    body: Schema | None = None
    public: bool = False
    """Whether it is open to those without the token."""
    documented: bool = True

    def operation(self) -> Schema:
        """Describe it, as an Operation Object of OpenAPI."""
        wanted = {
            "parameters": [_parameter(name, name in self.required) for name in self.options],
            "requestBody": self.body,
            "security": [] if self.public else None,
        }
        known = {"304": {"description": "The client has it already."}} if self._tagged else {}
        responses = {
            **self.answer,
            **known,
            **{str(n): _problem(n) for n in (*_ANYWHERE, *self.problems)},
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        return {"summary": self.summary, **given, "responses": responses}

    @property
    def _tagged(self) -> bool:
        """Whether its answer has an ETag, and a client that has it is told so."""
        named = (answer.get("headers", {}) for answer in self.answer.values())
        return self.method == "GET" and any("ETag" in headers for headers in named)


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Give the document of some endpoints, OpenAPI 3.1."""
    paths: dict[str, Schema] = {}
    for one in endpoints:
        if one.documented:
            shared = {"parameters": [_NAME]} if "{name}" in one.path else {}
            methods = paths.setdefault(one.path, shared)
            methods[one.method.lower()] = one.operation()
    return {
        "openapi": "3.1.0",
        "info": {"title": "Photochrom", "version": __version__},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"token": []}],
        "paths": paths,
    }


def upload(*options: str, files: tuple[str, ...] = ("picture",)) -> Schema:
    """Describe a body that is a picture, or a form with it."""
    return {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": FILE},
            "multipart/form-data": _form(["picture"], files, options),
        },
    }


def file_body() -> Schema:
    """Describe a body that is one file."""
    return {"required": True, "content": {"application/octet-stream": {"schema": FILE}}}


def form(*options: str, **others: Schema) -> Schema:
    """Describe a body that is a form of options, and of others with schemas of their own."""
    media_types = ("application/x-www-form-urlencoded", "multipart/form-data")
    body = _form([], (), options)
    body["schema"]["properties"] |= others
    return {"required": True, "content": dict.fromkeys(media_types, body)}


def header(schema: Schema, text: str) -> Schema:
    """Describe a header of an answer."""
    return {"schema": schema, "description": text}


def good(status: int, text: str, media_types: dict[str, Schema], **headers: Schema) -> Schema:
    """Describe an answer by its media types, each with its schema."""
    content = {media_type: {"schema": schema} for media_type, schema in media_types.items()}
    named = {name.replace("_", "-"): described for name, described in headers.items()}
    return {str(status): {"description": text, "content": content, "headers": named}}


def empty(text: str) -> Schema:
    """Describe an answer without a body."""
    return {"204": {"description": text}}


def json(schema: Schema) -> dict[str, Schema]:
    """Give the media type of JSON, with a schema."""
    return {"application/json": schema}


def record(**properties: Schema) -> Schema:
    """Describe a JSON object, of which nothing may be missing."""
    return {"type": "object", "required": list(properties), "properties": properties}


def list_of(schema: Schema) -> Schema:
    """Describe a JSON array."""
    return {"type": "array", "items": schema}


def described(name: str) -> Schema:
    """Give the schema of an option, with its description."""
    schema, text = _OPTIONS[name]
    return {**schema, "description": text}


def _parameter(name: str, required: bool) -> Schema:
    schema, text = _OPTIONS[name]
    where = {"name": name, "in": "query", "required": required}
    return {**where, "schema": schema, "description": text}


def _form(required: list[str], files: tuple[str, ...], names: tuple[str, ...]) -> Schema:
    fields = {name: described(name) for name in names}
    properties = {**dict.fromkeys(files, FILE), **fields}
    return {"schema": {"type": "object", "required": required, "properties": properties}}


def _problem(status: int) -> Schema:
    """Describe a failure: problem details."""
    fields = dict.fromkeys(("type", "title", "detail"), TEXT)
    headers = {
        401: {"WWW-Authenticate": header(TEXT, "Bearer.")},
        405: {"Allow": header(TEXT, "The methods that are allowed.")},
        429: {"Retry-After": header(WHOLE, "Seconds to wait.")},
    }.get(status, {})
    schema = record(**fields, status=WHOLE)
    return {
        "description": "What is wrong, as problem details (RFC 9457).",
        "headers": headers,
        "content": {"application/problem+json": {"schema": schema}},
    }
