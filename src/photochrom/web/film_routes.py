"""Handlers of films, which are kept as one of their frames and coloured one after the other."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from photochrom.errors import PhotochromError
from photochrom.image import Limits, encode_rgb
from photochrom.inference import zoo
from photochrom.inference.colorizer import Colorizer
from photochrom.video import open_film
from photochrom.web.film_jobs import FilmJob, Work
from photochrom.web.options import FILMS, Options, number, parse
from photochrom.web.problems import Problem
from photochrom.web.service import Service
from photochrom.web.sessions import Session, open_session
from photochrom.web.uploads import read_fields, read_file

MAX_TRIAL = 60.0
"""The seconds of a film that may be coloured as a trial."""


class FilmRoutes:
    """Handlers of the paths of films."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._pool: ThreadPoolExecutor | None = None
        self._arriving = 0

    def close(self) -> None:
        """Stop all work, and wait until it has stopped."""
        self.service.sessions.clear()
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def film_job(self, request: Request) -> FilmJob:
        """Find the film that a request names; raises `Problem` 410, or 404 for a picture."""
        session = self.service.sessions.get(request.path_params["name"])
        if session.film_job is None:
            raise Problem(404, "this session holds a picture, not a film")
        return session.film_job

    async def create(self, request: Request) -> Response:
        """Keep a film, and one of its frames as the picture that is shown of it."""
        service = self.service
        service.sessions.make_room_for_film(self._arriving)
        film_job = FilmJob()
        self._arriving += 1
        try:
            await read_file(request, film_job.path, service.settings, "film")
            session = await service.run(lambda limits: _opened(film_job, limits), request)
            return service.keep(session)
        except BaseException as error:
            film_job.close()
            if isinstance(error, PhotochromError):
                raise film_job.described(error) from error
            raise
        finally:
            self._arriving -= 1

    async def begin(self, request: Request) -> Response:
        """Begin to colour a film."""
        film_job = self.film_job(request)
        fields = await read_fields(request, self.service.settings)
        given = {"format": film_job.extension, **fields}
        options = parse(given, zoo.DEFAULT, "seconds", formats=FILMS)
        seconds = number(fields, "seconds", 0.1, MAX_TRIAL)
        if options.tone:
            raise Problem(422, "the option tone is for pictures; leave it out for a film")
        if options.strokes:
            raise Problem(422, "strokes are for pictures; give a film hints")
        self.service.find(options)
        self._pool = self._pool or ThreadPoolExecutor(1, "film")
        still = self.service.sessions.get(request.path_params["name"]).data
        make = partial(self._make, options, film_job, still)
        film_job.begin(self._pool, make, options.format, seconds)
        return JSONResponse(film_job.progress.described(), 202)

    def _make(
        self, options: Options, film_job: FilmJob, still: bytes, target: Path, work: Work
    ) -> None:
        allowed, film = self.service.settings, film_job.path
        limits = Limits(allowed.max_film_bytes, allowed.max_pixels, work.unwanted)
        if work.seconds:
            film = film_job.beginning(work.seconds)
        model = Colorizer(options.model, device=allowed.device)  # without a cache of answers
        made = model.colorize(film, replace(options.for_colorize(), still=still), limits=limits)
        made.save(target, overwrite=True, on_progress=work.on_progress)
        self.service.counts["films"] += 1

    async def choose_frame(self, request: Request) -> Response:
        """Show another frame of a film, under a new name: what was known of the old is over."""
        service, film_job = self.service, self.film_job(request)
        fields = await read_fields(request, service.settings)
        seconds = number(fields, "seconds", 0, film_job.seconds)
        if seconds is None or len(fields) > 1:
            raise Problem(422, "a frame needs seconds, from the beginning of the film")
        session = await service.run(lambda limits: _session(film_job, limits, seconds), request)
        service.sessions.give_up(request.path_params["name"])
        return service.keep(session)

    async def status(self, request: Request) -> Response:
        """Say how much of a film is done."""
        return JSONResponse(self.film_job(request).progress.described())

    async def stop(self, request: Request) -> Response:
        """Stop colouring a film; its finished segments are kept for the same options."""
        self.film_job(request).stop()
        return Response(status_code=204)

    async def file(self, request: Request) -> Response:
        """Give the coloured film."""
        film_job = self.film_job(request)
        if not film_job.made:
            raise Problem(409, "the film is not in colour yet; wait until its state is done")
        return FileResponse(film_job.made, media_type=FILMS[film_job.made.suffix[1:]])


def _opened(film_job: FilmJob, limits: Limits) -> Session:
    film_job.take(open_film(film_job.path, limits.pixels))
    return _session(film_job, limits)


def _session(film_job: FilmJob, limits: Limits, at: float | None = None) -> Session:
    """Make the session of a film, which shows one of its frames."""
    film = open_film(film_job.path, limits.pixels)
    still = film_job.directory / f"still-{secrets.token_hex(4)}"
    still.write_bytes(encode_rgb(film.still(min(film.width, film.height), at)))
    session = open_session(still, limits)
    film_job.facts = {**film_job.facts, "at": at}
    session.film_job = film_job
    return session
