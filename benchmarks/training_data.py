"""Print how fast training crops are prepared, and on a CUDA device how busy training keeps it.

`python benchmarks/training_data.py DATA [CONFIG]` on a quiet machine: DATA is what `photochrom
train` takes, CONFIG a shipped config's name or a file. Crops are prepared in this process alone,
first by what a loader does and then by what the device does. Where there is a CUDA device, a run of
300 steps follows, with the config's loaders; of the last 100, the time in which the device computes
is taken from its own trace.
"""

import argparse
import dataclasses
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

from photochrom.training.config import LoopConfig
from photochrom.training.data.batches import augment, collate
from photochrom.training.data.crops import Photographs
from photochrom.training.data.sources import find_photos
from photochrom.training.loop import Progress
from photochrom.training.run import RunConfig, load_config, train

CROPS = 640
STEPS, TRACED = 300, 100


def prepare(samples: Photographs, batch: int, device: torch.device) -> None:
    """Print crops a second of loading, and of augmenting on the device."""
    loading = augmenting = 0.0
    for start in range(-batch, CROPS, batch):  # the first batch is to warm up
        begun = time.perf_counter()
        crops = collate([samples[number] for number in range(start + batch, start + 2 * batch)])
        loaded = time.perf_counter()
        augment(crops.to(device))
        if device.type == "cuda":
            torch.cuda.synchronize()
        if start >= 0:
            loading += loaded - begun
            augmenting += time.perf_counter() - loaded
    count = len(range(0, CROPS, batch)) * batch
    sys.stdout.write(f"loading, one process: {count / loading:.0f} crops a second\n")
    sys.stdout.write(f"augmenting, on {device.type}: {count / augmenting:.0f} crops a second\n")


class Trace:
    """Traces the last steps of a run; called as its progress is reported."""

    def __init__(self) -> None:
        self.profiler = profile(activities=[ProfilerActivity.CUDA])
        self.seconds = 0.0

    def __call__(self, progress: Progress) -> None:
        """Begin and end."""
        if progress.step == STEPS - TRACED:
            self.profiler.start()
            self.seconds -= time.perf_counter()
        elif progress.step == STEPS:
            torch.cuda.synchronize()
            self.seconds += time.perf_counter()
            self.profiler.stop()

    def busy(self) -> float:
        """Give the share of the time in which the device computed."""
        kinds = [
            kind
            for kind in self.profiler.key_averages()
            if kind.device_type == torch.autograd.DeviceType.CUDA and not kind.is_user_annotation
        ]
        return sum(kind.self_device_time_total for kind in kinds) / 1e6 / self.seconds


def run(config: RunConfig, data: str) -> None:
    """Train for some steps, and print how busy the device was."""
    loop: LoopConfig = dataclasses.replace(
        config.loop,
        steps=STEPS,
        minutes=0.0,
        validate_every=10 * STEPS,
        validate_early=False,
        checkpoint_minutes=1e3,
    )
    few = dataclasses.replace(config.data, validation=1)
    short = dataclasses.replace(config, loop=loop, data=few)
    trace = Trace()
    with tempfile.TemporaryDirectory() as folder:
        train(short, data, Path(folder), report=trace)
    rate = TRACED * config.loop.batch / trace.seconds
    sys.stdout.write(
        f"training: {rate:.0f} crops a second, the device busy {trace.busy():.0%} of the time\n"
    )


def main() -> None:
    """Print what there is to measure here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data")
    parser.add_argument("config", nargs="?", type=Path, default=Path("vivid"))
    given = parser.parse_args()
    config = load_config(given.config)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    sys.stdout.write(f"crops of {config.data.size} px in batches of {config.loop.batch}\n")
    prepare(Photographs(find_photos(given.data), config.data), config.loop.batch, device)
    if device.type == "cuda":
        run(config, given.data)
    else:
        sys.stdout.write("no CUDA device is here, so how busy one would be is not measured\n")


if __name__ == "__main__":
    main()
