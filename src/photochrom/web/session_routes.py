"""The paths of pictures that are kept, to be asked for many times."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from photochrom.guidance.hints import Hint
from photochrom.image import Limits, Picture, encode_rgb, to_rgb8
from photochrom.inference import zoo
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.guide import Doubt, Uncertainty
from photochrom.web import region
from photochrom.web.options import (
    MOST_PROPOSALS,
    SHOWN,
    number,
    one_of,
    parse,
    whole_number,
)
from photochrom.web.problems import Problem
from photochrom.web.service import Studio
from photochrom.web.sessions import Session, open_session
from photochrom.web.uploads import Upload, read_fields, read_upload


class Kept:
    """Pictures that were uploaded once."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    def session(self, request: Request) -> Session:
        """Look up the picture that a request names; raises `Problem` 410."""
        return self.studio.sessions.get(request.path_params["name"])

    async def create(self, request: Request) -> Response:
        """Keep a picture."""
        studio = self.studio
        upload = await read_upload(request, studio.settings)
        session = await studio.run(lambda limits: open_session(upload.picture, limits), request)
        return studio.keep(session)

    async def remove(self, request: Request) -> Response:
        """Forget a picture."""
        self.studio.sessions.remove(request.path_params["name"])
        return Response(status_code=204)

    async def preview(self, request: Request) -> Response:
        """Colour a picture at the size of a screen; hints and parts are in the original's pixels.

        A part is cut from the original, under the colours that the whole preview has. With
        `show=uncertainty` it is the redder the more its colours are in doubt.
        """
        studio, session = self.studio, self.session(request)
        fields = await read_fields(request, studio.settings)
        options = parse(fields, zoo.DEFAULT, "show", *region.SIDES)
        shows = one_of(fields.get("show", SHOWN[0]), "show", SHOWN)
        chosen = {**options.for_colorize(), "hints": session.shrink(options.hints)}
        part = region.read_part(fields, session)

        def work(limits: Limits) -> bytes:
            model, opened = studio.find(options), Picture(session.preview, limits)
            if shows == "uncertainty":
                painted = _uncertainty(model, opened, chosen).shown
            else:
                painted = model.colorize(opened, **chosen)
            pixels = region.show(session, part, limits, painted) if part else painted.array()
            return encode_rgb(to_rgb8(pixels), ".jpg")

        studio.counts["previews"] += 1
        return Response(await studio.run(work, request), media_type="image/jpeg")

    async def doubts(self, request: Request) -> Response:
        """Tell places in doubt, one of each kind of thing, and what may be there."""
        studio, session = self.studio, self.session(request)
        options = parse(await read_fields(request, studio.settings), zoo.DEFAULT)
        chosen = {**options.for_colorize(), "hints": session.shrink(options.hints)}

        def work(limits: Limits) -> list[Doubt]:
            opened = Picture(session.preview, limits)
            return _uncertainty(studio.find(options), opened, chosen).places

        found = await studio.run(work, request)
        places = session.enlarge([(one.x, one.y, "") for one in found])
        told = [
            {"x": x, "y": y, "uncertainty": round(one.uncertainty, 1), "colours": one.colours}
            for (x, y, _), one in zip(places, found, strict=True)
        ]
        return JSONResponse({"places": told})

    async def original(self, request: Request) -> Response:
        """Show a picture, or a part of it, as it came, at the size of a screen."""
        session = self.session(request)
        part = region.read_part(request.query_params, session)

        def work(limits: Limits) -> bytes:
            pixels = region.show(session, part, limits) if part else session.preview
            return encode_rgb(to_rgb8(pixels), ".jpg")

        return Response(await self.studio.run(work, request), media_type="image/jpeg")

    async def picture(self, request: Request) -> Response:
        """Colour a picture at its full size."""
        session = self.session(request)
        options = parse(await read_fields(request, self.studio.settings), zoo.DEFAULT)
        return await self.studio.whole(request, Upload(session.data, {}), options)

    async def colours(self, request: Request) -> Response:
        """Suggest colours for a place."""
        session = self.session(request)
        options = parse(request.query_params, zoo.DEFAULT, "x", "y")
        x = number(request.query_params, "x", 0, session.width - 1)
        y = number(request.query_params, "y", 0, session.height - 1)
        if x is None or y is None:
            raise Problem(422, "x and y, in pixels of the picture, tell the place")
        to_x, to_y = session.scale

        def work(limits: Limits) -> list[str]:
            opened = Picture(session.preview, limits)
            return self.studio.find(options).suggest(opened, x * to_x, y * to_y)

        found = await self.studio.run(work, request)
        return JSONResponse({"colours": found})

    async def proposals(self, request: Request) -> Response:
        """Give the hints of several versions."""
        session = self.session(request)
        options = parse(request.query_params, zoo.DEFAULT, "count")
        count = whole_number(request.query_params, "count", 2, MOST_PROPOSALS) or 4

        def work(limits: Limits) -> list[list[Hint]]:
            model, opened = self.studio.find(options), Picture(session.preview, limits)
            return model.propose(opened, count, vividness=options.vividness)

        found = await self.studio.run(work, request)
        return JSONResponse({"proposals": [session.enlarge(hints) for hints in found]})

    async def reference(self, request: Request) -> Response:
        """Give the hints that colour a picture as the one in the body."""
        session = self.session(request)
        upload = await read_upload(request, self.studio.settings)
        options = parse(upload.fields, zoo.DEFAULT)

        def work(limits: Limits) -> list[Hint]:
            other = open_session(upload.picture, limits)
            opened = (Picture(one.preview, limits) for one in (session, other))
            return session.enlarge(self.studio.find(options).match(*opened))

        return JSONResponse({"hints": await self.studio.run(work, request)})


def _uncertainty(model: Colorizer, picture: Picture, chosen: dict[str, Any]) -> Uncertainty:
    steered = {name: chosen[name] for name in ("vividness", "size", "hints")}
    return model.uncertainty(picture, **steered)
