"""The nodes of ComfyUI, as it loads and calls them."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import platformdirs
import pytest

torch = pytest.importorskip("torch")
NODES = Path(__file__).parents[2] / "integrations/comfyui/__init__.py"


@pytest.fixture
def nodes(monkeypatch, echo):
    """Load the nodes as ComfyUI does: a package by its folder."""
    spec = importlib.util.spec_from_file_location("photochrom_nodes", NODES)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    from photochrom import Colorizer

    monkeypatch.setattr(module, "colorizer", lambda model: Colorizer(echo))
    return module


def call(node, **given):
    """Call a node as ComfyUI does; check its declaration first."""
    inputs = node.INPUT_TYPES()
    known = {**inputs["required"], **inputs.get("optional", {})}
    assert inputs["required"].keys() <= given.keys() <= known.keys()
    found = getattr(node(), node.FUNCTION)(**given)
    assert isinstance(found, tuple)
    assert len(found) == len(node.RETURN_TYPES)
    return found[0]


def test_every_node_is_declared(nodes) -> None:
    assert nodes.NODE_CLASS_MAPPINGS.keys() == nodes.NODE_DISPLAY_NAME_MAPPINGS.keys()
    for node in nodes.NODE_CLASS_MAPPINGS.values():
        assert callable(getattr(node, node.FUNCTION))
        assert node.INPUT_TYPES()["required"]


def test_a_batch_is_colored_with_hints_and_a_palette(nodes) -> None:
    ramp = torch.linspace(0.2, 0.8, 96).repeat(64, 1)
    batch = torch.stack([ramp, ramp.flip(1)])[..., None].repeat(1, 1, 1, 3)
    given = {"image": batch, "model": "vivid", "vividness": 0.5, "quality": "fast"}
    colored = call(nodes.PhotochromColorize, **given)
    assert colored.shape == batch.shape
    assert colored.dtype == torch.float32
    assert (colored.max(dim=-1).values - colored.min(dim=-1).values).mean() > 0.02

    hints = call(nodes.PhotochromHint, x=48, y=32, color="#ff0000", reach="everything")
    hints = call(nodes.PhotochromHint, x=10, y=10, color="navy", reach="everything", hints=hints)
    red = call(nodes.PhotochromColorize, **given, hints=hints)
    assert red[0, 32, 48, 0] - red[0, 32, 48, 2] > colored[0, 32, 48, 0] - colored[0, 32, 48, 2]

    reference = torch.from_numpy(np.random.default_rng(0).random((1, 64, 96, 3), np.float32))
    palette = call(nodes.PhotochromPalette, reference=reference, strength=0.5)
    assert palette["reference_strength"] == 0.5
    assert call(nodes.PhotochromColorize, **given, palette=palette).shape == batch.shape


def test_a_model_is_adopted(nodes, tmp_path, monkeypatch) -> None:
    pytest.importorskip("onnx")
    from helpers import networks

    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "data")
    file = networks.rgb(tmp_path / "warm.onnx")
    given = {"file": str(file), "kind": "rgb-to-rgb", "licence": "CC0"}
    assert call(nodes.PhotochromAdopt, **given) == "warm"
    assert "warm" in nodes.PhotochromColorize.INPUT_TYPES()["required"]["model"][0]
