"""The paths of films, which are kept by one of their frames, and coloured one after the other."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from photochrom.errors import PhotochromError
from photochrom.image import Limits, encode_rgb
from photochrom.inference import zoo
from photochrom.inference.colorizer import Colorizer
from photochrom.video import open_film
from photochrom.web.film_jobs import Reel, Work
from photochrom.web.options import FILMS, Options, parse
from photochrom.web.problems import Problem
from photochrom.web.service import Studio
from photochrom.web.sessions import Session, open_session
from photochrom.web.uploads import read_fields, read_file


class Films:
    """Films that were uploaded."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self._pool: ThreadPoolExecutor | None = None
        self._arriving = 0

    def close(self) -> None:
        """Stop all work, and wait until it has stopped."""
        self.studio.sessions.clear()
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def reel(self, request: Request) -> Reel:
        """Look up the film that a request names; raises `Problem` 410, or 404 for a picture."""
        session = self.studio.sessions.get(request.path_params["name"])
        if session.reel is None:
            raise Problem(404, "this is a picture, and no film")
        return session.reel

    async def create(self, request: Request) -> Response:
        """Keep a film, and one of its frames as the picture that is shown of it."""
        studio = self.studio
        studio.sessions.make_room_for_film(self._arriving)
        reel = Reel()
        self._arriving += 1
        try:
            await read_file(request, reel.path, studio.settings)
            session = await studio.run(lambda limits: _opened(reel, limits), request)
        except BaseException as error:
            reel.close()
            if isinstance(error, PhotochromError):
                raise reel.told(error) from error
            raise
        finally:
            self._arriving -= 1
        return studio.keep(session)

    async def begin(self, request: Request) -> Response:
        """Begin to colour a film."""
        reel = self.reel(request)
        fields = await read_fields(request, self.studio.settings)
        options = parse({"format": reel.kind, **fields}, zoo.DEFAULT, formats=FILMS)
        if options.tone:
            raise Problem(422, "tone is for pictures")
        self.studio.find(options)
        self._pool = self._pool or ThreadPoolExecutor(1, "film")
        reel.begin(self._pool, partial(self._make, options, reel.path), options.format)
        return JSONResponse(reel.progress.told(), 202)

    def _make(self, options: Options, film: Path, target: Path, work: Work) -> None:
        allowed = self.studio.settings
        limits = Limits(allowed.most_film_bytes, allowed.most_pixels, work.unwanted)
        model = Colorizer(options.model)  # one that keeps no answers
        made = model.colorize(film, limits=limits, **options.for_colorize())
        made.save(target, overwrite=True, advance=work.advance)
        self.studio.counts["films"] += 1

    async def status(self, request: Request) -> Response:
        """Tell how far a film is."""
        return JSONResponse(self.reel(request).progress.told())

    async def stop(self, request: Request) -> Response:
        """Stop colouring a film; the parts that are done are kept for the same options."""
        self.reel(request).stop()
        return Response(status_code=204)

    async def file(self, request: Request) -> Response:
        """Give the coloured film."""
        reel = self.reel(request)
        if not reel.made:
            raise Problem(409, "the film is not coloured yet")
        return FileResponse(reel.made, media_type=FILMS[reel.made.suffix[1:]])


def _opened(reel: Reel, limits: Limits) -> Session:
    film = open_film(reel.path, limits.pixels)
    still = encode_rgb(film.still(min(film.width, film.height)))
    session = open_session(still, limits)
    reel.take(film)
    session.reel = reel
    return session
