"""What the server offers, as an OpenAPI document."""

from importlib.metadata import version
from typing import Any

from photochrom.web.options import EXTENSIONS, FILMS
from photochrom.web.region import SIDES
from photochrom.web.schemas import (
    FILE,
    HINTS,
    OPTIONS,
    Schema,
    bad,
    form,
    good,
    header,
    parameters,
    record,
    upload,
)

_WORK = (422, 429, 503)
_BODY = (400, 408, 411, 413)
_JPEG = {"image/jpeg": FILE}
_PICTURES = {media_type: FILE for _, media_type in EXTENSIONS.values()}
_HAD_COLOR = header(
    {"type": "string", "enum": ["yes", "no"]},
    "Whether the picture had colours of its own, which were dropped.",
)
_NAME = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}


def document() -> dict[str, Any]:
    """Give the document, OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Photochrom", "version": version("photochrom")},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"token": []}],
        "paths": {**_about(), **_pictures(), **_sessions(), **_films()},
    }


def _about() -> Schema:
    models = {"application/json": {"type": "array", "items": {"type": "object"}}}
    health = _get("Is the server there?", good(200, "Yes.", _json({"type": "object"})), bad())
    return {
        "/healthz": {"get": {**health, "security": []}},
        "/metrics": {
            "get": _get(
                "Counts, in Prometheus' text format.",
                good(200, "Counts.", {"text/plain": {"type": "string"}}),
                bad(),
            )
        },
        "/openapi.json": {
            "get": _get("This document.", good(200, "It.", _json({"type": "object"})), bad())
        },
        "/v1/models": {
            "get": _get(
                "The models, and what each says of itself.",
                good(200, "Models.", models),
                bad(400, 429, 503),
            )
        },
    }


def _pictures() -> Schema:
    text = "Colour a picture, at its full size, with its metadata; or several versions of it."
    options = (*OPTIONS, "proposals")
    made = good(
        200,
        "The picture, or the versions as 1.jpg, 2.jpg, ...",
        {**_PICTURES, "application/zip": FILE},
        Photochrom_Had_Colour=_HAD_COLOR,
    )
    return {
        "/v1/colorize": {
            "post": {
                "summary": text,
                "parameters": parameters(*options),
                "requestBody": upload(*options, files=("picture", "reference")),
                "responses": {**made, **bad(*_BODY, *_WORK)},
            }
        },
        "/v1/sessions": {
            "post": {
                "summary": "Upload a picture once, to ask for many versions of it.",
                "requestBody": upload(),
                "responses": {
                    **_in_session(),
                    **bad(*_BODY, *_WORK),
                },
            }
        },
        "/v1/sessions/{name}": {
            "parameters": [_NAME],
            "delete": {
                "summary": "Forget a picture.",
                "responses": {"204": {"description": "It is gone."}, **bad()},
            },
        },
    }


def _in_session() -> Schema:
    """Describe the answer to an upload."""
    film = record(frames={"type": "integer"}, seconds={"type": "number"}, format={"type": "string"})
    session = record(
        id={"type": "string"},
        width={"type": "integer"},
        height={"type": "integer"},
        seconds={"type": "number"},
        film={"anyOf": [film, {"type": "null"}]},
    )
    location = header({"type": "string"}, "Where it is kept.")
    return good(201, "It is kept for a while.", _json(session), Location=location)


def _films() -> Schema:
    states = ["idle", "waiting", "working", "done", "failed"]
    work = record(
        state={"type": "string", "enum": states},
        format={"type": "string"},
        share={"type": "number"},
        seconds={"type": "number"},
        detail={"type": "string"},
    )
    media_types: dict[str, Schema] = dict.fromkeys(FILMS.values(), FILE)
    options = ("model", "vividness", "size", "quality", "strength", "hints")
    body = {"required": True, "content": {"application/octet-stream": {"schema": FILE}}}
    return {
        "/v1/films": {
            "post": {
                "summary": "Upload a film; a frame of it is kept as a picture is.",
                "requestBody": body,
                "responses": {**_in_session(), **bad(400, 408, 413, 507, *_WORK)},
            }
        },
        "/v1/sessions/{name}/film": {
            "parameters": [_NAME],
            "get": _get("How far it is.", good(200, "So far.", _json(work)), bad(410)),
            "post": {
                "summary": "Begin to colour the film, anew if it was begun.",
                "requestBody": form(*options, format={"type": "string", "enum": list(FILMS)}),
                "responses": {
                    **good(202, "It is begun.", _json(work)),
                    **bad(410, 415, *_BODY, *_WORK),
                },
            },
            "delete": {
                "summary": "Stop colouring the film.",
                "responses": {"204": {"description": "It stops."}, **bad(410)},
            },
        },
        "/v1/sessions/{name}/film/file": {
            "parameters": [_NAME],
            "get": _get("The film in colour.", good(200, "It.", media_types), bad(409, 410)),
        },
    }


def _sessions() -> Schema:
    suggestions = record(suggestions={"type": "array", "items": {"type": "string"}})
    variants = record(variants={"type": "array", "items": HINTS})
    location, vividness = parameters("x", "y", required=True), parameters("vividness", "count")
    uncertain_point = record(
        x={"type": "number"},
        y={"type": "number"},
        uncertainty={"type": "number"},
        suggestions={"type": "array", "items": {"type": "string"}},
    )
    original = "The picture, or a part of it, as it came, at the size of a screen."
    likely = "Colours that a place may well have, likeliest first."
    versions = "The hints of several versions of the picture, the automatic one first."
    lent = "The hints that colour the picture as another one, in the body."
    problems = bad(400, 410, *_WORK)
    ends = {
        "original": {"get": _get(original, good(200, "It.", _JPEG), problems, parameters(*SIDES))},
        "preview": _both(
            "The picture, or a part of it, coloured, at the size of a screen.",
            good(200, "It.", _JPEG),
            *OPTIONS,
            "show",
            *SIDES,
        ),
        "doubts": _both(
            "Places in doubt, one of each kind of thing: the error expected, and likely colours.",
            good(200, "Places.", _json(record(places={"type": "array", "items": uncertain_point}))),
            *OPTIONS,
        ),
        "picture": _both(
            "The picture coloured, at its full size.",
            good(200, "It.", _PICTURES, Photochrom_Had_Colour=_HAD_COLOR),
            *OPTIONS,
        ),
        "colours": {
            "get": _get(
                likely,
                good(200, likely, _json(suggestions)),
                problems,
                parameters("model"),
                location,
            )
        },
        "proposals": {
            "get": _get(
                versions,
                good(200, versions, _json(variants)),
                problems,
                parameters("model"),
                vividness,
            )
        },
        "reference": {
            "post": {
                "summary": lent,
                "parameters": parameters("model"),
                "requestBody": upload("model"),
                "responses": {
                    **good(200, "Hints.", _json(record(hints=HINTS))),
                    **bad(410, *_BODY, *_WORK),
                },
            }
        },
    }
    return {
        f"/v1/sessions/{{name}}/{end}": {"parameters": [_NAME], **methods}
        for end, methods in ends.items()
    }


def _json(schema: Schema) -> dict[str, Schema]:
    return {"application/json": schema}


def _get(summary: str, answer: Schema, problems: Schema, *options: list[Schema]) -> Schema:
    return {
        "summary": summary,
        "parameters": [one for some in options for one in some],
        "responses": {**answer, **problems},
    }


def _both(summary: str, answer: Schema, *options: str) -> Schema:
    """Describe what takes its options in the query, or in a form where they are many."""
    post = {
        "summary": summary,
        "requestBody": form(*options),
        "responses": {**answer, **bad(410, 415, *_BODY, *_WORK)},
    }
    return {
        "get": _get(summary, answer, bad(400, 410, *_WORK), parameters(*options)),
        "post": post,
    }
