"""The layers before and after a network of other authors, as nodes of its ONNX file.

With them the network keeps the contract of Photochrom's models: lightness in 0..100 in, ab in Lab
units out. What is written here are tables and matrices made by `color/`: no constant of a colour
space stands in this file. All operators are as they were from opset 11 on.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from photochrom.color.spaces import (
    RGB_TO_XYZ,
    WHITE,
    Floats,
    lab_to_compressed,
    lab_to_srgb,
    linear_to_srgb,
    srgb_to_lightness,
    srgb_to_linear,
)
from photochrom.errors import extra
from photochrom.inference.families import Values

with extra("adopting models", "adopt"):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

_STEPS = 4096  # of a table, between which values are interpolated: below 0.01 Lab units of error
_HINTED = 0.01  # of a pixel: less of it belongs to a hint by rounding alone
_INNER = "network/"  # what stands before the names of the network's own values


class Wrapping(NamedTuple):
    """What is added to a network. Its inputs are an image and, if `hints`, ab and a mask."""

    image: str
    """The input that is the picture."""
    hints: tuple[str, ...]
    """Inputs for ab in Lab units and for the mask, or none."""
    output: str
    """The output that is used."""
    rgb: Values | None
    """How it sees grey RGB; None where it sees lightness."""
    gives_rgb: bool
    """Whether RGB comes out, in the same values; else ab."""
    scale: float
    """What its ab is multiplied by, to have Lab units."""
    sides: tuple[int, int] | None
    """Height and width of all that it sees, where it sees one size alone."""


class _Nodes:
    """Nodes and constants, as they are added to a graph."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Add a node, and give the name of its output: `output`, or a new one."""
        name = output or f"photochrom/{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def constant(self, value: npt.ArrayLike, dtype: npt.DTypeLike = np.float32) -> str:
        name = f"photochrom/constant/{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def table(self, values: str, function: Callable[[Floats], Floats], high: float) -> str:
        """Give a function of values in 0..`high`, (1, C, H, W), by a table of it."""
        steps = np.linspace(0, high, _STEPS + 1).astype(np.float32)
        entries = self.constant(function(steps))
        last, nothing = self.constant(_STEPS), self.constant(0)
        at = self.add("Mul", values, self.constant(_STEPS / high))
        at = self.add("Clip", at, nothing, last)
        whole = self.add("Where", self.add("IsNaN", at), nothing, at)  # it stays in the share
        before = self.add("Floor", whole)
        after = self.add("Clip", self.add("Add", before, self.constant(1)), nothing, last)
        low, next_one = (
            self.add("Gather", entries, self.add("Cast", index, to=TensorProto.INT64))
            for index in (before, after)
        )
        share = self.add("Sub", at, before)
        rise = self.add("Mul", self.add("Sub", next_one, low), share)
        return self.add("Add", low, rise)

    def matrix(self, planes: str, weights: npt.ArrayLike) -> str:
        """Multiply each pixel's channels by a matrix, (channels out, channels in)."""
        return self.add("Conv", planes, self.constant(np.asarray(weights)[..., None, None]))

    def per_channel(self, value: Sequence[float]) -> str:
        return self.constant(np.reshape(value, (1, -1, 1, 1)))

    def channels(self, planes: str, first: int, end: int) -> str:
        """Take some channels."""
        begin, stop, axis = (self.constant([value], np.int64) for value in (first, end, 1))
        return self.add("Slice", planes, begin, stop, axis)

    def stretched(self, planes: str, count: int, sides: tuple[int, int] | None) -> str:
        """Resize planes of `count` channels to fixed sides, if there are any."""
        if sides is None:
            return planes
        return self.resized(planes, self.constant([1, count, *sides], np.int64))

    def sizes_of(self, planes: str, count: int) -> str:
        """Give 1, `count` channels, and height and width of other planes."""
        begin, stop = self.constant([2], np.int64), self.constant([4], np.int64)
        sides = self.add("Slice", self.add("Shape", planes), begin, stop)
        return self.add("Concat", self.constant([1, count], np.int64), sides, axis=0)

    def resized(self, planes: str, sizes: str) -> str:
        """Resize bilinearly to `sizes`, four whole numbers."""
        nothing = self.constant([])
        how = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
        return self.add("Resize", planes, nothing, nothing, sizes, **how)


