"""Networks as others publish them, tiny: of each kind's inputs and outputs, with known answers."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

COLOR = (12.0, -7.0)
"""The ab that networks of ab give everywhere, in Lab units."""


def write(
    path: Path,
    inputs: dict[str, int],
    channels: int,
    nodes: list[onnx.NodeProto],
    constants: dict[str, object],
    *,
    sides: tuple[object, object] = ("h", "w"),
    element: int = TensorProto.FLOAT,
    opset: int = 12,
) -> Path:
    """Write a network with inputs of so many planes, whose output of `channels` is "out"."""

    def value(name: str, planes: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, element, [1, planes, *sides])

    dtype = helper.tensor_dtype_to_np_dtype(element)
    graph = helper.make_graph(
        nodes,
        "network",
        [value(name, planes) for name, planes in inputs.items()],
        [value("out", channels)],
        [
            numpy_helper.from_array(
                np.asarray(one, dtype if np.asarray(one).dtype.kind == "f" else np.int64), name
            )
            for name, one in constants.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def ab(path: Path, planes: int, *, scale: float = 1.0, **how) -> Path:
    """Write one that gives a constant color, plus 10 times what it is shown: a, and b."""
    first = helper.make_node("Slice", ["image", "zero", "one", "one"], ["first"])
    twice = helper.make_node("Concat", ["first", "first"], ["both"], axis=1)
    times = helper.make_node("Mul", ["both", "ten"], ["more"])
    add = helper.make_node("Add", ["more", "color"], ["out"])
    constants = {
        "zero": [0],
        "one": [1],
        "ten": np.float32(10 * scale),
        "color": scale * np.array(COLOR, np.float32).reshape(1, 2, 1, 1),
    }
    return write(path, {"image": planes}, 2, [first, twice, times, add], constants, **how)


def rgb(path: Path, tint: tuple[float, ...] = (1, 1, 1), shift: float = 0, **how) -> Path:
    """Write one that gives what it is shown, each channel times a number, plus another."""
    nodes = [
        helper.make_node("Mul", ["image", "tint"], ["tinted"]),
        helper.make_node("Add", ["tinted", "shift"], ["out"]),
    ]
    constants = {
        "tint": np.array(tint, np.float32).reshape(1, 3, 1, 1),
        "shift": np.float32(shift),
    }
    return write(path, {"image": 3}, 3, nodes, constants, **how)


def hinted(path: Path, **how) -> Path:
    """Write one with hints, whose answer is a hint's ab where there is one, else the color."""
    nodes = [
        helper.make_node("Greater", ["mask", "half"], ["given"]),
        helper.make_node("Mul", ["lightness_in", "nothing"], ["zero"]),
        helper.make_node("Add", ["zero", "color"], ["own"]),
        helper.make_node("Where", ["given", "ab_in", "own"], ["out"]),
    ]
    constants = {
        "half": np.float32(0.5),
        "nothing": np.float32(0),
        "color": np.array(COLOR, np.float32).reshape(1, 2, 1, 1),
    }
    inputs = {"lightness_in": 1, "ab_in": 2, "mask": 1}
    return write(path, inputs, 2, nodes, constants, **how)


def not_numbers(path: Path) -> Path:
    """Write one that divides by nothing."""
    return rgb(path, (np.nan, 1, 1))


def one_size(path: Path, side: int) -> Path:
    """Write one that says its sizes vary, and works for pictures of one shape alone."""
    nodes = [
        helper.make_node("Reshape", ["image", "shape"], ["shaped"]),
        helper.make_node("Slice", ["shaped", "zero", "two", "one"], ["out"]),
    ]
    constants = {"shape": [1, 3, side, side], "zero": [0], "two": [2], "one": [1]}
    return write(path, {"image": 3}, 2, nodes, constants)
