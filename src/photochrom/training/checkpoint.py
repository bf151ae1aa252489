"""All that a run needs to go on exactly, in one file that is whole at any moment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from photochrom.errors import DataError


@dataclass
class State:
    """What a checkpoint holds."""

    network: nn.Module
    average: nn.Module
    optimizer: Optimizer
    schedule: LRScheduler
    step: int = 0
    seconds: float = 0.0
    beside: Mapping[str, Any] = field(default_factory=dict)
    """What a task trains besides, by name: networks and optimizers."""

    def save(self, path: Path) -> None:
        """Write it; raises `DataError`, keeping the last one, when the disk is full."""
        temporary = path.with_suffix(".tmp")
        content = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": torch.get_rng_state(),
            "step": self.step,
            "seconds": self.seconds,
            "beside": {name: one.state_dict() for name, one in self.beside.items()},
        }
        try:
            with temporary.open("wb") as file:
                torch.save(content, file)
                file.flush()
                os.fsync(file.fileno())
        except (OSError, RuntimeError) as error:  # torch wraps the system's error in its own
            temporary.unlink(missing_ok=True)
            raise DataError(
                f"{path}: cannot be written; the last checkpoint is kept: make room on the disk"
            ) from error
        temporary.replace(path)

    def load(self, path: Path) -> None:
        """Take over what `save` wrote; raises `DataError` when it is damaged."""
        content = load_checkpoint(path)
        self.network.load_state_dict(content["network"])
        self.average.load_state_dict(content["average"])
        self.optimizer.load_state_dict(content["optimizer"])
        self.schedule.load_state_dict(content["schedule"])
        for name, one in self.beside.items():
            one.load_state_dict(content["beside"][name])
        torch.set_rng_state(content["random"])
        self.step, self.seconds = content["step"], content["seconds"]


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint; raises `DataError` when it is damaged."""
    try:
        found: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise DataError(f"{path} is damaged; remove it to train from the beginning") from error
    return found
