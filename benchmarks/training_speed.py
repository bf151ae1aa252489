"""Print how many crops a second Vivid learns from, by what of it learns and in which precision.

`python benchmarks/training_speed.py [SIZE]` on a quiet machine; a minute or two. Crops are noise,
of 128 pixels, in batches of 32: forward, loss, backward and the optimizer's step are timed.
"""

import argparse
import sys
import time

import torch

from photochrom.networks.vivid import HINT_PLANES, Vivid, VividConfig
from photochrom.training.config import LossConfig
from photochrom.training.objectives import objective

BATCH = 32
STEPS = 6
WAYS = {
    "all of it": VividConfig(weights="none"),
    "without depthwise filters": VividConfig(weights="none", depthwise=False),
    "without them and levels 1/2 to 1/8": VividConfig(weights="none", depthwise=False, frozen=3),
}


def crops_a_second(config: VividConfig, size: int, precision: torch.dtype) -> float:
    """Learn from noise for a few steps."""
    network = Vivid(config).train().to(memory_format=torch.channels_last)
    learn = objective(network, LossConfig())
    optimizer = torch.optim.AdamW(p for p in network.parameters() if p.requires_grad)
    lightness, hints = 100 * torch.rand(BATCH, 1, size, size), torch.zeros(1, 1, size, size)
    hints = hints.expand(BATCH, HINT_PLANES, -1, -1)
    ab = 20 * torch.randn(BATCH, 2, size // 4, size // 4)

    def step() -> None:
        with torch.autocast("cpu", precision, enabled=precision != torch.float32):
            output = network(lightness, hints)
        learn(output.float(), ab)[0].backward()
        optimizer.step()
        optimizer.zero_grad()

    for _ in range(2):
        step()
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    return BATCH * STEPS / (time.perf_counter() - start)


def main() -> None:
    """Print a table: a line each way, a column each precision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", nargs="?", type=int, default=128)
    size = parser.parse_args().size
    torch.manual_seed(0)
    sys.stdout.write(f"| crops of {size} px a second | float32 | bfloat16 |\n|---|---|---|\n")
    for name, config in WAYS.items():
        rates = [crops_a_second(config, size, kind) for kind in (torch.float32, torch.bfloat16)]
        sys.stdout.write(f"| {name} | {rates[0]:.0f} | {rates[1]:.0f} |\n")


if __name__ == "__main__":
    main()
