"""Batch normalisation's statistics, measured anew for the network that is exported."""

import torch
from torch.nn.modules.batchnorm import _BatchNorm

from photochrom.networks.base import Network
from photochrom.training.data.crops import Photographs

_BATCH = 32  # crops


@torch.no_grad()
def recalibrate(network: Network, samples: Photographs, count: int) -> None:
    """Measure the statistics of batch normalisation on the first `count` of `samples`.

    Those that training leaves behind are of weights that went on changing, of a network with parts
    left out, and of crops of the size that it was trained on. These are of just the weights that
    are exported, of all of the network, and of pictures as large as it will be shown (for a mean of
    weights: Izmailov et al. 2018; for another size: Touvron et al. 2019). Layers that training
    leaves alone keep theirs. Raises `DataError` when none of the pictures can be used.
    """
    network.train()
    layers = [
        module for module in network.modules() if isinstance(module, _BatchNorm) and module.training
    ]
    network.eval()
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the plain mean of all batches
        layer.train()
    device = next(network.parameters()).device
    for start in range(0, count, _BATCH):
        batch = samples.batch(range(start, min(start + _BATCH, count)), device)
        inputs = [batch.lab[:, :1], *([batch.hints] if network.takes_hints else [])]
        network(*inputs)
    network.eval()
