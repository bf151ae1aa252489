"""Film jobs: a film on the server's disk, its shots and things, and the colouring of it."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from photochrom.errors import ImageError, PhotochromError, Stopped
from photochrom.storage import spool
from photochrom.web.options import FILMS
from photochrom.web.problems import DEFECT

if TYPE_CHECKING:
    from photochrom.inference.options import ColorizeOptions
    from photochrom.video.reader import Film
    from photochrom.video.shots import Shot
    from photochrom.web.film_things import ShownThing

_T = TypeVar("_T")


@dataclass
class Work:
    """The colouring of a film, or a search of it."""

    state: str = "idle"
    """One of "idle", "waiting", "working", "done", "failed"."""
    format: str = ""
    trial: bool = False
    """Whether only a piece of the film is wanted."""
    share: float = 0.0
    """How much of the film is done, 0..1."""
    detail: str = ""
    """What went wrong."""
    began: float = 0.0
    ended: float | None = None
    _unwanted: Event = field(default_factory=Event)

    @property
    def busy(self) -> bool:
        """Whether it waits or is under way."""
        return self.state in ("waiting", "working")

    def unwanted(self) -> bool:
        """Whether it is to stop."""
        return self._unwanted.is_set()

    def on_progress(self, done: int, total: int) -> None:
        """Note how much is done."""
        self.share = done / total

    def stop(self) -> None:
        """Ask it to stop soon."""
        self._unwanted.set()

    def described(self) -> dict[str, Any]:
        """Give the answer to a client; the seconds are those since it began."""
        seconds = (self.ended or time.monotonic()) - self.began if self.began else 0.0
        return {
            "state": self.state,
            "format": self.format,
            "trial": self.trial,
            "share": round(self.share, 4),
            "seconds": round(seconds, 1),
            "detail": self.detail,
        }


@dataclass
class Search(Generic[_T]):
    """What is looked for in a film, once it is asked for."""

    work: Work = field(default_factory=Work)
    found: list[_T] = field(default_factory=list)
    """Once the work is done."""

    def described(self) -> dict[str, Any]:
        """Say how far it is, for a client."""
        said = self.work.described()
        return {name: said[name] for name in ("state", "share", "detail")}


class FilmJob:
    """A film that was uploaded, in a directory of its own, and what becomes of it."""

    def __init__(self) -> None:
        self._resources = ExitStack()
        self.directory = self._resources.enter_context(spool())
        self.path = self.directory / "film.mkv"  # FFmpeg looks at the content, not at the name
        self.progress = Work()
        self.made: Path | None = None
        """Path of the coloured film, once it is done."""
        self.extension = next(iter(FILMS))
        """The first format that can hold the film's sound."""
        self.seconds = 0.0
        """How long it is."""
        self.facts: dict[str, Any] = {}
        """What an upload's answer says of the film."""
        self.shots: Search[Shot] = Search()
        self.things: Search[ShownThing] = Search()
        """As they are coloured by the `asked`,"""
        self.asked: tuple[str, ColorizeOptions] | None = None
        """the model and options of the last colouring."""
        self._coloring: Future[None] | None = None
        self._futures: list[Future[None]] = []

    def take(self, film: "Film") -> None:
        """Note the length and format of an opened film."""
        from photochrom.video.carried import check_streams

        for extension in FILMS:
            self.extension = extension
            try:
                check_streams(film, self.directory / f"try.{extension}")
                break
            except ImageError:
                continue
        seconds = film.length / float(film.rate)
        self.seconds = film.seconds
        self.facts = {
            "at": None,
            "frames": film.length,
            "seconds": round(seconds, 2),
            "format": self.extension,
        }

    def begin(
        self, pool: Executor, make: Callable[[Path, Work], None], extension: str, *, trial: bool
    ) -> None:
        """Let `make` write the coloured film, in the format `extension`, on a thread of `pool`.

        Work on it that is under way, with other options, is stopped before.
        """
        self.stop()
        self.things.work.stop()
        self.things = Search()
        self.made = None
        self.progress = work = Work("waiting", extension, trial)
        target = self.directory / f"{'trial' if trial else 'colour'}.{extension}"

        def colorize() -> None:
            make(target, work)
            if work is self.progress:
                self.made = target

        self._coloring = self._submit(pool, colorize, work)

    def search(self, wanted: Search[_T], pool: Executor, find: Callable[[Work], list[_T]]) -> None:
        """Let `find` search the film on a thread of `pool`, unless that was asked for before."""
        if wanted.work.state != "idle":
            return
        wanted.work = work = Work("waiting")

        def search() -> None:
            wanted.found = find(work)

        self._submit(pool, search, work)

    def _submit(self, pool: Executor, do: Callable[[], None], work: Work) -> "Future[None]":
        future = pool.submit(self._work, do, work)
        self._futures = [*(one for one in self._futures if not one.done()), future]
        return future

    def _work(self, do: Callable[[], None], work: Work) -> None:
        work.state, work.began = "working", time.monotonic()
        try:
            do()
        except Stopped:
            work.state = "idle"
        except PhotochromError as error:
            work.state, work.detail = "failed", str(self.described(error))
        except Exception:
            logging.getLogger(__name__).exception("work on a film failed")
            work.state, work.detail = "failed", DEFECT
        else:
            work.state = "done"
        work.ended = time.monotonic()

    def described(self, error: PhotochromError) -> PhotochromError:
        """Return an error without the paths of this machine, to be sent to a client."""
        text = str(error).replace(str(self.path), "the film").replace(f"{self.directory}/", "")
        return ImageError(text)

    def stop(self) -> None:
        """Stop the colouring."""
        self.progress.stop()
        if self._coloring and self._coloring.cancel():
            self.progress.state = "idle"

    def close(self) -> None:
        """Stop, and remove the film from the disk."""
        self.stop()
        self.shots.work.stop()
        self.things.work.stop()
        for future in self._futures:
            future.add_done_callback(self._remove)
        self._remove()

    def _remove(self, _: object = None) -> None:
        if all(future.done() for future in self._futures):
            self._resources.close()
