"""Sessions: pictures that were uploaded once, kept within bounds, to be asked for many times."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from photochrom.color.spaces import Samples
from photochrom.guidance.hints import Hint, check_point
from photochrom.image import Limits, Picture
from photochrom.web.film_jobs import FilmJob
from photochrom.web.problems import Problem
from photochrom.web.settings import Settings

PREVIEW = 1400
"""The long side of what the page shows, in pixels."""


@dataclass
class Session:
    """An uploaded picture."""

    data: bytes
    """The file as it came."""
    preview: Samples
    """The picture, decoded, its long side `PREVIEW` at most."""
    width: int
    height: int
    film_job: FilmJob | None = None
    """The film that the picture is a frame of."""
    used: float = field(default_factory=time.monotonic)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.data) + self.preview.nbytes

    @property
    def scale(self) -> tuple[float, float]:
        """Factors that bring x and y of the original to the preview."""
        return self.preview.shape[1] / self.width, self.preview.shape[0] / self.height

    @property
    def busy(self) -> bool:
        """Whether its film is being coloured."""
        return self.film_job is not None and self.film_job.progress.busy

    def shrink(self, hints: Iterable[Hint]) -> list[Hint]:
        """Bring hints for the original to the preview; raises `HintError` for one outside."""
        to_x, to_y = self.scale
        found = []
        for x, y, color in hints:
            check_point(x, y, (self.width, self.height))
            found.append((x * to_x, y * to_y, color))
        return found

    def enlarge(self, hints: list[Hint]) -> list[Hint]:
        """Bring hints for the preview to the original."""
        to_x, to_y = self.scale
        return [(round(x / to_x, 1), round(y / to_y, 1), color) for x, y, color in hints]


def open_session(data: bytes, limits: Limits) -> Session:
    """Decode a picture's preview; raises `ImageError` for what is not a picture."""
    picture = Picture(data, limits)
    scale = min(1.0, PREVIEW / max(picture.width, picture.height))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return Session(data, picture.thumbnail(*size), picture.width, picture.height)


class Sessions:
    """Sessions by names that cannot be guessed; those unused for longest are forgotten first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        """Count the sessions that are kept."""
        return len(self._sessions)

    def add(self, session: Session) -> str:
        """Keep a session; return its name."""
        name = secrets.token_urlsafe(16)
        self._sessions[name] = session
        self._forget()
        return name

    def get(self, name: str) -> Session:
        """Find a session; raises `Problem` 410 when it is not there, or no longer."""
        self._forget()
        if name not in self._sessions:
            raise Problem(410, "this picture is no longer kept here; upload it again")
        session = self._sessions[name]
        session.used = time.monotonic()
        self._sessions.move_to_end(name)
        return session

    def remove(self, name: str) -> None:
        """Forget a session."""
        session = self._sessions.pop(name, None)
        if session and session.film_job:
            session.film_job.close()

    def clear(self) -> None:
        """Forget all."""
        for name in list(self._sessions):
            self.remove(name)

    def make_room_for_film(self, arriving: int) -> None:
        """Forget the oldest film if there are too many, counting `arriving` uploads.

        Raises `Problem` 429 when all of them are being uploaded or coloured.
        """
        films = {name: session for name, session in self._sessions.items() if session.film_job}
        if len(films) + arriving < self._settings.max_films:
            return
        idle = [name for name, session in films.items() if not session.busy]
        if not idle:
            wanted = {"Retry-After": "60"}
            raise Problem(429, "other films are being coloured; wait for one of them", **wanted)
        self.remove(idle[0])

    def _forget(self) -> None:
        """Forget sessions that are over the bounds, but none whose film is being coloured."""
        allowed = self._settings
        oldest = time.monotonic() - allowed.session_seconds
        newest = next(reversed(self._sessions), None)
        for name, session in list(self._sessions.items()):
            total = sum(session.size for session in self._sessions.values())
            over = len(self._sessions) > allowed.max_sessions or total > allowed.session_bytes
            if session.used >= oldest and (not over or name == newest):
                return
            if not session.busy:
                self.remove(name)
