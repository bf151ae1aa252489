"""How far films are, in lines: now and then where there is no bar, and when they are stopped."""

import time
from dataclasses import dataclass
from threading import Lock

import click

from photochrom.batch.naming import Job
from photochrom.video.segments import stored_frames

_EVERY = 10.0  # seconds


@dataclass
class _Progress:
    """Of one film."""

    first: int
    began: float
    said: float
    done: int = 0
    total: int = 1


class FilmProgress:
    """What there is to say of films; its methods may be called on any thread."""

    def __init__(self) -> None:
        self._films: dict[Job, _Progress] = {}
        self._lock = Lock()

    def line(self, job: Job, done: int, total: int) -> str:
        """Note how far a film is; give what is to be said of it now, if anything."""
        now = time.monotonic()
        with self._lock:
            film = self._films.get(job)
            if film is None:
                film = self._films[job] = _Progress(done, now, now)
            is_first = not film.done
            film.done, film.total = done, total
            if is_first and done > 1:  # what was made before need not be made again
                return f"{_name(job)}: {_percent(done - 1, total)} are there, and it goes on"
            if now - film.said < _EVERY:
                return ""
            film.said = now
            rate = (done - film.first) / (now - film.began)
            left = _duration((total - done) / rate) if rate else "?"
            return f"{_name(job)}: {_percent(done, total)}, {rate:.1f} frames a second, {left} left"

    def stopped(self) -> list[str]:
        """Say of each film that is not done how far it is, and how much of it is kept."""
        with self._lock:
            return [
                f"{_name(job)}: stopped at {_percent(film.done, film.total)}; "
                f"{_percent(stored_frames(film.done), film.total)} are kept"
                for job, film in self._films.items()
                if film.done < film.total
            ]

    def done(self, job: Job) -> None:
        """Note that nothing more is to be said of a film."""
        with self._lock:
            self._films.pop(job, None)


def _percent(done: int, total: int) -> str:
    return f"{100 * done // total} %"


def _duration(seconds: float) -> str:
    """Say about how long it takes, such as "3 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _name(job: Job) -> str:
    return click.format_filename(str(job.source))
