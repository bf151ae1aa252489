"""What the handlers share: models, kept pictures, the queue, and colouring."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from photochrom.guidance.hints import Hint
from photochrom.image import Limits, Picture
from photochrom.inference import zoo
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.inputs import read_layer
from photochrom.web.answers import zipped
from photochrom.web.options import EXTENSIONS, Options, number, parse, variant_count
from photochrom.web.problems import Problem
from photochrom.web.queue import Queue
from photochrom.web.sessions import Session, Sessions
from photochrom.web.settings import Settings
from photochrom.web.uploads import Upload, read_upload

T = TypeVar("T")


class Service:
    """The models, the pictures that are kept, and the work on them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.queue = Queue(settings)
        self.large = Queue(settings)  # pictures at full size: no preview waits behind them
        self.sessions = Sessions(settings)
        self.counts: Counter[str] = Counter()
        self.colorizer: Callable[[str], Colorizer] = cache(
            partial(Colorizer, memory=settings.answer_bytes, device=settings.device)
        )

    def close(self) -> None:
        """Drop all work that waits."""
        self.queue.close()
        self.large.close()

    async def run(
        self, work: Callable[[Limits], T], request: Request | None, *, large: bool = False
    ) -> T:
        """Run `work` as a job, `large` ones in a queue of their own.

        The limits that it is given end it when nobody waits any longer.
        """
        allowed = self.settings
        return await (self.large if large else self.queue).run(
            lambda stop: work(Limits(allowed.max_bytes, allowed.max_pixels, stop)), request
        )

    def keep(self, session: Session) -> Response:
        """Keep what was uploaded, and say where."""
        name = self.sessions.add(session)
        body = self.describe(name, session)
        return JSONResponse(body, 201, {"Location": f"/v1/sessions/{name}"})

    def describe(self, name: str, session: Session) -> dict[str, Any]:
        """Say what a client may know of a session."""
        return {
            "id": name,
            "width": session.width,
            "height": session.height,
            "seconds": self.settings.session_seconds,
            "had_colour": session.had_color,
            "missing": session.lacks,
            "film": session.film_job.facts if session.film_job else None,
        }

    def find(self, options: Options) -> Colorizer:
        """Find a model by its name; a server opens no other files. Raises `Problem` 422."""
        if options.model not in zoo.names():
            raise Problem(422, f"model is one of {', '.join(zoo.names())}, not {options.model!r}")
        return self.colorizer(options.model)

    async def colorize(self, request: Request) -> Response:
        """Colour the picture in the body, at its full size, once or in several variants."""
        upload = await read_upload(request, self.settings)
        options = parse(upload.fields, zoo.DEFAULT, "variants", "proposals", "reference_strength")
        count = variant_count(upload.fields)
        if count:
            return await self.variants(request, upload, options, count)
        return await self.whole(request, upload, options)

    async def whole(self, request: Request, upload: Upload, options: Options) -> Response:
        """Answer with a picture, coloured at its full size."""
        picture, had_color = await self.run(
            lambda limits: self.encoded(upload, options, limits), request, large=True
        )
        return self._answer(picture, had_color, EXTENSIONS[options.format][1])

    async def variants(
        self, request: Request, upload: Upload, options: Options, count: int
    ) -> Response:
        """Answer with several variants of a picture, in a ZIP; its own hints lie over each."""

        def work(limits: Limits) -> tuple[bytes, bool]:
            opened = Picture(upload.picture, replace(limits, allow_damaged=options.allow_damaged))
            found = self.find(options).variants(opened, count, vividness=options.vividness)
            made = [self.encoded(upload, options, limits, hints) for hints in found]
            extension = EXTENSIONS[options.format][0]
            return zipped([picture for picture, _ in made], extension), made[0][1]

        files, had_color = await self.run(work, request, large=True)
        return self._answer(files, had_color, "application/zip")

    def encoded(
        self, upload: Upload, options: Options, limits: Limits, below: list[Hint] | None = None
    ) -> tuple[bytes, bool]:
        """Colour a picture at its full size, hints `below` under those of the options.

        Gives the file, and whether the picture had colours of its own. It blocks.
        """
        limits = replace(limits, allow_damaged=options.allow_damaged)
        lent = number(upload.fields, "reference_strength", 0, 1)
        size = Picture(upload.picture, limits, page=0).size
        layer = read_layer(upload.hint_layer, size, limits) if upload.hint_layer else []
        chosen = replace(
            options.for_colorize(),
            hints=(*(below or ()), *layer, *options.all_hints(size)),
            reference=upload.reference,
            reference_strength=1.0 if lent is None else lent,
        )
        extension = EXTENSIONS[options.format][0]
        colorized = self.find(options).colorize(upload.picture, chosen, limits=limits)
        return colorized.encode(extension, jpeg_quality=options.jpeg_quality), colorized.had_color

    def _answer(self, data: bytes, had_color: bool, media_type: str) -> Response:
        self.counts["pictures"] += 1
        headers = {"Photochrom-Had-Colour": "yes" if had_color else "no"}
        return Response(data, media_type=media_type, headers=headers)
