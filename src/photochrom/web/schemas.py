"""What the OpenAPI document is put together from: options, bodies, answers."""

from typing import Any

from photochrom.inference.options import QUALITIES
from photochrom.web.options import BOOLEANS, EXTENSIONS, MAX_VARIANTS, SHOWN
from photochrom.web.region import SIDES

Schema = dict[str, Any]
FILE: Schema = {"type": "string", "format": "binary"}
ALWAYS = (401, 403, 404, 405, 421)
"""What any path may answer: no token, another site's page, another name, nothing there."""

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_PIXEL: Schema = {"type": "number", "minimum": 0}
HINTS: Schema = {
    "type": "array",
    "items": {"type": "array", "prefixItems": [_NUMBER, _NUMBER, _TEXT], "items": False},
}
_SCHEMAS: dict[str, tuple[Schema, str]] = {
    "model": (_TEXT, "A shipped model's name."),
    "vividness": (_SHARE, "0 natural to 1 vivid."),
    "size": ({"type": "number", "minimum": 32, "maximum": 2048}, "Short side the model sees."),
    "quality": ({"type": "string", "enum": list(QUALITIES)}, "How often the model looks."),
    "strength": (_SHARE, "Below 1 towards grey."),
    "tone": ({"type": "string", "enum": list(BOOLEANS)}, "Whether paper keeps its tint."),
    "format": ({"type": "string", "enum": list(EXTENSIONS)}, "Of the answer."),
    "show": (
        {"type": "string", "enum": list(SHOWN)},
        "Colours, or in red where they are in doubt.",
    ),
    "hints": (_TEXT, 'JSON list of [x, y, "#rrggbb"], in pixels of the picture.'),
    "count": ({"type": "integer", "minimum": 2, "maximum": MAX_VARIANTS}, "How many versions."),
    "proposals": (
        {"type": "integer", "minimum": 2, "maximum": MAX_VARIANTS},
        "How many versions; they come in a ZIP.",
    ),
    **{name: (_PIXEL, f"{name} of the place, in pixels of the picture.") for name in "xy"},
    **{side: (_PIXEL, f"{side} of a part of the picture, in its pixels.") for side in SIDES},
}
OPTIONS = ("model", "vividness", "size", "quality", "strength", "tone", "format", "hints")


def parameters(*names: str, required: bool = False) -> list[Schema]:
    """Describe options in the query."""
    return [
        {"name": name, "in": "query", "required": required, "schema": schema, "description": text}
        for name in names
        for schema, text in [_SCHEMAS[name]]
    ]


def _form(required: list[str], files: tuple[str, ...], names: tuple[str, ...]) -> Schema:
    """Describe the fields of a form."""
    fields = {name: {**_SCHEMAS[name][0], "description": _SCHEMAS[name][1]} for name in names}
    properties = {**dict.fromkeys(files, FILE), **fields}
    return {"schema": {"type": "object", "required": required, "properties": properties}}


def upload(*options: str, files: tuple[str, ...] = ("picture",)) -> Schema:
    """Describe a body that is a picture, or a form with it."""
    return {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": FILE},
            "multipart/form-data": _form(["picture"], files, options),
        },
    }


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


def record(**properties: Schema) -> Schema:
    """Describe a JSON object, of which nothing may be missing."""
    return {"type": "object", "required": list(properties), "properties": properties}


def bad(*statuses: int) -> Schema:
    """Describe answers that are problem details."""
    return {str(status): _problem(status) for status in (*ALWAYS, *statuses)}


def _problem(status: int) -> Schema:
    fields = dict.fromkeys(("type", "title", "detail"), _TEXT)
    headers = {
        401: {"WWW-Authenticate": header(_TEXT, "Bearer.")},
        405: {"Allow": header(_TEXT, "The methods that are there.")},
        429: {"Retry-After": header({"type": "integer"}, "Seconds to wait.")},
    }.get(status, {})
    return {
        "description": "What is wrong, as problem details (RFC 9457).",
        "headers": headers,
        "content": {
            "application/problem+json": {"schema": record(**fields, status={"type": "integer"})}
        },
    }
