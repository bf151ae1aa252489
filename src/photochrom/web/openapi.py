"""What the server offers, as an OpenAPI document."""

from importlib.metadata import version
from typing import Any

from photochrom.looks import QUALITIES
from photochrom.web.options import BOOLEANS, ENDINGS, MOST_PROPOSALS

_PROBLEM = {
    "description": "What is wrong, as problem details (RFC 9457).",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            }
        }
    },
}


def _parameter(name: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": text}


def _pixel(name: str) -> dict[str, Any]:
    text = f"{name} of the place, in pixels of the picture."
    return {**_parameter(name, {"type": "number", "minimum": 0}, text), "required": True}


_MODEL = _parameter("model", {"type": "string"}, "A shipped model's name.")
_VIVIDNESS = _parameter(
    "vividness", {"type": "number", "minimum": 0, "maximum": 1}, "0 natural to 1 vivid."
)
_COUNT = _parameter(
    "count", {"type": "integer", "minimum": 2, "maximum": MOST_PROPOSALS}, "How many versions."
)
_HINT = [{"type": "number"}, {"type": "number"}, {"type": "string"}]
_OPTIONS = [
    _MODEL,
    _VIVIDNESS,
    _parameter(
        "size", {"type": "number", "minimum": 32, "maximum": 2048}, "Short side the model sees."
    ),
    _parameter(
        "quality", {"type": "string", "enum": list(QUALITIES)}, "How often the model looks."
    ),
    _parameter("strength", {"type": "number", "minimum": 0, "maximum": 1}, "Below 1 towards grey."),
    _parameter("tone", {"type": "string", "enum": list(BOOLEANS)}, "Whether paper keeps its tint."),
    _parameter("format", {"type": "string", "enum": list(ENDINGS)}, "Of the answer."),
    _parameter("hints", {"type": "string"}, 'JSON list of [x, y, "#rrggbb"].'),
]
_NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
_PICTURE_BODY = {
    "required": True,
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["picture"],
                "properties": {"picture": {"type": "string", "format": "binary"}},
            }
        },
    },
}


def _answers(good: dict[str, Any], *bad: int) -> dict[str, Any]:
    return {**good, **{str(status): _PROBLEM for status in (401, 403, 404, 405, *bad)}}


def _picture(*kinds: str) -> dict[str, Any]:
    schema = {"schema": {"type": "string", "format": "binary"}}
    content = {ENDINGS[kind][1]: schema for kind in kinds}
    return {"200": {"description": "The picture.", "content": content}}


def _json(status: int, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {str(status): {"description": text, "content": content}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def document() -> dict[str, Any]:
    """Give the document, OpenAPI 3.1."""
    upload = (400, 408, 411, 413, 422, 429, 503)
    kept = (410, 422, 429, 503)
    session = _object(
        id={"type": "string"},
        width={"type": "integer"},
        height={"type": "integer"},
        seconds={"type": "number"},
    )
    paths: dict[str, Any] = {
        "/healthz": {
            "get": {
                "summary": "Is the server there?",
                "responses": _answers(_json(200, "Yes.", {"type": "object"})),
            }
        },
        "/v1/models": {
            "get": {
                "summary": "The models, and what each says of itself.",
                "responses": _answers(
                    _json(200, "Models.", {"type": "array", "items": {"type": "object"}}), 429, 503
                ),
            }
        },
        "/v1/colorize": {
            "post": {
                "summary": "Colour a picture, at its full size, with its metadata.",
                "parameters": _OPTIONS,
                "requestBody": _PICTURE_BODY,
                "responses": _answers(_picture(*ENDINGS), *upload),
            }
        },
        "/v1/sessions": {
            "post": {
                "summary": "Upload a picture once, to ask for many versions of it.",
                "requestBody": _PICTURE_BODY,
                "responses": _answers(_json(201, "It is kept for a while.", session), *upload),
            }
        },
        "/v1/sessions/{name}": {
            "parameters": [_NAME],
            "delete": {
                "summary": "Forget a picture.",
                "responses": _answers({"204": {"description": "It is gone."}}),
            },
        },
    }
    hints = {"type": "array", "items": {"type": "array", "prefixItems": _HINT, "items": False}}
    guides: tuple[tuple[str, str, dict[str, Any], list[dict[str, Any]]], ...] = (
        (
            "colours",
            "Colours that a place may well have, likeliest first.",
            _object(colours={"type": "array", "items": {"type": "string"}}),
            [_MODEL, _pixel("x"), _pixel("y")],
        ),
        (
            "proposals",
            "The hints of several versions of the picture, the automatic one first.",
            _object(proposals={"type": "array", "items": hints}),
            [_MODEL, _VIVIDNESS, _COUNT],
        ),
    )
    for end, text, schema, parameters in guides:
        paths[f"/v1/sessions/{{name}}/{end}"] = {
            "parameters": [_NAME],
            "get": {
                "summary": text,
                "parameters": parameters,
                "responses": _answers(_json(200, text, schema), *kept),
            },
        }
    paths["/v1/sessions/{name}/reference"] = {
        "parameters": [_NAME],
        "post": {
            "summary": "The hints that colour the picture as another one, in the body.",
            "parameters": [_MODEL],
            "requestBody": _PICTURE_BODY,
            "responses": _answers(_json(200, "Hints.", _object(hints=hints)), 410, *upload),
        },
    }
    for end, text, kinds, parameters in (
        ("original", "The picture as it came, at the size of a screen.", ("jpeg",), []),
        ("preview", "The picture coloured, at the size of a screen.", ("jpeg",), _OPTIONS),
        ("picture", "The picture coloured, at its full size.", tuple(ENDINGS), _OPTIONS),
    ):
        paths[f"/v1/sessions/{{name}}/{end}"] = {
            "parameters": [_NAME],
            "get": {
                "summary": text,
                "parameters": parameters,
                "responses": _answers(_picture(*kinds), *kept),
            },
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Photochrom", "version": version("photochrom")},
        "paths": paths,
    }
