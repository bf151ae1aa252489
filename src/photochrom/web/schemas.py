"""What the endpoints have in common: statuses, options, and descriptions of answers."""

from photochrom.web.openapi import FILE, NUMBER, TEXT, WHOLE, Schema, good, header, json, record
from photochrom.web.options import EXTENSIONS

WORK = (422, 429, 503)
BODY = (400, 408, 411, 413)
LOOKUP = (400, 410, *WORK)
FORM = (410, 415, *BODY, *WORK)
STEER = ("model", "vividness", "size", "quality", "strength")
ALL = (*STEER, "palette", "warmth", "tone", "format", "jpeg_quality", "hints", "strokes")
SESSION = "/v1/sessions/{name}"

JPEG = {"image/jpeg": FILE}
PICTURES = {media_type: FILE for _, media_type in EXTENSIONS.values()}
ETAG = header(TEXT, "Names this answer; sent back as If-None-Match, it spares sending it again.")


def in_session(status: int = 201) -> Schema:
    """Describe what is said of a picture that is kept."""
    at = {"anyOf": [NUMBER, {"type": "null"}]}
    film = record(at=at, frames=WHOLE, seconds=NUMBER, format=TEXT)
    session = record(
        id=TEXT,
        width=WHOLE,
        height=WHOLE,
        seconds=NUMBER,
        had_colour={"type": "boolean"},
        missing={"anyOf": [record(share=NUMBER, side=TEXT), {"type": "null"}]},
        film={"anyOf": [film, {"type": "null"}]},
    )
    location = {"Location": header(TEXT, "Where it is kept.")} if status == 201 else {}
    return good(status, "It is kept for a while.", json(session), **location)
