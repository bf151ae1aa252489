"""Sessions: pictures that were uploaded once, kept within bounds, to be asked for many times."""

import math
import secrets
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import Samples
from photochrom.color.toning import has_color
from photochrom.guidance.hints import AnyHint, check_point, hint_at
from photochrom.image import Limits, Picture
from photochrom.image.reader import shrunk_missing
from photochrom.storage import spool
from photochrom.web.film_jobs import FilmJob
from photochrom.web.page import preview_size
from photochrom.web.problems import Problem
from photochrom.web.registry import Registry
from photochrom.web.settings import Settings

HOLD_SECONDS = 600
"""How long a page that shows a picture holds it, each time that it says so."""
_GONE = "this picture is no longer kept here; upload it again"


@dataclass
class Session:
    """An uploaded picture: its file on the disk, and its preview in memory while there is room."""

    path: Path
    """The file as it came."""
    width: int
    height: int
    had_color: bool
    """Whether it has colours of its own."""
    decoded: Samples | None
    """The preview, or None where it was let go."""
    missing: npt.NDArray[np.bool_] | None = None
    """Which pixels of the preview a file that is cut off lacks."""
    film_job: FilmJob | None = None
    """The film that the picture is a frame of."""
    used: float = field(default_factory=time.monotonic)
    disk_bytes: int = 0
    """Size of the file."""
    held: float = -math.inf
    """When a page last said that it shows the picture."""

    @property
    def data(self) -> bytes:
        """The file as it came, read from the disk; raises `Problem` 410 where it is gone."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError as error:
            raise Problem(410, _GONE) from error

    def preview(self, limits: Limits) -> Samples:
        """Give the picture, its long side `PREVIEW` at most; it is decoded anew if need be."""
        decoded = self.decoded
        if decoded is None:
            picture = Picture(self.data, _allowing(limits))
            self.decoded = decoded = picture.thumbnail(*self.preview_size)
        return decoded

    def opened(self, limits: Limits, *, whole: bool = False) -> Picture:
        """Open the picture, or its preview; what the file lacks is never coloured."""
        if whole:
            return Picture(self.data, _allowing(limits))
        opened = Picture(self.preview(limits), limits)
        opened.missing = self.missing
        return opened

    @property
    def lacks(self) -> dict[str, Any] | None:
        """What a client is told of what the file lacks: the share, and the side where that is."""
        if self.missing is None:
            return None
        rows, columns = (self.missing.mean(axis=axis) for axis in (1, 0))
        ends = {"bottom": rows[-1], "right": columns[-1], "left": columns[0], "top": rows[0]}
        share = round(float(self.missing.mean()), 3)
        return {"share": share, "side": max(ends, key=lambda side: float(ends[side]))}

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height

    @property
    def preview_size(self) -> tuple[int, int]:
        """Width and height of the preview."""
        return preview_size(self.width, self.height)

    @property
    def scale(self) -> tuple[float, float]:
        """Factors that bring x and y of the original to the preview."""
        return self.preview_size[0] / self.width, self.preview_size[1] / self.height

    @property
    def is_held(self) -> bool:
        """Whether a page shows it."""
        return time.monotonic() - self.held < HOLD_SECONDS

    def close(self) -> None:
        """Remove its files."""
        if self.film_job:
            self.film_job.close()
        self.path.unlink(missing_ok=True)

    @property
    def in_use(self) -> bool:
        """Whether a page shows it, or its film is being coloured."""
        return self.is_held or (self.film_job is not None and self.film_job.progress.busy)

    def shrink(self, hints: Iterable[AnyHint]) -> list[AnyHint]:
        """Bring hints for the original to the preview; raises `HintError` for one outside."""
        to_x, to_y = self.scale
        found: list[AnyHint] = []
        for hint in hints:
            check_point(hint[0], hint[1], (self.width, self.height))
            point = hint[0] * to_x, hint[1] * to_y, hint[2]
            found.append((*point, hint[3]) if len(hint) == 4 else point)
        return found

    def enlarge(self, hints: Iterable[AnyHint]) -> list[AnyHint]:
        """Bring hints for the preview to the original."""
        to_x, to_y = self.scale
        return [hint_at(hint, hint[0] / to_x, hint[1] / to_y) for hint in hints]


def _allowing(limits: Limits) -> Limits:
    """Let what is there of a file be opened that is cut off."""
    return replace(limits, allow_damaged=True)


def open_session(path: Path, limits: Limits) -> Session:
    """Open a picture on the disk; raises `ImageError` for what is not a picture."""
    picture = Picture(path.read_bytes(), _allowing(limits))
    size = path.stat().st_size
    session = Session(path, picture.width, picture.height, False, None, disk_bytes=size)
    preview = session.decoded = picture.thumbnail(*session.preview_size)
    session.missing = shrunk_missing(picture.missing, *session.preview_size)
    scale = np.iinfo(preview.dtype).max
    session.had_color = preview.ndim == 3 and has_color(preview / np.float32(scale))
    return session


class Sessions(Registry[Session]):
    """Sessions; none is forgotten that a page shows, or whose film is being coloured."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.session_seconds, _GONE)
        self._settings = settings
        self._resources = ExitStack()
        self._directory: Path | None = None

    def new_path(self) -> Path:
        """Give a path, where there is nothing, for the file of a session."""
        if self._directory is None:
            self._directory = self._resources.enter_context(spool())
        return self._directory / secrets.token_hex(8)

    def is_over(self) -> bool:
        """Whether there are more than may be, or their files take too much of the disk."""
        allowed, sessions = self._settings, self._entries.values()
        return (
            len(sessions) > allowed.max_sessions
            or sum(one.disk_bytes for one in sessions) > allowed.session_disk_bytes
        )

    def add(self, entry: Session) -> str:
        """Keep a session; return its name.

        Raises `Problem` 507 where pages show as many as there is room for.
        """
        name = super().add(entry)
        if self.is_over() and any(one.is_held for one in self._entries.values()):
            self.remove(name)
            raise Problem(507, "there is room for no more pictures; close some that are open")
        return name

    def get(self, name: str) -> Session:
        """Find a session; raises `Problem` 410 when it is not there, or no longer."""
        session = super().get(name)
        self._drop_previews()
        return session

    def give_up(self, name: str) -> None:
        """Forget a name whose film lives on under another."""
        if session := self._entries.pop(name, None):
            session.path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget all."""
        super().clear()
        self._resources.close()
        self._directory = None

    def make_room_for_film(self, arriving: int) -> None:
        """Forget the oldest film if there are too many, counting `arriving` uploads.

        Raises `Problem` 429 when all of them are being uploaded, shown or coloured.
        """
        films = {name: session for name, session in self._by_use() if session.film_job}
        if len(films) + arriving < self._settings.max_films:
            return
        idle = [name for name, one in films.items() if not one.in_use]
        if not idle:
            wanted = {"Retry-After": "60"}
            raise Problem(429, "other films are open or being coloured; close one", **wanted)
        self.remove(idle[0])

    def _drop_previews(self) -> None:
        """Let previews go that take too much memory, those unused for longest first."""
        decoded = [one for _, one in self._by_use() if one.decoded is not None]
        total = sum(one.decoded.nbytes for one in decoded if one.decoded is not None)
        for one in decoded[:-1]:
            if total <= self._settings.session_bytes:
                return
            total -= one.decoded.nbytes if one.decoded is not None else 0
            one.decoded = None
