"""A short queue of blocking work, which runs on a few threads."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import Request

from photochrom.web.problems import Problem
from photochrom.web.settings import Settings

T = TypeVar("T")


class Queue:
    """Runs blocking work, and refuses it when too much is waiting."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.waiting = 0
        """Jobs that wait or run; one that took too long counts until its thread is free."""
        self.dropped = 0
        """Jobs that were cancelled before they began."""
        self._counting = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    async def run(
        self, work: Callable[[Callable[[], bool]], T], request: Request | None = None
    ) -> T:
        """Run `work` on a thread, for a request.

        A job that nobody waits for any longer is not begun; `work` is given a function that
        returns True when a job that was begun is to stop. Raises `Problem` 429 when too many jobs
        wait, 503 when this one takes too long, 400 when its client has left (and reads nothing).
        """
        if self.waiting >= self.settings.max_waiting + self.settings.workers:
            wanted = {"Retry-After": "5"}
            raise Problem(429, "too many pictures are waiting; try again in a moment", **wanted)
        self._count(1)
        self._pool = self._pool or ThreadPoolExecutor(self.settings.workers, "colour")
        unwanted = threading.Event()
        future = self._pool.submit(work, unwanted.is_set)
        future.add_done_callback(lambda _: self._count(-1))
        answer, gone = asyncio.wrap_future(future), asyncio.ensure_future(_gone(request))
        try:
            await asyncio.wait(
                (answer, gone),
                timeout=self.settings.job_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if answer.done():
                return answer.result()
            if gone.done():
                raise Problem(400, "the client has hung up")
            raise Problem(503, "the picture took too long; try again, or send a smaller one")
        finally:
            gone.cancel()
            unwanted.set()
            self.dropped += future.cancel()
            answer.cancel()

    def _count(self, by: int) -> None:
        with self._counting:
            self.waiting += by

    def close(self) -> None:
        """Drop the jobs that wait."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


async def _gone(request: Request | None) -> None:
    """Wait until the client of a request, whose body has been read, hangs up."""
    if request is None:
        await asyncio.Event().wait()
    elif not await request.is_disconnected():
        while (await request.receive())["type"] != "http.disconnect":
            pass
