"""Jobs: many pictures, coloured one after the other in the background, and given as one ZIP."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any

from photochrom.errors import PhotochromError
from photochrom.storage import spool
from photochrom.web.answers import safe_name, zip_files
from photochrom.web.options import EXTENSIONS, Options
from photochrom.web.problems import DEFECT, Problem
from photochrom.web.registry import Registry
from photochrom.web.settings import Settings

_PAUSE = 1.0  # seconds until a picture is tried again that a full queue refused

Colorize = Callable[[bytes, Options], Awaitable[bytes]]
"""Colours a file's bytes; gives those of another."""


@dataclass
class JobPicture:
    """One picture of a job."""

    name: str
    """Its name in the ZIP."""
    state: str = "waiting"
    """One of "waiting", "working", "done", "failed"."""
    detail: str = ""
    """What went wrong."""


class Job:
    """Pictures that are coloured with the same options, in a directory of their own."""

    def __init__(self, options: Options, colorize: Colorize, settings: Settings) -> None:
        self._resources = ExitStack()
        self._directory = self._resources.enter_context(spool())
        self._colorize, self._settings = colorize, settings
        self._task: asyncio.Task[None] | None = None
        self.options = options
        self.pictures: list[JobPicture] = []
        self.size = 0
        """Bytes of pictures that came and were made."""
        self.arriving = 0
        """Uploads that are under way."""
        self.used = time.monotonic()

    @property
    def in_use(self) -> bool:
        """Whether a picture is under way, or waits."""
        return bool(self.arriving) or bool(self._task and not self._task.done())

    def describe(self) -> dict[str, Any]:
        """Say how far it is."""
        states = [one.state for one in self.pictures]
        return {
            "state": "working" if self.in_use else "done" if states else "waiting",
            "total": len(states),
            "done": states.count("done"),
            "failed": states.count("failed"),
            "pictures": [asdict(one) for one in self.pictures],
        }

    def check_room(self) -> None:
        """Raise `Problem` 413 where it takes no more pictures."""
        allowed = self._settings
        if len(self.pictures) + self.arriving >= allowed.max_job_pictures:
            raise Problem(413, f"a job takes at most {allowed.max_job_pictures} pictures")
        if self.size >= allowed.job_bytes:
            raise Problem(413, f"the pictures of a job take at most {allowed.job_bytes >> 20} MB")

    def upload_path(self) -> Path:
        """Give a path of its own for a picture that comes."""
        return self._directory / secrets.token_hex(8)

    def add(self, path: Path, name: str) -> JobPicture:
        """Add a picture, uploaded to `path`, whose file was called `name`; work on it begins."""
        extension = EXTENSIONS[self.options.format][0]
        stem = PurePath(safe_name(name or str(len(self.pictures) + 1))).stem
        picture = JobPicture(self._distinct(stem, extension))
        path.rename(self._input(len(self.pictures)))
        self.pictures.append(picture)
        self.size += self._input(len(self.pictures) - 1).stat().st_size
        self._archive().unlink(missing_ok=True)
        if not (self._task and not self._task.done()):
            self._task = asyncio.create_task(self._work())
        return picture

    def archive(self) -> Path:
        """Write the ZIP, if there is none yet, and give its path; this blocks for long ones."""
        path = self._archive()
        if not path.exists():
            numbers = [at for at, one in enumerate(self.pictures) if one.state == "done"]
            half = path.with_suffix(".part")
            with half.open("wb") as file:
                zip_files(file, ((self.pictures[at].name, self._output(at)) for at in numbers))
            half.rename(path)
        return path

    def close(self) -> None:
        """Stop, and remove its files."""
        if self._task:
            self._task.cancel()
        self._resources.close()

    async def _work(self) -> None:
        for number, picture in enumerate(self.pictures):  # it grows meanwhile
            if picture.state == "waiting":
                picture.state = "working"
                await self._make(number, picture)
                self._input(number).unlink(missing_ok=True)
        self.used = time.monotonic()

    async def _make(self, number: int, picture: JobPicture) -> None:
        try:
            data = await self._patient(await asyncio.to_thread(self._input(number).read_bytes))
            await asyncio.to_thread(self._output(number).write_bytes, data)
            self.size += len(data)
        except (PhotochromError, Problem) as error:
            picture.state, picture.detail = "failed", str(error)
        except OSError as error:
            picture.state, picture.detail = "failed", f"it cannot be kept ({error.strerror})"
        except Exception:
            logging.getLogger(__name__).exception("colouring a picture of a job failed")
            picture.state, picture.detail = "failed", DEFECT
        else:
            picture.state = "done"

    async def _patient(self, data: bytes) -> bytes:
        """Colour a picture, once the queue has room for it."""
        while True:
            try:
                return await self._colorize(data, self.options)
            except Problem as error:
                if error.status != 429:
                    raise
            await asyncio.sleep(_PAUSE)

    def _distinct(self, stem: str, extension: str) -> str:
        """Give a name that no other picture has, in upper or lower case."""
        taken, number = {one.name.lower() for one in self.pictures}, 1
        name = f"{stem}{extension}"
        while name.lower() in taken:
            number += 1
            name = f"{stem}-{number}{extension}"
        return name

    def _input(self, number: int) -> Path:
        return self._directory / f"{number}.in"

    def _output(self, number: int) -> Path:
        return self._directory / f"{number}.out"

    def _archive(self) -> Path:
        return self._directory / "pictures.zip"


class Jobs(Registry[Job]):
    """Jobs; none is forgotten whose pictures are at work."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            settings.session_seconds, "this job is no longer here; send its pictures again"
        )
        self._max_jobs = settings.max_jobs

    def is_over(self) -> bool:
        """Whether there are more jobs than may be."""
        return len(self) > self._max_jobs

    def add(self, entry: Job) -> str:
        """Take a job; give its name. Raises `Problem` 429 when too many are under way."""
        name = super().add(entry)
        if self.is_over():
            self.remove(name)
            wanted = {"Retry-After": "60"}
            raise Problem(429, "too many jobs are under way; wait for one of them", **wanted)
        return name
