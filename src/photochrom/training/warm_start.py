"""Starting a network from the weights of an exported model, to train on."""

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from photochrom.errors import ModelError
from photochrom.networks.base import ADDED, TRAINING_ONLY, Network

_PREFIX = "network."  # the exporter keeps torch's names, below the wrapper that it is given
_UNUSED = "num_batches_tracked"  # counts of batches, which say nothing once the average is fixed


def start_from(network: Network, path: Path) -> None:
    """Give `network` the weights in the exported model `path`.

    A decision that it does not have is left out: it can be learnt again. Raises `ModelError` when
    the file is of another network, or of other sizes.
    """
    found = _weights(path)
    own = network.state_dict()
    missing = tuple(begin for begin in ADDED if not any(name.startswith(begin) for name in found))
    if any(name.startswith("queries.") and name not in own for name in found):
        raise ModelError(f"{path} has more layers; set model.queries as it was trained with")
    for name, value in own.items():
        if name.endswith(_UNUSED) or name.startswith((TRAINING_ONLY, *missing)):
            continue
        if name not in found or found[name].shape != value.shape:
            raise ModelError(
                f"{path} is not a model to start from: {name} is missing or other; name another"
            )
        own[name] = found[name].to(value.dtype)
    network.load_state_dict(own)


def _weights(path: Path) -> dict[str, Tensor]:
    """All tensors of an exported model by torch's names; equal ones are stored once."""
    try:
        graph = onnx.load(path).graph
    except Exception as error:
        raise ModelError(
            f"{path}: the file is damaged, or not an ONNX model; take another copy"
        ) from error
    found = {
        tensor.name.removesuffix("_16"): torch.tensor(numpy_helper.to_array(tensor)).float()
        for tensor in graph.initializer
    }
    for name in [name for name in found if name.endswith("_8")]:
        found[name.removesuffix("_8")] = found[name] * found[name.removesuffix("8") + "scale"]
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in found:
            found[node.output[0]] = found[node.input[0]]
    return {name.removeprefix(_PREFIX): value for name, value in found.items()}
