"""Handlers of films, which are kept as one of their frames and coloured one after the other."""

import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar, cast

import numpy as np
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from photochrom.errors import PhotochromError
from photochrom.image import Limits, encode_rgb
from photochrom.inference import zoo
from photochrom.inference.colorizer import Colorizer
from photochrom.inference.options import ColorizeOptions
from photochrom.video import open_film
from photochrom.video.project import FilmProject, ShotStart, TimedPoint, one_line
from photochrom.web import film_things
from photochrom.web.film_jobs import FilmJob, Search, Work
from photochrom.web.film_things import ShownThing
from photochrom.web.options import FILMS, number, parse, whole_number
from photochrom.web.problems import Problem
from photochrom.web.schemas import STEER
from photochrom.web.service import Service
from photochrom.web.sessions import Session, open_session
from photochrom.web.uploads import read_fields, read_file

if TYPE_CHECKING:
    from photochrom.video.colorized import ColorizedFilm
    from photochrom.video.shots import Shot

_T = TypeVar("_T")
MAX_TRIAL = 60.0
"""The seconds of a film that may be coloured as a trial."""
MAX_EVERY = 3600.0
"""Seconds from one frame of a contact sheet to the next."""
MAX_NAME = 255
"""Characters of a film's name."""
PROJECT = "application/toml"
"""Media type of a film's project."""
SHEETS = {"jpg": "image/jpeg"}
"""Formats of contact sheets: file extension, without its dot, and media type."""


@dataclass(frozen=True)
class Piece:
    """What is wanted of a film."""

    start: float | None = None
    end: float | None = None
    every: float | None = None
    """Seconds from one frame to the next, where a contact sheet is wanted."""

    @property
    def is_trial(self) -> bool:
        """Whether it is not all of the film."""
        return any((self.start, self.end, self.every))

    @classmethod
    def of(cls, fields: Mapping[str, str], length: float) -> Self:
        """Read it from a form, for a film of so many seconds; raises `Problem` 422."""
        length = length or inf  # of a film that does not say it
        start = number(fields, "start", 0, length) or None
        seconds = number(fields, "seconds", 0.1, MAX_TRIAL)
        end = None if seconds is None else min((start or 0.0) + seconds, length)
        return cls(start, end, number(fields, "every", 0.1, MAX_EVERY))


