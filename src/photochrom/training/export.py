"""From a trained network to one self-describing .onnx file, checked against torch."""

import copy
import json
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from timm.layers.conv2d_same import Conv2dSame
from torch import Tensor, nn

from photochrom.color.upsampling import resize_bilinear
from photochrom.errors import ModelError
from photochrom.inference.model import FORMAT, METADATA_KEY, MIDDLE, Model
from photochrom.networks.base import Network
from photochrom.networks.full import Classifier

TOLERANCE = 0.5
"""Largest difference between the exported file and torch, in Lab units."""

MULTIPLE = 32
"""Height and width of the input must be multiples of this."""

_LARGE = 20_000  # elements: smaller tensors stay in 32 bits, for a tenth of the error


class _Exported(nn.Module):
    """What is exported: lightness and, if the network takes them, hints in."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, lightness: Tensor, hints: Tensor | None = None) -> tuple[Tensor, ...]:
        return self.network.answer(lightness, hints)


def export(
    network: Network,
    path: Path,
    about: dict[str, Any],
    pictures: list[Tensor],
    *,
    bits: int = 16,
) -> float:
    """Write `network` to `path` with what is said `about` it, and check it on `pictures`.

    Large weights are stored in 16 or 8 `bits`; of those in 8, the ones that would take it too far
    from torch keep 16. `pictures` are Lab tensors (3, S, S). Returns the largest difference to
    torch in Lab units; raises `ModelError`, leaving no file, when it is 0.5 or more.
    """
    exported = _Exported(network).eval().to(memory_format=torch.contiguous_format)
    temporary = path.with_suffix(".part.onnx")
    _to_onnx(exported, temporary)
    model = onnx.load(temporary)
    entry = model.metadata_props.add()
    description = {"format": FORMAT, "multiple": MULTIPLE, "gains": network.gains, **about}
    if network.unsharp:
        description["unsharp"] = network.unsharp
    entry.key, entry.value = METADATA_KEY, json.dumps(description)
    difference = _save_small(
        model, temporary, bits, partial(_largest_difference, exported, temporary, pictures)
    )
    if not difference < TOLERANCE:
        temporary.unlink()
        raise ModelError(
            f"the exported model strays {difference:.2f} Lab units from torch; report it as a fault"
        )
    temporary.replace(path)
    return difference


def _to_onnx(exported: _Exported, path: Path) -> None:
    names, outputs = ["lightness"], list(exported.network.outputs)
    example = [torch.full((1, 1, 64, 96), 50.0)]
    if exported.network.takes_hints:
        names.append("hints")
        example.append(torch.zeros(1, 3, 64, 96))
    exported = copy.deepcopy(exported)
    classifiers = [module for module in exported.modules() if isinstance(module, Classifier)]
    fixed = {inner for one in classifiers for inner in one.modules()}  # they see one size only
    for module in exported.modules():
        if isinstance(module, Conv2dSame) and module not in fixed:
            module.forward = partial(_padded, module)  # type: ignore[method-assign]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's own, about shapes that are fixed by design
        torch.onnx.export(
            exported,
            tuple(example),
            str(path),
            input_names=names,
            output_names=outputs,
            dynamic_axes={
                **{name: {0: "n", 2: "h", 3: "w"} for name in ("lightness", "hints")},
                **{
                    name: {0: "n", 2: f"{name}_h", 3: f"{name}_w"}
                    for name in outputs
                    if name != "centres"
                },
            },
            training=torch.onnx.TrainingMode.PRESERVE,  # keeps normalisation apart: see `start`
            opset_version=17,
            dynamo=False,  # the newer exporter does not finish on symbolic sizes here
        )


def _padded(module: Conv2dSame, features: Tensor) -> Tensor:
    """TensorFlow's padding where the size is even and the stride 2: fixed, so traceable."""
    total = module.kernel_size[0] - module.stride[0]
    before, after = total // 2, total - total // 2
    features = F.pad(features, (before, after, before, after))
    return F.conv2d(
        features, module.weight, module.bias, module.stride, 0, module.dilation, module.groups
    )


def _save_small(
    model: onnx.ModelProto, path: Path, bits: int, difference: Callable[[], float]
) -> float:
    """Write the model with large weights in few bits, and give its `difference` from torch then."""
    large = [one.name for one in model.graph.initializer if _is_large(one)]

    def with_eight(names: set[str]) -> float:
        stored = copy.deepcopy(model)
        _store_small(stored, {name: 8 if name in names else 16 for name in large})
        onnx.save(stored, path)
        return difference()

    eight = set(large) if bits == 8 else set()
    found = with_eight(eight)
    if not eight or found < TOLERANCE:
        return found
    by_harm = sorted(large, key=lambda name: with_eight({name}))
    while eight and not found < TOLERANCE:
        eight.remove(by_harm.pop())
        found = with_eight(eight)
    return found


def _is_large(tensor: TensorProto) -> bool:
    return tensor.data_type == TensorProto.FLOAT and bool(np.prod(tensor.dims) >= _LARGE)


def _store_small(model: onnx.ModelProto, bits: dict[str, int]) -> None:
    """Store weights in few `bits`, by name, behind nodes that the runtime folds away on loading.

    16: as float16, behind a cast. 8: as whole numbers times a scale for each output channel,
    behind a cast and a multiplication.
    """
    graph = model.graph
    nodes = []
    for tensor in [one for one in graph.initializer if one.name in bits]:
        values, name = numpy_helper.to_array(tensor), tensor.name
        graph.initializer.remove(tensor)
        if bits[name] == 16:
            stored = {f"{name}_16": values.astype(np.float16)}
            nodes.append(helper.make_node("Cast", [f"{name}_16"], [name], to=TensorProto.FLOAT))
        else:
            scale = abs(values).max(axis=tuple(range(1, values.ndim)), keepdims=True) / 127
            whole = np.rint(values / np.maximum(scale, 1e-12)).astype(np.int8)
            stored = {f"{name}_8": whole, f"{name}_scale": scale}
            cast = helper.make_node("Cast", [f"{name}_8"], [f"{name}_wide"], to=TensorProto.FLOAT)
            nodes += [cast, helper.make_node("Mul", [f"{name}_wide", f"{name}_scale"], [name])]
        for key, value in stored.items():
            graph.initializer.append(numpy_helper.from_array(value, key))
    for node in reversed(nodes):
        graph.node.insert(0, node)


def _largest_difference(exported: _Exported, path: Path, pictures: list[Tensor]) -> float:
    model = Model(path, threads=1)
    largest, outputs = 0.0, exported.network.outputs
    for lab in pictures:
        with torch.no_grad():
            given = dict(zip(outputs, exported(lab[None, :1]), strict=True))
        ends = [given[name][0].numpy() for name in ("ab", "natural") if name in given]
        for vividness in (0.0, MIDDLE)[: len(ends)]:
            wanted = resize_bilinear(model.enhance(vividness, *ends), *lab.shape[1:])
            found = model.predict(lab[0].numpy(), vividness=vividness)
            largest = max(largest, float(np.abs(found - wanted).max()))
    return largest
