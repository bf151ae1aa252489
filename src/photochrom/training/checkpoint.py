"""All that a run needs to go on exactly, in a folder of its folder that is whole at any moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from photochrom.errors import DataError
from photochrom.training.chunks import read_chunks, write_chunks

_DIRECTORY = "checkpoint"
_OLDER = "checkpoint.pt"  # one file, as earlier versions wrote it


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

    def save(self, run: Path) -> None:
        """Write it into a run's folder; raises `DataError`, keeping the last one, on a full disk.

        A file of an earlier version is then removed.
        """
        content = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": torch.get_rng_state(),
            "device's random": torch.cuda.get_rng_state() if torch.cuda.is_available() else None,
            "step": self.step,
            "seconds": self.seconds,
            "beside": {name: one.state_dict() for name, one in self.beside.items()},
        }
        try:
            write_chunks(run / _DIRECTORY, self.step, lambda file: torch.save(content, file))
        except (OSError, RuntimeError) as error:  # torch wraps the system's error in its own
            raise DataError(
                f"{run / _DIRECTORY}: cannot be written; the last checkpoint is kept: make room on "
                "the disk"
            ) from error
        (run / _OLDER).unlink(missing_ok=True)

    def load(self, run: Path) -> None:
        """Take over what `save` wrote; raises `DataError` when it is damaged."""
        content = load_checkpoint(run)
        self.network.load_state_dict(content["network"])
        self.average.load_state_dict(content["average"])
        self.optimizer.load_state_dict(content["optimizer"])
        self.schedule.load_state_dict(content["schedule"])
        for name, one in self.beside.items():
            one.load_state_dict(content["beside"][name])
        torch.set_rng_state(content["random"])
        if torch.cuda.is_available() and content.get("device's random") is not None:
            torch.cuda.set_rng_state(content["device's random"])
        self.step, self.seconds = content["step"], content["seconds"]


def has_checkpoint(run: Path) -> bool:
    """Tell whether a run's folder holds a checkpoint."""
    return (run / _DIRECTORY).exists() or (run / _OLDER).exists()


def load_checkpoint(run: Path) -> dict[str, Any]:
    """Read the checkpoint of a run's folder; raises `DataError` when it is damaged."""
    parted, older = run / _DIRECTORY, run / _OLDER
    file = read_chunks(parted) if parted.exists() else older
    try:
        found: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        path = parted if parted.exists() else older
        raise DataError(f"{path} is damaged; remove it to train from the beginning") from error
    return found
