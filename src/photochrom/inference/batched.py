"""Runs of a model that several threads ask for, together where a device gains by it."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from photochrom.color.spaces import Floats
from photochrom.errors import ModelError

Run = Callable[[list[str], dict[str, Floats]], list[Any]]
"""Gives the outputs of some names for what is fed."""


@dataclass(eq=False)
class _Asked:
    """What one thread asks for, and what came of it."""

    names: list[str]
    feeds: dict[str, Floats]
    outputs: list[Any] = field(default_factory=list)
    error: ModelError | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.outputs or self.error)

    def is_like(self, other: "_Asked") -> bool:
        """Tell whether both fit into one batch."""
        return self.names == other.names and all(
            plane.shape == other.feeds[name].shape for name, plane in self.feeds.items()
        )


class BatchedRuns:
    """One device, asked by any number of threads: those that wait while it works go together next.

    Nobody waits for others to come: what is asked for while the device is free runs at once.
    `together` runs a batch, `alone` one picture; `has_axis` tells whether an output of a name has a
    part for each picture. A batch that fails is done again, picture by picture.
    """

    def __init__(self, together: Run, alone: Run, has_axis: Callable[[str], bool]) -> None:
        self._together, self._alone, self._has_axis = together, alone, has_axis
        self._waiting: list[_Asked] = []
        self._list, self._device = threading.Lock(), threading.Lock()

    def run(self, names: list[str], feeds: dict[str, Floats], max_count: int) -> list[Any]:
        """Give outputs for one picture, which is run with at most `max_count` - 1 others."""
        own = _Asked(names, feeds)
        with self._list:
            self._waiting.append(own)
        with self._device:
            if not own.is_done:
                self._do(self._taken(own, max_count))
        if own.error:
            raise own.error
        return own.outputs

    def _taken(self, own: _Asked, max_count: int) -> list[_Asked]:
        """Take one off the list, and those of the others that fit into a batch with it."""
        with self._list:
            others = [one for one in self._waiting if one is not own and own.is_like(one)]
            count = min(max_count, 1 + len(others))
            # Powers of two: a device prepares itself for each new shape, batches of any size, too.
            taken = [own, *others[: (1 << count.bit_length() - 1) - 1]]
            self._waiting = [one for one in self._waiting if one not in taken]
        return taken

    def _do(self, batch: list[_Asked]) -> None:
        if len(batch) > 1:
            with suppress(ModelError):  # each is asked for again, and tells its own error
                self._do_together(batch)
                return
        for one in batch:
            try:
                one.outputs = self._alone(one.names, one.feeds)
            except ModelError as error:
                one.error = error

    def _do_together(self, batch: list[_Asked]) -> None:
        names, fed = batch[0].names, batch[0].feeds
        feeds = {name: np.concatenate([one.feeds[name] for one in batch]) for name in fed}
        found = self._together(names, feeds)
        for number, one in enumerate(batch):
            one.outputs = [
                values[number : number + 1].copy() if self._has_axis(name) else values
                for name, values in zip(names, found, strict=True)
            ]