def wrap(network: onnx.ModelProto, how: Wrapping) -> onnx.ModelProto:
    """Give a model of Photochrom's contract that has the network in it.

    Its outputs are ab and, where the network gives RGB, `seen`: the lightness of that, which tells
    whether the range of the values was the right one. `without_seen` takes it away.
    """
    inner = onnx.compose.add_prefix(network, _INNER)
    graph, added = inner.graph, _Nodes()
    element = next(
        one.type.tensor_type.elem_type for one in graph.input if one.name == _INNER + how.image
    )
    _before(added, how, element)
    count = len(added.nodes)
    _after(added, how)
    nodes = list(graph.node)
    del graph.node[:], graph.input[:], graph.output[:]
    graph.node.extend([*added.nodes[:count], *nodes, *added.nodes[count:]])
    graph.initializer.extend(added.constants)
    inputs = {"lightness": 1, "hints": 3} if how.hints else {"lightness": 1}
    outputs = {"ab": 2, "seen": 1} if how.gives_rgb else {"ab": 2}
    graph.input.extend(_value(name, channels) for name, channels in inputs.items())
    graph.output.extend(_value(name, channels) for name, channels in outputs.items())
    inner.ir_version = max(inner.ir_version, 4)  # before it, constants were inputs, too
    return inner


def without_seen(model: onnx.ModelProto) -> onnx.ModelProto:
    """Take the output `seen` away."""
    (ab,) = (one for one in model.graph.output if one.name == "ab")
    only = onnx.ValueInfoProto()
    only.CopyFrom(ab)
    del model.graph.output[:]
    model.graph.output.append(only)
    return model


def _value(name: str, channels: int) -> onnx.ValueInfoProto:
    sides = (f"{name}_h", f"{name}_w") if name == "ab" else ("h", "w")
    shape: list[str | int | None] = [1, channels, *sides]
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _before(added: _Nodes, how: Wrapping, element: int) -> None:
    """From lightness, and hints, to what the network sees."""
    shown = added.stretched("lightness", 1, how.sides)
    if how.rgb:
        grey = added.table(shown, _grey, 100)
        rgb = added.add("Concat", grey, grey, grey, axis=1)
        mean, deviation = (added.per_channel(value) for value in how.rgb)
        shown = added.add("Div", added.add("Sub", rgb, mean), deviation)
    added.add("Cast", shown, output=_INNER + how.image, to=element)
    if how.hints:
        sums = added.stretched("hints", 3, how.sides)
        ab, mask = (added.channels(sums, *which) for which in ((0, 2), (2, 3)))
        hinted = added.add("Greater", mask, added.constant(_HINTED))
        nothing, one = added.constant(0), added.constant(1)
        ab = added.add("Where", hinted, added.add("Div", ab, mask), nothing)
        mask = added.add("Where", hinted, one, nothing)
        for value, name in zip((ab, mask), how.hints, strict=True):
            added.add("Cast", value, output=_INNER + name, to=element)


def _after(added: _Nodes, how: Wrapping) -> None:
    """From what the network gives to ab, as large as the lightness."""
    given = added.add("Cast", _INNER + how.output, to=TensorProto.FLOAT)
    if how.gives_rgb and how.rgb:
        mean, deviation = (added.per_channel(value) for value in how.rgb)
        rgb = added.add("Add", added.add("Mul", given, deviation), mean)
        linear = added.table(rgb, srgb_to_linear, 1)
        relative = added.matrix(linear, RGB_TO_XYZ / WHITE[:, None])
        compressed = added.table(relative, _compressed, 1)
        zero = lab_to_compressed(*np.zeros((3, 1), np.float32))
        to_compressed = lab_to_compressed(*np.eye(3, dtype=np.float32)) - zero
        to_lab = np.linalg.inv(to_compressed.astype(np.float64))
        shifted = added.add("Sub", compressed, added.constant(zero[None, :, :, None]))
        lab = added.matrix(shifted, to_lab)
        added.add("Identity", added.channels(lab, 0, 1), output="seen")
        given = added.channels(lab, 1, 3)
    scaled = added.add("Mul", given, added.constant(how.scale))
    added.add("Identity", added.resized(scaled, added.sizes_of("lightness", 2)), output="ab")


def _grey(lightness: Floats) -> Floats:
    lab = np.stack([lightness, np.zeros_like(lightness), np.zeros_like(lightness)], axis=-1)
    return np.asarray(np.clip(lab_to_srgb(lab)[..., 1], 0, 1), np.float32)


def _compressed(relative: Floats) -> Floats:
    """CIE 15's f of relative tristimulus values in 0..1."""
    grey = linear_to_srgb(relative)
    lightness = srgb_to_lightness(np.stack([grey, grey, grey], axis=-1))
    nothing = np.zeros_like(lightness)
    return np.asarray(lab_to_compressed(lightness, nothing, nothing)[1], np.float32)
