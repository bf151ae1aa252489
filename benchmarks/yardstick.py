"""Print the model's time at 256 pixels beside that of a network of DDColor-tiny's size, in one run.

The yardstick is a U-Net on ConvNeXt-T with random weights, of some 55 million parameters and 50
billion operations: what the field's best small network costs, whatever it has learnt. Each runs as
its users run it: ours in ONNX Runtime, the yardstick in torch; both on two threads, turn about, and
each in a process of its own, for torch's threads keep the cores busy while they wait for work.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import timm
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from photochrom.inference import zoo
from photochrom.inference.model import Model

SIZE, THREADS, TURNS = 256, 2, 15


class Yardstick(nn.Module):
    """ConvNeXt-T and a decoder of 3x3 convolutions with skip connections, up to the full size."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = timm.create_model("convnext_tiny", features_only=True)
        *skips, wide = self.encoder.feature_info.channels()
        self.steps = nn.ModuleList()
        for skip, width in zip([*reversed(skips), 0, 0], (1536, 640, 128, 64, 16), strict=True):
            self.steps.append(nn.Conv2d(wide + skip, width, 3, padding=1))
            wide = width
        self.head = nn.Conv2d(wide, 2, 1)

    def forward(self, rgb: Tensor) -> Tensor:
        """Give (N, 2, H, W) for (N, 3, H, W)."""
        *skips, features = self.encoder(rgb)
        for step in self.steps:
            features = nn.functional.interpolate(features, scale_factor=2.0)
            parts = [features, skips.pop()] if skips else [features]
            features = torch.relu(step(torch.cat(parts, dim=1)))
        return self.head(features)


def milliseconds(work: Callable[[], object]) -> float:
    """Median time of some turns, after two that are not counted."""
    times = []
    for _ in range(TURNS + 2):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return median(times[2:])


def our_time(model: str) -> float:
    """Milliseconds of our model."""
    ours = Model(model, threads=THREADS)
    lightness = np.random.default_rng(0).uniform(0, 100, (SIZE, SIZE)).astype(np.float32)
    return milliseconds(lambda: ours.predict(lightness))


def other_time() -> float:
    """Milliseconds of the yardstick."""
    torch.set_num_threads(THREADS)
    yardstick, rgb = Yardstick().eval(), torch.rand(1, 3, SIZE, SIZE)
    with torch.inference_mode():
        return milliseconds(lambda: yardstick(rgb))


def in_its_own_process(call: str) -> float:
    """Call a function of this file in a new process; give the number that it returns."""
    program = f"import yardstick; print(yardstick.{call})"
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parent)
    return float(told.stdout)


def main() -> None:
    """Measure both, turn about."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", default=zoo.DEFAULT)
    model = str(zoo.find(parser.parse_args().model).resolve())
    yardstick = Yardstick().eval()
    with torch.inference_mode(), FlopCounterMode(display=False) as counted:
        yardstick(torch.rand(1, 3, SIZE, SIZE))
    parameters = sum(value.numel() for value in yardstick.parameters()) / 1e6
    calls = (f"our_time({model!r})", "other_time()")
    times = [[in_its_own_process(call) for call in calls] for _ in range(3)]
    own, other = (median(column) for column in zip(*times, strict=True))
    ours = Model(model, threads=THREADS)
    sys.stdout.write(
        f"{ours.info['name']}, {int(ours.info.get('parameters', 0)) / 1e6:.1f} M parameters: "
        f"{own:.0f} ms\n"
        f"yardstick, {parameters:.1f} M parameters, "
        f"{counted.get_total_flops() / 1e9:.0f} billion operations: {other:.0f} ms\n"
        f"{other / own:.0f} times ours, at {SIZE} x {SIZE} pixels on {THREADS} threads\n"
    )


if __name__ == "__main__":
    main()
