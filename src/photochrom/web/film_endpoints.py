"""The endpoints of films."""

from typing import Any

from photochrom.web.film_routes import PROJECT, SHEETS, FilmRoutes
from photochrom.web.film_things import MAX_THINGS
from photochrom.web.openapi import (
    FILE,
    NUMBER,
    TEXT,
    WHOLE,
    Endpoint,
    Schema,
    empty,
    file_body,
    form,
    good,
    json,
    list_of,
    record,
)
from photochrom.web.options import FILMS
from photochrom.web.schemas import FORM, JPEG, SESSION, STEER, WORK, in_session


def film_endpoints(films: FilmRoutes) -> list[Endpoint]:
    """Describe the paths of films."""
    states = {"type": "string", "enum": ["idle", "waiting", "working", "done", "failed"]}
    work = json(
        record(
            state=states,
            format=TEXT,
            trial={"type": "boolean"},
            share=NUMBER,
            seconds=NUMBER,
            detail=TEXT,
        )
    )
    shot = record(begin=NUMBER, end=NUMBER, frames=WHOLE)
    thing = record(
        at=NUMBER,
        x=WHOLE,
        y=WHOLE,
        colour=TEXT,
        colours=list_of(TEXT),
        shots=list_of(WHOLE),
        forgotten={"type": "boolean"},
    )
    so_far = {"state": states, "share": NUMBER, "detail": TEXT}
    numbered: dict[str, Any] = {
        "problems": (409, 410, 422),
        "options": ("number",),
        "required": ("number",),
    }
    media_types: dict[str, Schema] = dict.fromkeys((*FILMS.values(), *SHEETS.values()), FILE)
    path = f"{SESSION}/film"
    return [
        Endpoint(
            "POST", "/v1/films", films.create,
            "Upload a film; a frame of it is kept as a picture is.",
            in_session(), (400, 408, 413, 507, *WORK), body=file_body(),
        ),
        Endpoint("GET", path, films.status, "How far it is.", good(200, "So far.", work), (410,)),
        Endpoint(
            "POST", path, films.begin,
            "Begin to colour the film, anew if it was begun: all of it, some seconds from a start "
            "on, or a frame every so many seconds, which become a contact sheet.",
            good(202, "It is begun.", work), FORM,
            body=form(
                *STEER, "hints", "things", "start", "seconds", "every",
                format={"type": "string", "enum": [*FILMS, *SHEETS]},
            ),
        ),
        Endpoint(
            "POST", f"{SESSION}/frame", films.choose_frame,
            "Show the frame at so many seconds, and keep the film under a new name.",
            in_session(), FORM, body=form("seconds"),
        ),
        Endpoint(
            "GET", f"{path}/shots", films.shots,
            "The film's shots, once they are found; the search begins when it is first asked.",
            good(200, "So far.", json(record(**so_far, shots=list_of(shot)))), (410,),
        ),
        Endpoint(
            "GET", f"{path}/still", films.still, "A still of the middle of a shot, grey and small.",
            good(200, "It.", JPEG), **numbered,
        ),
        Endpoint(
            "GET", f"{path}/things", films.things,
            "What is remembered of the film's things, as they were coloured last, once that is "
            f"found; the search begins when it is first asked. At most {MAX_THINGS} are listed.",
            good(200, "So far.", json(record(**so_far, things=list_of(thing)))), (409, 410),
        ),
        Endpoint(
            "GET", f"{path}/thing", films.thing, "A picture of a thing, grey and small.",
            good(200, "It.", JPEG), **numbered,
        ),
        Endpoint(
            "POST", f"{path}/project", films.project,
            "What is chosen for the film, as `photochrom colorize --project` takes it.",
            good(200, "It, as TOML.", {PROJECT: TEXT}), (409, *FORM),
            body=form(*STEER, "hints", "things", "filename"),
        ),
        Endpoint("DELETE", path, films.stop, "Stop colouring it.", empty("It stops."), (410,)),
        Endpoint(
            "GET", f"{path}/file", films.file, "The film in colour, or its contact sheet.",
            good(200, "It.", media_types), (409, 410),
        ),
    ]  # fmt: skip
