"""The page that shows the OpenAPI document: plain HTML without a script."""

from collections.abc import Iterable, Iterator
from html import escape
from http import HTTPStatus

from photochrom.web.openapi import Endpoint, Schema, described

_TOP = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Photochrom: REST interface</title>
<link rel="icon" href="static/icon.svg">
<link rel="stylesheet" href="static/reference.css">
<h1>REST interface</h1>
<p>The same as a document for programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).
Errors are JSON (RFC 9457) with one sentence in <code>detail</code>. Where the server has a token,
send it as <code>Authorization: Bearer TOKEN</code>. <a href="./">The studio</a>.</p>
"""


def reference_page(endpoints: Iterable[Endpoint]) -> str:
    """Write the page of some endpoints: a list of them, then each with options and answers."""
    shown = [one for one in endpoints if one.documented]
    rows = "".join(
        f'<tr><td><a href="#{_anchor(one)}"><b>{one.method}</b> {escape(one.path)}</a>'
        f"<td>{escape(one.summary)}</tr>\n"
        for one in shown
    )
    return f"{_TOP}<table>{rows}</table>\n{''.join(_section(one) for one in shown)}"


def _anchor(one: Endpoint) -> str:
    words = one.path.replace("{", "").replace("}", "").strip("/").replace("/", "-")
    return f"{one.method.lower()}-{words}"


def _section(one: Endpoint) -> str:
    operation = one.operation()
    good = [f"{status}: {answer['description']}" for status, answer in one.answer.items()]
    bad = [f"{n} {HTTPStatus(int(n)).phrase}" for n in operation["responses"] if int(n) >= 400]
    return (
        f'<section id="{_anchor(one)}"><h2><b>{one.method}</b> {escape(one.path)}</h2>\n'
        f"<p>{escape(one.summary)}</p>\n{_options(one)}"
        f"<pre>{escape(_example(one))}</pre>\n"
        f"<p>Answers {escape('; '.join(good))}</p>\n"
        f"<p class=soft>Or {escape(', '.join(bad))}.</p></section>\n"
    )


def _options(one: Endpoint) -> str:
    found = dict(_fields(one))
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{escape(_values(schema))}"
        f"<td>{escape(schema.get('description', ''))}</tr>\n"
        for name, schema in found.items()
    )
    return f"<table><tr><th>option<th>values<th></tr>\n{rows}</table>\n" if rows else ""


def _fields(one: Endpoint) -> Iterator[tuple[str, Schema]]:
    """Yield the options of the query, and the fields of a form, with their schemas."""
    for name in one.options:
        yield name, described(name)
    for media_type in (one.body or {}).get("content", {}).values():
        yield from media_type["schema"].get("properties", {}).items()


def _values(schema: Schema) -> str:
    if "enum" in schema:
        return ", ".join(schema["enum"])
    if schema.get("format") == "binary":
        return "a file"
    name = {"integer": "whole number", "string": "text"}.get(schema["type"], str(schema["type"]))
    low, high = schema.get("minimum"), schema.get("maximum")
    return name if low is None else f"{name}, {low} {f'to {high}' if high else 'or more'}"


def _example(one: Endpoint) -> str:
    address = f"http://127.0.0.1:8000{one.path.replace('{name}', '$NAME')}"
    binary = "application/octet-stream" in (one.body or {}).get("content", {})
    parts = ["curl", *([] if one.method == "GET" else ["-X", one.method])]
    if binary:
        parts = ["curl", "--data-binary", "@photo.jpg"]
    wanted = "&".join(f"{name}=10" for name in one.required)
    return " ".join([*parts, f"'{address}{'?' if wanted else ''}{wanted}'"])
