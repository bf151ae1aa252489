"""Losses and gradients that are no numbers, found without asking the device at every step."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from photochrom.errors import DataError


class Watch:
    """Keeps what the last steps came to where it was computed, until `check` reads them.

    Reading a figure makes the processor wait until the device has computed it, and the device then
    waits for work.
    """

    def __init__(self) -> None:
        self._seen: list[tuple[int, str, str]] = []
        self._values: list[Tensor] = []

    def add(self, step: int, samples: str, values: Mapping[str, Tensor]) -> None:
        """Take in figures of a step, each a number on the device; `samples` names its batch."""
        for what, value in values.items():
            self._seen.append((step, samples, what))
            self._values.append(value.detach().float())

    def check(self) -> None:
        """Raise `DataError`, naming the step and its samples, at the first that is no number."""
        if not self._values:
            return
        values = torch.stack(self._values).tolist()
        for (step, samples, what), value in zip(self._seen, values, strict=True):
            if not math.isfinite(value):
                raise DataError(
                    f"the {what} is {value} at step {step}, on {samples}: lower loop.learning_rate"
                )
        self._seen, self._values = [], []


def numbers(figures: Mapping[str, float | Tensor]) -> dict[str, float]:
    """Read figures, of which some may be on the device, at once."""
    waiting = [value.float() for value in figures.values() if isinstance(value, Tensor)]
    read = iter(torch.stack(waiting).tolist() if waiting else [])
    return {
        name: next(read) if isinstance(value, Tensor) else value for name, value in figures.items()
    }
