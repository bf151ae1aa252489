"""The server: its paths, and what holds for all of them."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from photochrom import zoo
from photochrom.errors import PhotochromError
from photochrom.hints import Hint
from photochrom.image import Limits, encode_rgb, to_rgb8
from photochrom.inference import Colorizer
from photochrom.web import openapi, problems
from photochrom.web.jobs import Jobs
from photochrom.web.options import (
    ENDINGS,
    MOST_PROPOSALS,
    Options,
    number,
    parse,
    read_upload,
)
from photochrom.web.problems import Problem
from photochrom.web.security import Security
from photochrom.web.sessions import Sessions, open_session
from photochrom.web.settings import Settings

_STATIC = Path(__file__).parent / "static"


class Studio:
    """What the paths share, and the paths."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.limits = Limits(bytes=settings.most_bytes, pixels=settings.most_pixels)
        self.jobs = Jobs(settings)
        self.sessions = Sessions(settings)
        self.counts: Counter[str] = Counter()
        self.colorizer: Callable[[str], Colorizer] = cache(
            partial(Colorizer, memory=settings.answer_bytes)
        )

    def find(self, options: Options) -> Colorizer:
        """Look up a shipped model; a server opens no other files. Raises `Problem` 422."""
        if options.model not in zoo.names():
            raise Problem(422, f"no model {options.model!r}; one of {', '.join(zoo.names())}")
        return self.colorizer(options.model)

    async def colorize(self, request: Request) -> Response:
        """Colour the picture in the body, at its full size."""
        data, fields = await read_upload(request, self.settings)
        return await self._whole(data, parse(fields, zoo.DEFAULT))

    async def create_session(self, request: Request) -> Response:
        """Keep a picture, to be asked for many times."""
        data, _ = await read_upload(request, self.settings)
        session = await self.jobs.run(lambda: open_session(data, self.limits))
        name = self.sessions.add(session)
        body = {
            "id": name,
            "width": session.width,
            "height": session.height,
            "seconds": self.settings.session_seconds,
        }
        return JSONResponse(body, 201, {"Location": f"/v1/sessions/{name}"})

    async def remove_session(self, request: Request) -> Response:
        """Forget a picture."""
        self.sessions.remove(request.path_params["name"])
        return Response(status_code=204)

    async def preview(self, request: Request) -> Response:
        """Colour a kept picture at the size of a screen; its hints are in its own pixels."""
        session = self.sessions.get(request.path_params["name"])
        options = parse(request.query_params, zoo.DEFAULT)
        to_x, to_y = session.scale
        hints = [(x * to_x, y * to_y, colour) for x, y, colour in options.hints]

        def work() -> bytes:
            chosen = {**options.for_colorize(), "hints": hints}
            painted = self.find(options).colorize(session.preview, **chosen)
            return encode_rgb(to_rgb8(painted), ".jpg")

        self.counts["previews"] += 1
        return Response(await self.jobs.run(work), media_type="image/jpeg")

    async def original(self, request: Request) -> Response:
        """Show a kept picture as it came, at the size of a screen."""
        session = self.sessions.get(request.path_params["name"])
        data = await self.jobs.run(lambda: encode_rgb(to_rgb8(session.preview), ".jpg"))
        return Response(data, media_type="image/jpeg")

    async def colours(self, request: Request) -> Response:
        """Suggest colours for a place of a kept picture."""
        session = self.sessions.get(request.path_params["name"])
        options = parse(request.query_params, zoo.DEFAULT, "x", "y")
        x = number(request.query_params, "x", 0, session.width - 1)
        y = number(request.query_params, "y", 0, session.height - 1)
        if x is None or y is None:
            raise Problem(422, "x and y, in pixels of the picture, tell the place")
        to_x, to_y = session.scale
        found = await self.jobs.run(
            lambda: self.find(options).suggest(session.preview, x * to_x, y * to_y)
        )
        return JSONResponse({"colours": found})

    async def proposals(self, request: Request) -> Response:
        """Give the hints of several versions of a kept picture."""
        session = self.sessions.get(request.path_params["name"])
        options = parse(request.query_params, zoo.DEFAULT, "count")
        count = round(number(request.query_params, "count", 2, MOST_PROPOSALS) or 4)
        found = await self.jobs.run(
            lambda: self.find(options).propose(session.preview, count, vividness=options.vividness)
        )
        return JSONResponse({"proposals": [session.enlarge(hints) for hints in found]})

    async def reference(self, request: Request) -> Response:
        """Give the hints that colour a kept picture as the one in the body."""
        session = self.sessions.get(request.path_params["name"])
        data, fields = await read_upload(request, self.settings)
        options = parse(fields, zoo.DEFAULT)

        def work() -> list[Hint]:
            other = open_session(data, self.limits)
            return session.enlarge(self.find(options).match(session.preview, other.preview))

        return JSONResponse({"hints": await self.jobs.run(work)})

    async def picture(self, request: Request) -> Response:
        """Colour a kept picture at its full size."""
        session = self.sessions.get(request.path_params["name"])
        return await self._whole(session.data, parse(request.query_params, zoo.DEFAULT))

    async def models(self, request: Request) -> Response:
        """List the models, and what each says of itself."""

        def work() -> list[dict[str, Any]]:
            found = [self.colorizer(name).model for name in zoo.names()]
            return [
                {**one.info, "hints": one.takes_hints, "guides": one.gives_guides} for one in found
            ]

        return JSONResponse(await self.jobs.run(work))

    async def health(self, request: Request) -> Response:
        """Say that the server is there."""
        return JSONResponse({"status": "ok"})

    async def metrics(self, request: Request) -> Response:
        """Give counts in Prometheus' text format."""
        lines = [
            "# TYPE photochrom_jobs gauge",
            f"photochrom_jobs {self.jobs.waiting}",
            "# TYPE photochrom_sessions gauge",
            f"photochrom_sessions {len(self.sessions)}",
        ]
        for name in ("pictures", "previews"):
            lines += [f"# TYPE photochrom_{name}_total counter"]
            lines += [f"photochrom_{name}_total {self.counts[name]}"]
        return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")

    async def document(self, request: Request) -> Response:
        """Give the OpenAPI document."""
        return JSONResponse(openapi.document())

    async def page(self, request: Request) -> Response:
        """Give the studio's page."""
        return FileResponse(_STATIC / "index.html")

    async def _whole(self, data: bytes, options: Options) -> Response:
        ending, media_type = ENDINGS[options.format]

        def work() -> tuple[bytes, bool]:
            coloured = self.find(options).colorize(
                data, limits=self.limits, **options.for_colorize()
            )
            return coloured.encode(ending), coloured.had_colour

        picture, had_colour = await self.jobs.run(work)
        self.counts["pictures"] += 1
        headers = {"Photochrom-Had-Colour": "yes" if had_colour else "no"}
        return Response(picture, media_type=media_type, headers=headers)


