"""What the server says of itself: its page, its models, its health, its counts."""

from importlib.util import find_spec
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from photochrom.image import Limits
from photochrom.inference import zoo
from photochrom.web.answers import as_json, text
from photochrom.web.page import studio_page
from photochrom.web.service import Service

_FILMS = bool(find_spec("av") and find_spec("cv2"))


class MetaRoutes:
    """Handlers of paths that are about the server."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._page = studio_page(service.settings, films=_FILMS)

    async def page(self, request: Request) -> Response:
        """Give the studio's page."""
        return text(request, self._page, "text/html")

    async def models(self, request: Request) -> Response:
        """List the models, and what each says of itself."""

        def work(_: Limits) -> list[dict[str, Any]]:
            found = [self.service.colorizer(name).model for name in zoo.names()]
            return [
                {**one.info, "hints": one.takes_hints, "guides": one.gives_suggestions}
                for one in found
            ]

        return as_json(request, await self.service.run(work, request))

    async def health(self, request: Request) -> Response:
        """Say that the server is there."""
        return JSONResponse({"status": "ok"})

    async def metrics(self, request: Request) -> Response:
        """Give counts in Prometheus' text format."""
        service = self.service
        figures = (
            ("jobs", "gauge", service.queue.waiting + service.large.waiting),
            ("jobs_dropped_total", "counter", service.queue.dropped + service.large.dropped),
            ("sessions", "gauge", len(service.sessions)),
            ("pictures_total", "counter", service.counts["pictures"]),
            ("films_total", "counter", service.counts["films"]),
            ("previews_total", "counter", service.counts["previews"]),
        )
        lines = "".join(
            f"# TYPE photochrom_{name} {media_type}\nphotochrom_{name} {value}\n"
            for name, media_type, value in figures
        )
        return PlainTextResponse(lines, media_type="text/plain; version=0.0.4")
