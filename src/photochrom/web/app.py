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
from photochrom.web.film_routes import FilmRoutes
from photochrom.web.meta_routes import STATIC, MetaRoutes
from photochrom.web.options import MAX_VARIANTS, parse, whole_number
from photochrom.web.problems import Problem
from photochrom.web.security import Security
from photochrom.web.service import Service
from photochrom.web.session_routes import SessionRoutes
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
    service = Service(settings)
    films = FilmRoutes(service)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        remove_stale_copies()
        yield
        service.queue.close()
        films.close()

    app = Starlette(routes=_routes(service, films), exception_handlers=_HANDLERS, lifespan=lifespan)
    app.add_middleware(Security, token=settings.token)
    return app


def _routes(service: Service, films: FilmRoutes) -> list[Route | Mount]:
    meta, sessions = MetaRoutes(service), SessionRoutes(service)

    async def colorize(request: Request) -> Response:
        """Colour the picture in the body, at its full size, once or in several versions."""
        upload = await read_upload(request, service.settings)
        options = parse(upload.fields, zoo.DEFAULT, "proposals")
        count = whole_number(upload.fields, "proposals", 2, MAX_VARIANTS)
        if count:
            return await service.variants(request, upload, options, count)
        return await service.whole(request, upload, options)

    def at(path: str, work: Callable[[Request], Awaitable[Response]], *methods: str) -> Route:
        return Route(path, work, methods=methods or ("GET",))

    one = "/v1/sessions/{name}"
    return [
        at("/", meta.page),
        at("/healthz", meta.health),
        at("/metrics", meta.metrics),
        at("/openapi.json", meta.document),
        at("/v1/models", meta.models),
        at("/v1/colorize", colorize, "POST"),
        at("/v1/sessions", sessions.create, "POST"),
        at("/v1/films", films.create, "POST"),
        at(one, sessions.remove, "DELETE"),
        at(f"{one}/original", sessions.original),
        at(f"{one}/preview", sessions.preview, "GET", "POST"),
        at(f"{one}/doubts", sessions.uncertain_points, "GET", "POST"),
        at(f"{one}/picture", sessions.picture, "GET", "POST"),
        at(f"{one}/colours", sessions.suggestions),
        at(f"{one}/proposals", sessions.variants),
        at(f"{one}/reference", sessions.reference, "POST"),
        at(f"{one}/film", films.status),
        at(f"{one}/film", films.begin, "POST"),
        at(f"{one}/film", films.stop, "DELETE"),
        at(f"{one}/film/file", films.file),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
