"""The table of endpoints: from it the server takes its routes, and the OpenAPI document."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from photochrom.web.answers import as_json, text
from photochrom.web.film_endpoints import film_endpoints
from photochrom.web.film_routes import FilmRoutes
from photochrom.web.job_routes import JobRoutes
from photochrom.web.meta_routes import MetaRoutes
from photochrom.web.openapi import (
    FILE,
    HINTS,
    NUMBER,
    TEXT,
    WHOLE,
    Endpoint,
    Schema,
    document,
    empty,
    file_body,
    form,
    good,
    header,
    json,
    list_of,
    record,
    upload,
)
from photochrom.web.reference import reference_page
from photochrom.web.region import SIDES
from photochrom.web.schemas import (
    ALL,
    BODY,
    ETAG,
    FORM,
    JPEG,
    LOOKUP,
    PICTURES,
    SESSION,
    STEER,
    WORK,
    in_session,
)
from photochrom.web.service import Service
from photochrom.web.session_routes import SessionRoutes
from photochrom.web.wipe import WIPES

Handler = Callable[[Request], Awaitable[Response]]

_HAD_COLOR = header(
    {"type": "string", "enum": ["yes", "no"]},
    "Whether the picture had colours of its own, which were dropped.",
)


def make_endpoints(service: Service, films: FilmRoutes, jobs: JobRoutes) -> list[Endpoint]:
    """Make the table for a server."""
    sessions = SessionRoutes(service)

    async def describe(request: Request) -> Response:
        """Give the OpenAPI document."""
        return as_json(request, document(found))

    async def explain(request: Request) -> Response:
        """Give the page that shows it."""
        return text(request, reference_page(found), "text/html")

    found = [
        *_meta(MetaRoutes(service), describe),
        Endpoint("GET", "/docs", explain, "This page.", public=True, documented=False),
        *_pictures(service, sessions),
        *_sessions(sessions),
        *_guidance(sessions),
        *film_endpoints(films),
        *_jobs(jobs),
    ]
    return found


def make_routes(endpoints: list[Endpoint]) -> list[Route]:
    """Make one route a path, so that a wrong method is told all that are right."""
    paths: dict[str, dict[str, Handler]] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method] = one.handler
    return [Route(path, _dispatch(found), methods=list(found)) for path, found in paths.items()]


def _dispatch(handlers: dict[str, Handler]) -> Handler:
    async def handle(request: Request) -> Response:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return handle


def _meta(meta: MetaRoutes, describe: Handler) -> list[Endpoint]:
    thing = json({"type": "object"})
    models = good(200, "Models.", json(list_of({"type": "object"})), ETag=ETAG)
    return [
        Endpoint("GET", "/", meta.page, "The studio's page.", public=True, documented=False),
        Endpoint(
            "GET", "/healthz", meta.health, "Is the server there?", good(200, "Yes.", thing),
            public=True,
        ),
        Endpoint(
            "GET", "/metrics", meta.metrics, "Counts, in Prometheus' text format.",
            good(200, "Counts.", {"text/plain": TEXT}),
        ),
        Endpoint(
            "GET", "/openapi.json", describe, "This document.", good(200, "It.", thing, ETag=ETAG)
        ),
        Endpoint(
            "GET", "/v1/models", meta.models, "The models, and what each says of itself.", models,
            (400, 429, 503),
        ),
    ]  # fmt: skip


def _pictures(service: Service, sessions: SessionRoutes) -> list[Endpoint]:
    options = (*ALL, "allow_damaged", "reference_strength", "variants", "proposals")
    made = good(
        200,
        "The picture, or its variants as 1.jpg, 2.jpg, ...",
        {**PICTURES, "application/zip": FILE},
        Photochrom_Had_Colour=_HAD_COLOR,
    )
    return [
        Endpoint(
            "POST", "/v1/colorize", service.colorize,
            "Colour a picture, at its full size, with its metadata; or several variants of it.",
            made, (*BODY, *WORK), options,
            body=upload(*options, files=("picture", "reference", "hint_layer")),
        ),
        Endpoint(
            "POST", "/v1/sessions", sessions.create,
            "Upload a picture once, to ask for it many times.",
            in_session(), (507, *BODY, *WORK), body=upload(),
        ),
        Endpoint(
            "GET", SESSION, sessions.describe,
            "Describe a picture; each time it is held for ten minutes, whatever else comes.",
            in_session(200), (410,),
        ),
        Endpoint("DELETE", SESSION, sessions.remove, "Forget a picture.", empty("It is gone.")),
    ]  # fmt: skip


def _sessions(sessions: SessionRoutes) -> list[Endpoint]:
    return [
        Endpoint(
            "GET", f"{SESSION}/original", sessions.original,
            "The picture, or a region of it, as it came, at the size of a screen.",
            good(200, "It.", JPEG, ETag=ETAG), LOOKUP, SIDES,
        ),
        Endpoint(
            "GET", f"{SESSION}/file", sessions.file, "The picture's file as it came.",
            good(200, "It.", {"application/octet-stream": FILE}, ETag=ETAG), (410,),
        ),
        *_either(
            f"{SESSION}/preview", sessions.preview,
            "The picture, or a region of it, in colour, at the size of a screen.",
            good(200, "It.", JPEG, ETag=ETAG), *ALL, "show", *SIDES,
        ),
        *_either(
            f"{SESSION}/picture", sessions.picture, "The picture in colour, at its full size.",
            good(200, "It.", PICTURES, ETag=ETAG, Photochrom_Had_Colour=_HAD_COLOR), *ALL,
        ),
        Endpoint(
            "POST", f"{SESSION}/wipe", sessions.wipe,
            "A clip of four seconds, in which colour sweeps over the picture and back.",
            good(200, "It.", {one.media_type: FILE for one in WIPES.values()}), FORM,
            body=form(
                *STEER, "tone", "hints", "strokes",
                format={"type": "string", "enum": list(WIPES)},
            ),
        ),
    ]  # fmt: skip


def _guidance(sessions: SessionRoutes) -> list[Endpoint]:
    colors = list_of(TEXT)
    uncertain = record(x=NUMBER, y=NUMBER, uncertainty=NUMBER, colours=colors)
    borrowed = record(hints=HINTS, own=colors, share=NUMBER, palette=TEXT)
    likely = "Colours that a point may well have, likeliest first."
    variants = "The hints of several variants of the picture, the automatic one first."
    return [
        *_either(
            f"{SESSION}/doubts", sessions.uncertain_points,
            "Uncertain points, one of each kind of thing: the error expected, and likely colours; "
            "and the mean error over the picture.",
            good(200, "Points.", json(record(places=list_of(uncertain), mean=NUMBER))), *ALL,
        ),
        Endpoint(
            "GET", f"{SESSION}/colours", sessions.suggestions, likely,
            good(200, likely, json(record(colours=colors))), LOOKUP, ("model", "x", "y"),
            required=("x", "y"),
        ),
        Endpoint(
            "GET", f"{SESSION}/reach", sessions.reach,
            "What a hint at a point would colour: a coarse picture, white where it reaches.",
            good(200, "It.", {"image/png": FILE}, ETag=ETAG), LOOKUP,
            ("model", "x", "y", "reach"), required=("x", "y"),
        ),
        *(
            Endpoint(
                "GET", f"{SESSION}/{name}", sessions.variants_as(name), variants,
                good(200, variants, json(record(**{name: list_of(HINTS)}))), LOOKUP,
                ("model", "vividness", "count"),
            )
            for name in ("variants", "proposals")  # the second is the older name
        ),
        Endpoint(
            "POST", f"{SESSION}/reference", sessions.reference,
            "The hints that colour the picture as another one, in the body; the colours that their "
            "points would have by themselves, how much of the picture looks like the other, and "
            "the other's palette.",
            good(200, "Hints.", json(borrowed)),
            (410, *BODY, *WORK), ("model",), body=upload("model"),
        ),
    ]  # fmt: skip


def _jobs(jobs: JobRoutes) -> list[Endpoint]:
    states = {"type": "string", "enum": ["waiting", "working", "done", "failed"]}
    picture = record(name=TEXT, state=states, detail=TEXT)
    counts = dict.fromkeys(("total", "done", "failed"), WHOLE)
    so_far = record(state=states, **counts, pictures=list_of(picture))
    path, options = "/v1/jobs/{name}", (*STEER, "tone", "allow_damaged", "format", "jpeg_quality")
    location = header(TEXT, "Where it is.")
    return [
        Endpoint(
            "POST", "/v1/jobs", jobs.create,
            "Make a job: many pictures, coloured with the same options in the background.",
            good(201, "It waits for pictures.", json(so_far), Location=location),
            (415, *BODY, *WORK), body=form(*options),
        ),
        Endpoint(
            "POST", f"{path}/pictures", jobs.add, "Send a picture of the job; work on it begins.",
            good(202, "It waits.", json(record(name=TEXT, state=states))),
            (410, 507, *BODY, *WORK), ("filename",), body=file_body(),
        ),
        Endpoint(
            "GET", path, jobs.status, "How far it is.", good(200, "So far.", json(so_far)), (410,)
        ),
        Endpoint(
            "GET", f"{path}/file", jobs.file, "What could be coloured, in one ZIP.",
            good(200, "It.", {"application/zip": FILE}), (409, 410),
        ),
        Endpoint("DELETE", path, jobs.remove, "Stop it and forget it.", empty("It is gone.")),
    ]  # fmt: skip


def _either(
    path: str, handler: Handler, summary: str, answer: Schema, *options: str
) -> list[Endpoint]:
    """Describe what takes its options in the query, or in a form where they are many."""
    return [
        Endpoint("GET", path, handler, summary, answer, LOOKUP, options),
        Endpoint("POST", path, handler, summary, answer, FORM, body=form(*options)),
    ]
