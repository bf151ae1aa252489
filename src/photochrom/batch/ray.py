"""A batch on a Ray cluster: jobs go to its machines, outcomes come back to the journal here.

The only module that knows Ray.
"""

import logging
import math
import os
import pickle
import socket
import warnings
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from photochrom.batch.naming import Job
from photochrom.batch.outcome import Outcome
from photochrom.batch.runner import Executor, OnJobProgress, Work
from photochrom.errors import ModelError, PhotochromError, PhotochromWarning, extra
from photochrom.image import Limits
from photochrom.inference.colorizer import Colorizer
from photochrom.storage import remove_stale_copies

if TYPE_CHECKING:
    from photochrom.video.pieces import Piece
    from photochrom.video.segment_maker import Order

LOCAL = "local"
"""The address of a cluster that is this machine alone, started for the batch."""
_BLOCK = 8  # jobs that an actor is given at once; what a lost actor had is done again
_RETRIES = 5  # of a segment, by others, when the worker that makes it is lost
_WAVE = 64  # jobs an actor that are taken together: Ray takes all of a data set before it begins


def ray_executor(address: str, model: str, workers: int | None = None) -> Executor:
    """Do jobs on the Ray cluster at `address`, by up to `workers` actors, one a core.

    `model` is a shipped model's name, or a file that all machines see under that path; so must
    they see the pictures and outputs. An actor that is lost is replaced, and its jobs are done
    again, with the same result. Raises `MissingExtra` without Ray, `ModelError` when there is no
    such cluster.
    """
    ray, started = _connected(address)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)

    def executor(work: Work, jobs: Iterator[Job]) -> Iterator[Outcome]:
        repeated = replace(work, is_repeated=True)
        with _connection(ray, address, started=started):
            max_actors = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
            while wave := list(islice(jobs, max_actors * _WAVE)):
                yield from _done(ray.data, model, repeated, wave, max_actors)

    return executor


def film_executor(
    address: str,
    model: str,
    colorizer: Colorizer,
    workers: int | None = None,
    on_progress: OnJobProgress | None = None,
    limits: Limits | None = None,
) -> Executor:
    """Colour films one after the other, each one's segments on the Ray cluster at `address`.

    A worker takes as many cores as the `colorizer` has threads, so that its bytes are those of
    this machine; up to `workers` are at work. A film and what is made of it are on a disk that all
    machines see. A worker that is lost is replaced, and its segment is made again. Raises what
    `ray_executor` does.
    """
    ray, started = _connected(address)
    of_nodes = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    cores = max(1, min(colorizer.threads, max(of_nodes, default=1)))
    ahead = workers or 2 * max(1, int(ray.cluster_resources().get("CPU", 1)) // cores)
    how: dict[str, Any] = {"num_cpus": cores, "max_retries": _RETRIES}
    make = ray.remote(**how, scheduling_strategy="SPREAD")(_make_segment)

    def crew(film: bytes, order: "Order") -> Iterator[Any]:
        last: Any = (None, order.state)
        waiting = deque[Any]()
        try:
            for piece in order.pieces:
                before = last if piece.follows else None
                last = make.remote(film, piece, before, order.directory.absolute(), order.format)
                waiting.append(last)
                if len(waiting) >= ahead:
                    yield _result(ray, waiting.popleft())
            while waiting:
                yield _result(ray, waiting.popleft())
        finally:
            for one in waiting:
                ray.cancel(one, force=True)

    def executor(work: Work, jobs: Iterator[Job]) -> Iterator[Outcome]:
        with _connection(ray, address, started=started):
            for job in jobs:
                options = replace(work.options.colorize, hints=job.hints)
                about = job.source.absolute(), uuid4().hex  # opened anew with each job
                film = pickle.dumps((model, colorizer.threads, options, *about))
                yield work.do(colorizer, job, on_progress, limits, partial(crew, film))

    return executor


def _connected(address: str) -> tuple[Any, bool]:
    """Give the module ray, connected, and whether it was not before; raises as `ray_executor`."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with extra("a cluster", "ray"):
        import ray
        import ray.data
    started = not ray.is_initialized()
    if started:
        try:
            _knock(address)
            where = {"include_dashboard": False} if address == LOCAL else {"address": address}
            ray.init(**where, log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"there is no Ray cluster at {address}; start one with: ray start --head"
            ) from error
    return ray, started


@contextmanager
def _connection(ray: Any, address: str, *, started: bool) -> Iterator[None]:
    """Say in one line that a cluster fails; leave it in the end, if it was `started` for this."""
    try:
        yield
    except ray.exceptions.RayError as error:
        raise ModelError(
            f"the cluster at {address} failed: {_last_line(error)}; "
            "the same command goes on where it stopped"
        ) from error
    finally:
        if started:
            ray.shutdown()


def _done(data: Any, model: str, work: Work, jobs: list[Job], max_actors: int) -> Iterator[Outcome]:
    """Do jobs by up to `max_actors` actors; `data` is the module ray.data."""
    blocks = math.ceil(len(jobs) / _BLOCK)
    rows = [{"job": pickle.dumps(job)} for job in jobs]
    done = data.from_items(rows, override_num_blocks=blocks).map(
        _Actor,
        fn_constructor_args=(model, work),
        compute=data.ActorPoolStrategy(min_size=1, max_size=min(blocks, max_actors)),
        num_cpus=1,
    )
    for row in done.iter_rows():
        outcome: Outcome = pickle.loads(row["outcome"])
        for text in outcome.warnings:
            warnings.warn(text, PhotochromWarning, stacklevel=2)
        yield outcome


def _last_line(error: Exception) -> str:
    """Say what went wrong, without the traces that Ray puts before it."""
    lines = str(error).split("\n")
    return next((line for line in reversed(lines) if line.strip()), type(error).__name__)


def _knock(address: str) -> None:
    """Raise `OSError` when nobody is at host:port: Ray would try for minutes, and then exit."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon:
        socket.create_connection((host, int(port)), timeout=5).close()


class _Actor:
    """A colorizer on some machine of the cluster."""

    def __init__(self, model: str, work: Work) -> None:
        remove_stale_copies()
        self.colorizer, self.work = Colorizer(model, threads=1), work

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Do the job of a row."""
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", PhotochromWarning)
            outcome = self.work.do(self.colorizer, pickle.loads(row["job"]))
        texts = [str(one.message) for one in said if issubclass(one.category, PhotochromWarning)]
        return {"outcome": pickle.dumps(replace(outcome, warnings=tuple(texts)))}


@lru_cache(maxsize=1)
def _film(pickled: bytes) -> Any:
    """Open a film on some machine of the cluster, once for all its segments there."""
    model, threads, options, path, _ = pickle.loads(pickled)
    return Colorizer(model, threads=threads).colorize(path, options)


def _make_segment(film: bytes, piece: "Piece", before: Any, directory: Path, wanted: Any) -> Any:
    """Make the segment of a piece on some machine, from what came of the one `before`."""
    return _film(film).make_segment(piece, before[1] if before else {}, directory, wanted)


def _result(ray: Any, made: Any) -> Any:
    """Wait for what was made; what went wrong with the film there is raised as if it were here."""
    try:
        return ray.get(made)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, PhotochromError | OSError):
            raise error.cause from error
        raise
