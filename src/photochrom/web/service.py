"""What the server's paths share."""

import io
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from photochrom.guidance.hints import Hint
from photochrom.image import Limits, Picture
from photochrom.inference import zoo
from photochrom.inference.colorizer import Colorizer
from photochrom.web.options import ENDINGS, Options
from photochrom.web.problems import Problem
from photochrom.web.queue import Jobs
from photochrom.web.sessions import Session, Sessions
from photochrom.web.settings import Settings
from photochrom.web.uploads import Upload

T = TypeVar("T")


class Studio:
    """The models, the pictures that are kept, and the work on them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.jobs = Jobs(settings)
        self.sessions = Sessions(settings)
        self.counts: Counter[str] = Counter()
        self.colorizer: Callable[[str], Colorizer] = cache(
            partial(Colorizer, memory=settings.answer_bytes)
        )

    async def run(self, work: Callable[[Limits], T], request: Request) -> T:
        """Run `work` as a job; the limits that it is given end it when nobody waits any longer."""
        allowed = self.settings
        return await self.jobs.run(
            lambda stop: work(Limits(allowed.most_bytes, allowed.most_pixels, stop)), request
        )

    def keep(self, session: Session) -> Response:
        """Keep what was uploaded, and say where."""
        name = self.sessions.add(session)
        body = {
            "id": name,
            "width": session.width,
            "height": session.height,
            "seconds": self.settings.session_seconds,
            "film": session.reel.facts if session.reel else None,
        }
        return JSONResponse(body, 201, {"Location": f"/v1/sessions/{name}"})

    def find(self, options: Options) -> Colorizer:
        """Look up a shipped model; a server opens no other files. Raises `Problem` 422."""
        if options.model not in zoo.names():
            raise Problem(422, f"no model {options.model!r}; one of {', '.join(zoo.names())}")
        return self.colorizer(options.model)

    async def whole(self, request: Request, upload: Upload, options: Options) -> Response:
        """Answer a picture, coloured at its full size."""
        picture, had_colour = await self.run(
            lambda limits: self._paint(upload, options, limits), request
        )
        return self._answer(picture, had_colour, ENDINGS[options.format][1])

    async def versions(
        self, request: Request, upload: Upload, options: Options, count: int
    ) -> Response:
        """Answer several versions of a picture, in a ZIP; its own hints lie over each."""

        def work(limits: Limits) -> tuple[bytes, bool]:
            opened = Picture(upload.picture, limits)
            found = self.find(options).propose(opened, count, vividness=options.vividness)
            painted = [self._paint(upload, options, limits, hints) for hints in found]
            ending = ENDINGS[options.format][0]
            return _zip([picture for picture, _ in painted], ending), painted[0][1]

        files, had_colour = await self.run(work, request)
        return self._answer(files, had_colour, "application/zip")

    def _paint(
        self, upload: Upload, options: Options, limits: Limits, below: list[Hint] | None = None
    ) -> tuple[bytes, bool]:
        chosen = options.for_colorize()
        chosen["hints"] = [*(below or ()), *options.hints]
        coloured = self.find(options).colorize(
            upload.picture, limits=limits, reference=upload.reference, **chosen
        )
        return coloured.encode(ENDINGS[options.format][0]), coloured.had_colour

    def _answer(self, data: bytes, had_colour: bool, media_type: str) -> Response:
        self.counts["pictures"] += 1
        headers = {"Photochrom-Had-Colour": "yes" if had_colour else "no"}
        return Response(data, media_type=media_type, headers=headers)


def _zip(pictures: list[bytes], ending: str) -> bytes:
    """Put pictures, which are compressed already, in a ZIP, as 1.jpg, 2.jpg, ..."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, picture in enumerate(pictures, 1):
            archive.writestr(zipfile.ZipInfo(f"{number}{ending}", time.localtime()[:6]), picture)
    return file.getvalue()
