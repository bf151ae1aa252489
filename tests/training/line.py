"""A run of the training loop that takes a second: a line is learnt."""

from typing import ClassVar

import numpy as np
import torch
from torch import nn

from photochrom.training.config import LoopConfig

LOOP = LoopConfig(steps=24, batch=4, workers=0, compile=False, checkpoint_minutes=0, seed=3)


class Line:
    """A task that has nothing to do with pictures: learn y = 2x + 1."""

    def __init__(self, broken: str = "") -> None:
        torch.manual_seed(0)
        self.network = nn.Sequential(nn.Linear(1, 1))
        self.samples = self
        self.broken = broken

    def __getitem__(self, number: int) -> torch.Tensor:
        return torch.tensor([np.random.default_rng(number).normal()], dtype=torch.float32)

    collate = staticmethod(torch.stack)
    beside: ClassVar = {}

    def name(self, batch) -> str:
        return f"{len(batch)} points"

    def parameter_groups(self, rate):
        return [{"params": list(self.network.parameters()), "lr": 100 * rate}]

    def loss(self, network, batch):
        error = (network(batch) - 2 * batch - 1).square().mean()
        if self.broken == "loss" and self.steps() > 20:
            error = error * float("nan")
        if self.broken == "gradient" and self.steps() > 20:
            error = error + (error - error).sqrt()  # 0, but its slope is infinite
        return error, {}

    def steps(self) -> int:
        self.asked = getattr(self, "asked", 0) + 1
        return self.asked

    def validate(self, network, step):
        return {}