def create_app(settings: Settings | None = None) -> Starlette:
    """Make the server's application (ASGI)."""
    settings = settings or Settings()
    studio = Studio(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        studio.jobs.close()

    def at(path: str, work: Callable[[Request], Awaitable[Response]], *methods: str) -> Route:
        return Route(path, work, methods=methods or ("GET",))

    app = Starlette(
        routes=[
            at("/", studio.page),
            at("/healthz", studio.health),
            at("/metrics", studio.metrics),
            at("/openapi.json", studio.document),
            at("/v1/models", studio.models),
            at("/v1/colorize", studio.colorize, "POST"),
            at("/v1/sessions", studio.create_session, "POST"),
            at("/v1/sessions/{name}", studio.remove_session, "DELETE"),
            at("/v1/sessions/{name}/original", studio.original),
            at("/v1/sessions/{name}/preview", studio.preview),
            at("/v1/sessions/{name}/picture", studio.picture),
            at("/v1/sessions/{name}/colours", studio.colours),
            at("/v1/sessions/{name}/proposals", studio.proposals),
            at("/v1/sessions/{name}/reference", studio.reference, "POST"),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ],
        exception_handlers={
            Problem: problems.from_problem,
            PhotochromError: problems.from_photochrom,
            HTTPException: problems.from_http,
            Exception: problems.from_anything,
        },
        lifespan=lifespan,
    )
    app.add_middleware(Security, token=settings.token)
    return app
