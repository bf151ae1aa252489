"""Whole runs, from a config and a folder to an exported model, as the command does them."""

import dataclasses
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
import skimage.data
import timm
import torch
from click.testing import CliRunner
from PIL import Image

from photochrom import Colorizer
from photochrom.cli.main import main
from photochrom.errors import ConfigError
from photochrom.inference.model import Model
from photochrom.networks import registry
from photochrom.networks.vivid import Vivid, VividConfig
from photochrom.training.checkpoint import load_checkpoint
from photochrom.training.run import load_config, train
from photochrom.training.toml_config import SHIPPED, into, read

CONFIGS = sorted(SHIPPED.glob("*.toml"))
CONFIG = """
network = "alpha"
[data]
size = 64
zoom = 1.0
flip = "none"
[loss]
rebalance = 0.0
[loop]
steps = 24
batch = 2
learning_rate = 6e-3
ema = 0.9
validate_every = 16
checkpoint_minutes = 0.0
workers = 0
compile = false
[export]
size = 64
"""
MODEL = """
[model]
encoder = "tf_efficientnet_lite0"
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "alpha.toml").write_text(CONFIG)
    (tmp_path / "data").mkdir()
    Image.fromarray(skimage.data.astronaut()[:300, :300]).save(tmp_path / "data" / "a.png")
    return tmp_path


def command(folder: Path, run: str, config: str = "alpha.toml") -> list[str]:
    return [
        "train",
        str(folder / config),
        "--data",
        str(folder / "data"),
        "--out",
        str(folder / run),
    ]


def learn(folder: Path, run: str, config: str = "alpha.toml") -> None:
    """Train as the command does, without the export."""
    train(load_config(folder / config), folder / "data", folder / run, report=lambda progress: None)


def weights(run: Path) -> dict[str, torch.Tensor]:
    return load_checkpoint(run)["average"]


@pytest.mark.slow
def test_a_run_ends_with_a_model_that_colours(folder) -> None:
    (folder / "data" / "broken.jpg").write_text("no picture")
    Image.fromarray(skimage.data.camera()).save(folder / "data" / "grey.png")
    result = CliRunner().invoke(main, command(folder, "run"))
    assert result.exit_code == 0, result.output
    assert "grey.png: a grey picture, nothing to learn" in result.output
    assert "2 pictures were skipped" in result.output
    assert "left" in result.output
    run = folder / "run"
    assert {"checkpoint", "config.json", "curve.png", "log.jsonl", "model.onnx"} <= {
        path.name for path in run.iterdir()
    }
    assert len(list(run.glob("sheet-*.png"))) == 2
    scores = json.loads((run / "log.jsonl").read_text().splitlines()[-1])
    assert scores["painted CIEDE2000"] > 0
    assert len(Colorizer(run / "model.onnx").info["training"]["mean_ab"]) == 2
    painted = Colorizer(run / "model.onnx").colorize(np.full((64, 64), 128, np.uint8))
    assert painted.shape == (64, 64, 3)


@pytest.mark.slow
def test_a_run_killed_at_any_moment_goes_on_exactly(folder) -> None:
    learn(folder, "whole")
    broken = [sys.executable, "-m", "photochrom", *command(folder, "broken")]
    process = subprocess.Popen(broken, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (folder / "broken" / "checkpoint").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "broken" / "model.onnx").exists()
    assert CliRunner().invoke(main, command(folder, "broken")).exit_code == 0
    one, two = weights(folder / "whole"), weights(folder / "broken")
    assert all(torch.equal(one[name], two[name]) for name in one)
    steps = [
        json.loads(line)["step"]
        for line in (folder / "broken" / "log.jsonl").read_text().splitlines()
    ]
    assert steps == sorted(steps)
    assert steps[-1] == 24


@pytest.mark.slow
def test_another_config_does_not_touch_a_run(folder) -> None:
    learn(folder, "run")
    before = weights(folder / "run")
    (folder / "other.toml").write_text(CONFIG.replace("steps = 24", "steps = 25"))
    result = CliRunner().invoke(main, command(folder, "run", "other.toml"))
    assert result.exit_code == 1
    assert "loop.steps = 24, now 25: give another -o FOLDER" in result.output
    assert all(torch.equal(before[name], value) for name, value in weights(folder / "run").items())


@pytest.mark.slow
def test_passes_add_up_over_runs_that_begin_with_one_another(folder) -> None:
    assert CliRunner().invoke(main, command(folder, "run")).exit_code == 0
    start = f'[loop]\nstart = "{folder / "run/model.onnx"}"'
    (folder / "on.toml").write_text(CONFIG.replace("[loop]", start).replace("= 24", "= 8"))
    assert CliRunner().invoke(main, command(folder, "on", "on.toml")).exit_code == 0
    info = Model(folder / "on/model.onnx", threads=1).info
    assert info["training"]["passes"] == 2 * (24 + 8)
    assert [point[0] for point in info["curve"]] == [2 * 16, 2 * 24, 2 * (24 + 8)]
    shutil.copy(folder / "on/model.onnx", folder / "run/model.onnx")  # the start is another now
    assert CliRunner().invoke(main, command(folder, "on", "on.toml")).exit_code == 0
    assert Model(folder / "on/model.onnx", threads=1).info == info


@pytest.mark.parametrize("path", CONFIGS, ids=[path.stem for path in CONFIGS])
def test_every_shipped_config_makes_its_network(path) -> None:
    if path.stem.startswith("digits"):
        from photochrom.digits.network import DigitsConfig  # Keras takes seconds

        assert into(DigitsConfig, read(Path(path.stem))).epochs > 0
        return
    config = load_config(Path(path.stem))
    model = config.model
    if hasattr(model, "weights"):
        model = dataclasses.replace(model, weights="none")
    network = registry.find(config.network).network(model)
    assert sum(value.numel() for value in network.parameters()) > 1000


def test_a_config_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"no config file x/vivd\.toml \(did you mean vivid\?\)$"):
        read(Path("x/vivd.toml"))
    with pytest.raises(ConfigError, match=r"no config file mine\.toml; shipped are alpha, beta, "):
        read(Path("mine.toml"))


def test_alpha_refuses_many_pictures(folder) -> None:
    for number in range(11):
        Image.fromarray(skimage.data.chelsea()).save(folder / "data" / f"{number}.jpg")
    result = CliRunner().invoke(main, command(folder, "run"))
    assert result.exit_code == 1
    assert "at most 10 pictures" in result.output
    assert "learn from many with the config beta" in result.output


def test_a_missing_data_folder_is_named(folder) -> None:
    result = CliRunner().invoke(main, [*command(folder, "run")[:3], "nowhere", "--out", "x"])
    assert result.exit_code == 1
    told = "nowhere: there is no such file or folder; check the path"
    assert result.output.strip().endswith(told)


@pytest.mark.slow
def test_an_encoder_learns_not_to_forget_its_classifier(folder) -> None:
    weights = folder / "w.pth"
    torch.save(timm.create_model("tf_efficientnet_lite0").state_dict(), weights)
    config = CONFIG.replace('"alpha"', '"vivid"').replace("steps = 24", "steps = 32")
    config = config.replace("checkpoint_minutes = 0.0\n", "")
    config = config.replace(
        "[loss]", f"{MODEL}classes = 1000\nweights = '{weights}'\n[loss]\ndistillation = 1.0"
    )
    (folder / "vivid.toml").write_text(config.replace("6e-3", "1e-3"))
    result = CliRunner().invoke(main, command(folder, "run", "vivid.toml"))
    assert result.exit_code == 0, result.output
    lines = (folder / "run" / "log.jsonl").read_text().splitlines()
    forgotten = [line["forgotten"] for line in map(json.loads, lines) if "forgotten" in line]
    assert forgotten[-1] < forgotten[0]
    model = folder / "run" / "model.onnx"
    exported = {tensor.name for tensor in onnx.load(model).graph.initializer}
    assert not [name for name in exported if "classes" in name]
    kept = Vivid(VividConfig(encoder="tf_efficientnet_lite0", weights="none"))
    assert Model(model, threads=1).info["parameters"] == sum(p.numel() for p in kept.parameters())
    start = f'[loop]\nstart = "{model}"'
    (folder / "on.toml").write_text(config.replace("[loop]", start).replace("= 32", "= 1"))
    learn(folder, "on", "on.toml")


@pytest.mark.parametrize(
    ("network", "told"),
    [
        ("alpha", "loss.distillation is for vivid's encoder; alpha has none"),
        ("vivid", 'loss.distillation needs ImageNet weights: model.weights is "none"'),
        ("vivid with weights", "loss.distillation needs model.classes = 1000, those of tf_eff"),
    ],
)
def test_nothing_to_distil_is_said(folder, network, told) -> None:
    weights = folder / "w.pth"
    if network.endswith("weights"):
        torch.save(timm.create_model("tf_efficientnet_lite0").state_dict(), weights)
    source = weights if weights.exists() else "none"
    model = f'{MODEL}weights = "{source}"\n' if network != "alpha" else ""
    config = CONFIG.replace('"alpha"', f'"{network.split()[0]}"')
    (folder / "x.toml").write_text(config.replace("[loss]", f"{model}[loss]\ndistillation = 1.0"))
    result = CliRunner().invoke(main, command(folder, "run", "x.toml"))
    assert result.exit_code == 1
    assert told in result.output
