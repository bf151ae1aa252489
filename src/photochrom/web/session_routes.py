"""Handlers of sessions: pictures that were uploaded once and are asked for many times."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import numpy as np
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from photochrom.guidance.hints import REACHES, AnyHint, Hint, plain
from photochrom.image import Limits, Picture, encode_rgb, to_rgb8
from photochrom.inference import zoo
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.guide import Match, Uncertainty
from photochrom.inference.inputs import as_reference
from photochrom.inference.options import ColorizeOptions
from photochrom.web.answers import unless_known
from photochrom.web.options import (
    MAX_VARIANTS,
    SHOWN,
    number,
    one_of,
    parse,
    whole_number,
)
from photochrom.web.page import preview_size
from photochrom.web.problems import Problem
from photochrom.web.region import SIDES, read_region, show
from photochrom.web.service import Service
from photochrom.web.sessions import Session, open_session
from photochrom.web.uploads import Upload, read_fields, read_picture, read_query, read_upload
from photochrom.web.wipe import WIPES, encode_wipe, wipe_size


class SessionRoutes:
    """Handlers of the paths of sessions."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def session(self, request: Request) -> Session:
        """Find the session that a request names; raises `Problem` 410."""
        return self.service.sessions.get(request.path_params["name"])

    async def create(self, request: Request) -> Response:
        """Keep a picture."""
        service = self.service
        path = service.sessions.new_path()
        try:
            await read_picture(request, path, service.settings)
            session = await service.run(lambda limits: open_session(path, limits), request)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return service.keep(session)

    async def describe(self, request: Request) -> Response:
        """Describe a picture, which a page says that it shows: it is held for a while."""
        session = self.session(request)
        session.held = time.monotonic()
        return JSONResponse(self.service.describe(request.path_params["name"], session))

    async def file(self, request: Request) -> Response:
        """Give a picture's file as it came."""
        return FileResponse(self.session(request).path, media_type="application/octet-stream")

    async def remove(self, request: Request) -> Response:
        """Forget a picture."""
        self.service.sessions.remove(request.path_params["name"])
        return Response(status_code=204)

    async def preview(self, request: Request) -> Response:
        """Colour a picture at the size of a screen; hints are in pixels of the original.

        A region is cut from the original, under the colours that the whole preview has. With
        `show=uncertainty` the picture is redder where its colours are less certain.
        """
        service, session = self.service, self.session(request)
        fields = await read_fields(request, service.settings)
        options = parse(fields, zoo.DEFAULT, "show", *SIDES)
        shows = one_of(fields.get("show", SHOWN[0]), "show", SHOWN)
        chosen = replace(
            options.for_colorize(), hints=tuple(session.shrink(options.all_hints(session.size)))
        )
        region = read_region(fields, session)

        def work(limits: Limits) -> bytes:
            model, opened = service.find(options), session.opened(limits)
            if shows == "uncertainty":
                colorized = _uncertainty(model, opened, chosen).shown
            else:
                colorized = model.colorize(opened, chosen)
            pixels = show(session, region, limits, colorized) if region else colorized.array()
            return encode_rgb(to_rgb8(pixels), ".jpg")

        service.counts["previews"] += 1
        return await self._shown(request, fields, work)

    async def uncertain_points(self, request: Request) -> Response:
        """Give uncertain points, one of each kind of thing, and the colours they may have."""
        service, session = self.service, self.session(request)
        options = parse(await read_fields(request, service.settings), zoo.DEFAULT)
        chosen = replace(
            options.for_colorize(), hints=tuple(session.shrink(options.all_hints(session.size)))
        )

        def work(limits: Limits) -> Uncertainty:
            return _uncertainty(service.find(options), session.opened(limits), chosen)

        uncertainty = await service.run(work, request)
        found = uncertainty.points
        scaled = plain(session.enlarge([(one.x, one.y, "") for one in found]))
        points = [
            {"x": x, "y": y, "uncertainty": round(one.uncertainty, 1), "colours": one.colors}
            for (x, y, _), one in zip(scaled, found, strict=True)
        ]
        mean = round(float(uncertainty.values.mean()), 1)
        return JSONResponse({"places": points, "mean": mean})

    async def original(self, request: Request) -> Response:
        """Show a picture, or a region of it, as it came, at the size of a screen."""
        session, fields = self.session(request), read_query(request)
        region = read_region(fields, session)

        def work(limits: Limits) -> bytes:
            pixels = show(session, region, limits) if region else session.preview(limits)
            return encode_rgb(to_rgb8(pixels), ".jpg")

        return await self._shown(request, fields, work)

    async def _shown(
        self, request: Request, fields: Mapping[str, str], work: Callable[[Limits], bytes]
    ) -> Response:
        """Answer with a JPEG, which the fields of the request determine."""

        async def make() -> Response:
            return Response(await self.service.run(work, request), media_type="image/jpeg")

        return await unless_known(request, fields, make)

    async def picture(self, request: Request) -> Response:
        """Colour a picture at its full size."""
        service, session = self.service, self.session(request)
        fields = await read_fields(request, service.settings)
        options = replace(parse(fields, zoo.DEFAULT), allow_damaged=True)
        upload = Upload(await asyncio.to_thread(lambda: session.data), {})
        return await unless_known(request, fields, lambda: service.whole(request, upload, options))

    async def wipe(self, request: Request) -> Response:
        """Give a clip in which the colours sweep over a picture."""
        service, session = self.service, self.session(request)
        fields = await read_fields(request, service.settings)
        options = parse(fields, zoo.DEFAULT, formats=WIPES)
        size = wipe_size(options.format, *session.size)

        def work(limits: Limits) -> bytes:
            chosen = replace(
                options.for_colorize(), hints=tuple(session.shrink(options.all_hints(session.size)))
            )
            opened = session.opened(limits)
            colorized = service.find(options).colorize(opened, chosen)
            small = opened.shrunk(*size)
            before, after = to_rgb8(opened.thumbnail(*size)), to_rgb8(colorized.over(small).array())
            return encode_wipe(options.format, before, after)

        async def make() -> Response:
            made = await service.run(work, request, large=True)
            return Response(made, media_type=WIPES[options.format].media_type)

        return await unless_known(request, fields, make)

    async def suggestions(self, request: Request) -> Response:
        """Suggest colours for a point."""
        session, fields = self.session(request), read_query(request)
        options = parse(fields, zoo.DEFAULT, "x", "y")
        x, y = self._point(session, fields)

        def work(limits: Limits) -> list[str]:
            opened = session.opened(limits)
            return self.service.find(options).suggest(opened, x, y)

        found = await self.service.run(work, request)
        return JSONResponse({"colours": found})

    async def reach(self, request: Request) -> Response:
        """Show which part of a picture a hint at a point would colour, as a coarse grey PNG."""
        session, fields = self.session(request), read_query(request)
        options = parse(fields, zoo.DEFAULT, "x", "y", "reach")
        x, y = self._point(session, fields)
        far = one_of(fields.get("reach", "thing"), "reach", REACHES)

        def work(limits: Limits) -> bytes:
            opened = session.opened(limits)
            mask = self.service.find(options).reach(opened, x, y, far)
            grey = (255 * mask[..., None]).round().astype(np.uint8)
            return encode_rgb(grey.repeat(3, axis=2), ".png")

        async def make() -> Response:
            return Response(await self.service.run(work, request), media_type="image/png")

        return await unless_known(request, fields, make)

    def _point(self, session: Session, fields: Mapping[str, str]) -> tuple[float, float]:
        """Read a point of the original, in pixels of the preview."""
        x = number(fields, "x", 0, session.width - 1)
        y = number(fields, "y", 0, session.height - 1)
        if x is None or y is None:
            raise Problem(422, "a point needs x and y, in pixels of the picture")
        return x * session.scale[0], y * session.scale[1]

    def variants_as(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        """Make the handler that gives the hints of several variants, as the field `name`."""

        async def handle(request: Request) -> Response:
            return JSONResponse({name: await self._variants(request)})

        return handle

    async def _variants(self, request: Request) -> list[list[AnyHint]]:
        session, fields = self.session(request), read_query(request)
        options = parse(fields, zoo.DEFAULT, "count")
        count = whole_number(fields, "count", 2, MAX_VARIANTS) or 4

        def work(limits: Limits) -> list[list[Hint]]:
            model, opened = self.service.find(options), session.opened(limits)
            return model.variants(opened, count, vividness=options.vividness)

        found = await self.service.run(work, request)
        return [session.enlarge(hints) for hints in found]

    async def reference(self, request: Request) -> Response:
        """Give the hints that colour a picture as the one in the body."""
        session = self.session(request)
        upload = await read_upload(request, self.service.settings)
        options = parse(upload.fields, zoo.DEFAULT)

        def work(limits: Limits) -> Match:
            with as_reference():
                other = Picture(upload.picture, limits)
                smaller = other.thumbnail(*preview_size(other.width, other.height))
            opened = session.opened(limits), Picture(smaller, limits)
            return self.service.find(options).compare(*opened)

        found = await self.service.run(work, request)
        hints = session.enlarge(found.hints)
        match = {"hints": hints, "own": found.own, "share": round(found.share, 3)}
        return JSONResponse({**match, "palette": str(found.palette)})


def _uncertainty(model: Colorizer, picture: Picture, chosen: ColorizeOptions) -> Uncertainty:
    return model.uncertainty(
        picture, vividness=chosen.vividness, size=chosen.size, hints=chosen.hints
    )
