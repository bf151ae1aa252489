"""A small ONNX model that needs no training: it repeats its hints, and gives suggestions.

Colours are a hint's within some pixels around it; elsewhere they follow the lightness.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ABOUT = {
    "format": 2,
    "multiple": 32,
    "gains": [0.5, 2.0],
    "name": "vivid",
    "version": "0",
    "size": 128,
    "vividness": 0.5,
}
STEPS = np.arange(-60, 61, 15, dtype=np.float32)
CENTERS = np.stack(np.meshgrid(STEPS, STEPS, indexing="ij"), axis=-1).reshape(-1, 2)
FILTERS = np.random.default_rng(0).uniform(-0.125, 0.125, (8, 1, 8, 8)).astype(np.float32)
CONSTANTS = {
    "centers": CENTERS,
    "filters": FILTERS,
    "each_center": CENTERS.reshape(1, -1, 2, 1, 1),
    "middle": np.float32(50),
    "tint": np.float32(0.4),
    "warmth": np.float32(25),
    "nothing": np.float32(0),
    "tiny": np.float32(1e-6),
    "spread": np.float32(-15),
    "unit": np.float32(1),
    "ab_and_share": np.array([2, 1]),
    "one": np.array([1]),
    "two": np.array([2]),
    "swapped": np.array([1, 0]),
}
NODES = [
    ("AveragePool", ["lightness"], ["small"], {"kernel_shape": [4, 4], "strides": [4, 4]}),
    ("Sub", ["small", "middle"], ["bright"], {}),
    ("Mul", ["bright", "tint"], ["a"], {}),
    ("Mul", ["small", "nothing"], ["zero"], {}),
    ("Add", ["zero", "warmth"], ["b"], {}),
    ("Concat", ["a", "b"], ["own"], {"axis": 1}),
    ("AveragePool", ["hints"], ["hinted"], {"kernel_shape": [4, 4], "strides": [4, 4]}),
    (
        "AveragePool",
        ["hinted"],
        ["near"],
        {"kernel_shape": [17, 17], "pads": [8] * 4, "count_include_pad": 1},
    ),
    ("Split", ["near", "ab_and_share"], ["near_ab", "share"], {"axis": 1}),
    ("Max", ["share", "tiny"], ["some_share"], {}),
    ("Div", ["near_ab", "some_share"], ["repeated"], {}),
    ("Greater", ["share", "nothing"], ["is_hinted"], {}),
    ("Where", ["is_hinted", "repeated", "own"], ["ab"], {}),
    ("Unsqueeze", ["ab", "one"], ["each_ab"], {}),
    ("Sub", ["each_center", "each_ab"], ["gap"], {}),
    ("Mul", ["gap", "gap"], ["square"], {}),
    ("ReduceSum", ["square", "two"], ["squared_distance"], {"keepdims": 0}),
    ("Sqrt", ["squared_distance"], ["distance"], {}),
    ("Div", ["distance", "spread"], ["likelihood"], {}),
    ("Div", ["lightness", "middle"], ["twice"], {}),
    ("Sub", ["twice", "unit"], ["scaled"], {}),
    ("Conv", ["scaled", "filters"], ["features"], {"strides": [8, 8]}),
    ("Identity", ["centers"], ["centres"], {}),
]
SHAPES = {
    "lightness": ["n", 1, "h", "w"],
    "hints": ["n", 3, "h", "w"],
    "ab": ["n", 2, "ab_h", "ab_w"],
    "natural": ["n", 2, "natural_h", "natural_w"],
    "likelihood": ["n", len(CENTERS), "likelihood_h", "likelihood_w"],
    "features": ["n", 8, "features_h", "features_w"],
    "centres": [len(CENTERS), 2],
}


def _value(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, SHAPES[name])


def write(path: Path, *, hints: bool = True, natural: bool = False, **about: object) -> Path:
    """Write the model, with what is said `about` it, and give the path.

    Without `hints` it takes none and gives no suggestions. With `natural` it gives natural colours
    too: a and b of the others, swapped.
    """
    inputs = ["lightness", "hints"] if hints else ["lightness"]
    outputs = ["ab", "likelihood", "features", "centres"] if hints else ["ab"]
    nodes = NODES if hints else [*NODES[:5], ("Concat", ["a", "b"], ["ab"], {"axis": 1})]
    if natural:
        nodes = [*nodes, ("Gather", ["ab", "swapped"], ["natural"], {"axis": 1})]
        outputs = [*outputs, "natural"]
    graph = helper.make_graph(
        [helper.make_node(*ends, **how) for *ends, how in nodes],
        "echo",
        *([_value(name) for name in names] for names in (inputs, outputs)),
        [numpy_helper.from_array(np.asarray(value), name) for name, value in CONSTANTS.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"photochrom": json.dumps(ABOUT | about)})
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path
