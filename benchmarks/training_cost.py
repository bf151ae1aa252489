"""Reckon what a training run costs; nothing is trained.

`python benchmarks/training_cost.py CONFIG [TFLOPS]`: CONFIG is a shipped config's name or a file.
The operations of one forward pass are counted by torch on tensors without content; with the
backward pass they are three times as many. TFLOPS is what the machine keeps up, 1e12 operations a
second.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from photochrom.networks import registry
from photochrom.training.run import load_config


def main() -> None:
    """Print the sizes, the operations and the hours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("tflops", nargs="?", type=float, default=125.0)
    given = parser.parse_args()
    config, rate = load_config(given.config), given.tflops
    model = config.model
    if hasattr(model, "weights"):
        model = dataclasses.replace(model, weights="none")
    network = registry.find(config.network).network(model).to("meta").requires_grad_(False)
    size, loop = config.data.size, config.loop
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        network(torch.zeros(1, 1, size, size, device="meta"))
    forward, pictures = counter.get_total_flops(), loop.steps * loop.batch
    weights = sum(value.numel() for value in network.parameters())
    whole = 3 * forward * pictures
    sys.stdout.write(
        f"{weights:,} weights; {forward / 2e9:.1f} GMAC forward at {size} px, "
        f"{3 * forward / 1e9:.0f} GFLOP with backward\n"
        f"{loop.steps:,} steps of {loop.batch}: {pictures:,} pictures, "
        f"{whole:.1e} FLOP; at {rate:g} TFLOP/s {whole / rate / 3.6e15:.1f} hours, "
        f"{rate * 1e12 / (3 * forward):.0f} pictures a second\n"
    )


if __name__ == "__main__":
    main()
