"""The server: its paths, and what holds for all of them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from photochrom.errors import PhotochromError
from photochrom.inference import zoo
from photochrom.storage import remove_stale_copies
from photochrom.web import problems
from photochrom.web.film_routes import Films
from photochrom.web.meta_routes import STATIC, About
from photochrom.web.options import MOST_PROPOSALS, parse, whole_number
from photochrom.web.problems import Problem
from photochrom.web.security import Security
from photochrom.web.service import Studio
from photochrom.web.session_routes import Kept
from photochrom.web.settings import Settings
from photochrom.web.uploads import read_upload

_HANDLERS = {
    Problem: problems.from_problem,
    PhotochromError: problems.from_photochrom,
    HTTPException: problems.from_http,
    Exception: problems.from_anything,
}


def create_app(settings: Settings | None = None) -> Starlette:
    """Make the server's application (ASGI)."""
    settings = settings or Settings()
    studio = Studio(settings)
    films = Films(studio)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        remove_stale_copies()
        yield
        studio.jobs.close()
        films.close()

    app = Starlette(routes=_routes(studio, films), exception_handlers=_HANDLERS, lifespan=lifespan)
    app.add_middleware(Security, token=settings.token)
    return app


def _routes(studio: Studio, films: Films) -> list[Route | Mount]:
    about, kept = About(studio), Kept(studio)

    async def colorize(request: Request) -> Response:
        """Colour the picture in the body, at its full size, once or in several versions."""
        upload = await read_upload(request, studio.settings)
        options = parse(upload.fields, zoo.DEFAULT, "proposals")
        count = whole_number(upload.fields, "proposals", 2, MOST_PROPOSALS)
        if count:
            return await studio.versions(request, upload, options, count)
        return await studio.whole(request, upload, options)

    def at(path: str, work: Callable[[Request], Awaitable[Response]], *methods: str) -> Route:
        return Route(path, work, methods=methods or ("GET",))

    one = "/v1/sessions/{name}"
    return [
        at("/", about.page),
        at("/healthz", about.health),
        at("/metrics", about.metrics),
        at("/openapi.json", about.document),
        at("/v1/models", about.models),
        at("/v1/colorize", colorize, "POST"),
        at("/v1/sessions", kept.create, "POST"),
        at("/v1/films", films.create, "POST"),
        at(one, kept.remove, "DELETE"),
        at(f"{one}/original", kept.original),
        at(f"{one}/preview", kept.preview, "GET", "POST"),
        at(f"{one}/doubts", kept.doubts, "GET", "POST"),
        at(f"{one}/picture", kept.picture, "GET", "POST"),
        at(f"{one}/colours", kept.colours),
        at(f"{one}/proposals", kept.proposals),
        at(f"{one}/reference", kept.reference, "POST"),
        at(f"{one}/film", films.status),
        at(f"{one}/film", films.begin, "POST"),
        at(f"{one}/film", films.stop, "DELETE"),
        at(f"{one}/film/file", films.file),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
