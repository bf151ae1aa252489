"""A batch on a Ray cluster: jobs go to its machines, outcomes come back to the journal here.

The only module that knows Ray.
"""

import logging
import math
import os
import pickle
import socket
import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from photochrom.batch.naming import Job
from photochrom.batch.outcome import Outcome
from photochrom.batch.runner import Executor, Work
from photochrom.errors import ModelError, PhotochromWarning, extra
from photochrom.inference.colorizer import Colorizer
from photochrom.storage import remove_stale_copies

LOCAL = "local"
"""The address of a cluster that is this machine alone, started for the batch."""
_BLOCK = 8  # jobs that an actor is given at once; what a lost actor had is done again
_WAVE = 64  # jobs an actor that are taken together: Ray takes all of a data set before it begins


def ray_executor(address: str, model: str, workers: int | None = None) -> Executor:
    """Do jobs on the Ray cluster at `address`, by up to `workers` actors, one a core.

    `model` is a shipped model's name, or a file that all machines see under that path; so must
    they see the pictures and outputs. An actor that is lost is replaced, and its jobs are done
    again, with the same result. Raises `MissingExtra` without Ray, `ModelError` when there is no
    such cluster.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with extra("a cluster", "ray"):
        import ray
        import ray.data
    started = not ray.is_initialized()
    if started:
        try:
            _knock(address)
            where = None if address == LOCAL else address
            ray.init(where, log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"there is no Ray cluster at {address}; start one with: ray start --head"
            ) from error
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)

    def executor(work: Work, jobs: Iterator[Job]) -> Iterator[Outcome]:
        repeated = replace(work, is_repeated=True)
        try:
            max_actors = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
            while wave := list(islice(jobs, max_actors * _WAVE)):
                yield from _done(ray.data, model, repeated, wave, max_actors)
        except ray.exceptions.RayError as error:
            raise ModelError(
                f"the cluster at {address} failed: {_last_line(error)}; "
                "the same command goes on where it stopped"
            ) from error
        finally:
            if started:
                ray.shutdown()

    return executor


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