class FilmRoutes:
    """Handlers of the paths of films."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._arriving = 0

    def close(self) -> None:
        """Stop all work, and wait until it has stopped."""
        self.service.sessions.clear()
        for pool in self._pools.values():
            pool.shutdown(cancel_futures=True)
        self._pools.clear()

    def _pool(self, name: str) -> ThreadPoolExecutor:
        """Give the one thread for all work of a kind."""
        if name not in self._pools:
            self._pools[name] = ThreadPoolExecutor(1, name)
        return self._pools[name]

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
        """Begin to colour a film, or a piece of it, or frames of it on a contact sheet."""
        film_job = self.film_job(request)
        fields = await read_fields(request, self.service.settings)
        given = {"format": "jpg" if "every" in fields else film_job.extension, **fields}
        formats = SHEETS if "every" in fields else FILMS
        options = parse(given, zoo.DEFAULT, "start", "seconds", "every", "things", formats=formats)
        piece = Piece.of(fields, film_job.seconds)
        if options.tone:
            raise Problem(422, "the option tone is for pictures; leave it out for a film")
        if options.strokes:
            raise Problem(422, "strokes are for pictures; give a film hints")
        self.service.find(options)
        chosen = replace(
            options.for_colorize(),
            still=self.service.sessions.get(request.path_params["name"]).data,
            project=_project(film_job, film_things.parse_things(fields)),
        )
        film_job.asked = options.model, chosen
        make = partial(self._make, options.model, chosen, piece, film_job.path)
        film_job.begin(self._pool("film"), make, options.format, trial=piece.is_trial)
        return JSONResponse(film_job.progress.described(), 202)

    def _make(
        self,
        name: str,
        options: ColorizeOptions,
        piece: "Piece",
        film: Path,
        target: Path,
        work: Work,
    ) -> None:
        allowed = self.service.settings
        model = Colorizer(name, device=allowed.device)  # without a cache of answers
        limits, chosen = self._limits(work), replace(options, start=piece.start, end=piece.end)
        made = cast("ColorizedFilm", model.colorize(film, chosen, limits=limits))
        if piece.every:
            made.save_sheet(target, piece.every, overwrite=True, on_progress=work.on_progress)
        else:
            made.save(target, overwrite=True, on_progress=work.on_progress)
        self.service.counts["films"] += 1

    def _limits(self, work: Work) -> Limits:
        allowed = self.service.settings
        return Limits(allowed.max_film_bytes, allowed.max_pixels, work.unwanted)

    async def shots(self, request: Request) -> Response:
        """Say how far the search for the shots is, which begins when it is first asked for."""
        film_job = self.film_job(request)
        find = partial(_shots, film_job.path, self.service.settings.max_pixels)
        film_job.search(film_job.shots, self._pool("shots"), find)
        shots = [
            {"begin": round(one.begin, 3), "end": round(one.end, 3), "frames": one.frames}
            for one in film_job.shots.found
        ]
        return JSONResponse(film_job.shots.described() | {"shots": shots})

    async def things(self, request: Request) -> Response:
        """Say how far the search for the things is, which begins when it is first asked for."""
        film_job = self.film_job(request)
        _found(film_job.shots, "shots")
        if not film_job.asked:
            raise Problem(409, "the film was not coloured yet; colour it, or a piece of it, first")
        model, options = film_job.asked
        project = replace(options.project or FilmProject(), shots=_begins(film_job))

        def find(work: Work) -> list[ShownThing]:
            wanted, limits = replace(options, project=project), self._limits(work)
            colorizer = self.service.colorizer(model)
            return film_things.find_things(
                colorizer, film_job.path, wanted, limits, work.on_progress
            )

        film_job.search(film_job.things, self._pool("shots"), find)
        things = [one.described() for one in film_job.things.found]
        return JSONResponse(film_job.things.described() | {"things": things})

    async def thing(self, request: Request) -> Response:
        """Give a small picture of a thing, grey."""
        things = _found(self.film_job(request).things, "things")
        number = whole_number(request.query_params, "number", 1, len(things)) or 1
        return Response(things[number - 1].picture, media_type="image/jpeg")

    async def project(self, request: Request) -> Response:
        """Give what is chosen for a film as a project, with which the command goes on."""
        film_job, service = self.film_job(request), self.service
        shots = _found(film_job.shots, "shots")
        fields = await read_fields(request, service.settings)
        options = parse(fields, zoo.DEFAULT, "things", "filename")
        service.find(options)
        name = one_line(fields.get("filename", "film.mp4"))
        if not 0 < len(name) <= MAX_NAME:
            raise Problem(422, f"filename is the film's name, of 1 to {MAX_NAME} characters")
        flags = "".join(f" --{one} {getattr(options, one)}" for one in STEER if one in fields)
        things = film_things.parse_things(fields)
        saved = film_things.SavedProject(name, options.hints, things, flags)

        def write(limits: Limits) -> str:
            return saved.text(open_film(film_job.path, limits.pixels), film_job.facts["at"], shots)

        return Response(await service.run(write, request), media_type=PROJECT)

    async def still(self, request: Request) -> Response:
        """Give a still of a shot, grey and small."""
        shots = _found(self.film_job(request).shots, "shots")
        number = whole_number(request.query_params, "number", 1, len(shots)) or 1
        still = shots[number - 1].still
        eight = still if still.dtype == np.uint8 else (still >> 8).astype(np.uint8)
        return Response(encode_rgb(eight, ".jpg"), media_type="image/jpeg")

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
        return FileResponse(film_job.made, media_type=(FILMS | SHEETS)[film_job.made.suffix[1:]])


def _found(search: Search[_T], name: str) -> list[_T]:
    """Give what was found; raises `Problem` 409 where nothing is yet."""
    if not search.found:
        raise Problem(409, f"the {name} are not found yet; wait until their state is done")
    return search.found


def _project(film_job: FilmJob, things: dict[TimedPoint, str]) -> FilmProject | None:
    """Say in which shots things have their colours; None where none are chosen."""
    return FilmProject(shots=_begins(film_job)).with_things(things) if things else None


def _begins(film_job: FilmJob) -> tuple[ShotStart, ...]:
    return tuple(ShotStart(round(one.begin, 3)) for one in film_job.shots.found)


def _shots(path: Path, max_pixels: int, work: Work) -> list["Shot"]:
    from photochrom.video.shots import find_shots

    def on_progress(done: int, total: int) -> None:
        Limits(stop=work.unwanted).check_wanted()
        work.on_progress(done, total)

    return find_shots(open_film(path, max_pixels), on_progress)


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
