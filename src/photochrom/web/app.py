"""The application: its routes, its errors, and what happens when it starts and ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from photochrom.errors import PhotochromError
from photochrom.storage import remove_stale_copies
from photochrom.web import problems
from photochrom.web.film_routes import FilmRoutes
from photochrom.web.job_routes import JobRoutes
from photochrom.web.page import STATIC
from photochrom.web.problems import Problem
from photochrom.web.routes import make_endpoints, make_routes
from photochrom.web.security import Security
from photochrom.web.service import Service
from photochrom.web.settings import Settings

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
    films, jobs = FilmRoutes(service), JobRoutes(service)
    endpoints = make_endpoints(service, films, jobs)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        remove_stale_copies()
        yield
        jobs.close()
        service.close()
        films.close()

    routes = [*make_routes(endpoints), Mount("/static", StaticFiles(directory=STATIC))]
    app = Starlette(routes=routes, exception_handlers=_HANDLERS, lifespan=lifespan)
    app.state.service = service
    public = {one.path for one in endpoints if one.public}
    app.add_middleware(Security, token=settings.token, public=public)
    return app
