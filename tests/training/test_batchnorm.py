"""Batch normalisation's statistics, measured anew."""

import numpy as np
import pytest
import skimage.data
import torch
from click.testing import CliRunner
from PIL import Image
from torch import nn

from photochrom.cli.main import main
from photochrom.inference.model import Model
from photochrom.networks.vivid import Vivid, VividConfig
from photochrom.training.batchnorm import recalibrate
from photochrom.training.config import DataConfig, LossConfig
from photochrom.training.data.crops import Photographs
from photochrom.training.data.sources import find_photos
from photochrom.training.task import Colorization

LITE = VividConfig(
    encoder="tf_efficientnet_lite0", weights="none", frozen=2, drop_path=0.5, dropout=0.5
)


@pytest.fixture
def samples(tmp_path) -> Photographs:
    for name in ("astronaut", "chelsea", "coffee"):
        Image.fromarray(getattr(skimage.data, name)()[:256, :256]).save(tmp_path / f"{name}.png")
    return Photographs(find_photos(tmp_path), DataConfig(size=64, hints=0.5, aged=0.5))


def test_statistics_are_those_of_what_the_whole_network_sees(samples) -> None:
    torch.manual_seed(0)
    network = Vivid(LITE)
    seen: dict[nn.BatchNorm2d, list[torch.Tensor]] = {
        network.bottleneck[1]: [],
        network.blocks[-1].join[4]: [],
    }
    for layer, inputs in seen.items():
        layer.register_forward_pre_hook(lambda _, given, inputs=inputs: inputs.append(given[0]))
    recalibrate(network, samples, 40)
    recalibrate(network, samples, 40)
    for layer, inputs in seen.items():
        assert [len(planes) for planes in inputs] == [32, 8, 32, 8]
        assert inputs[0].equal(inputs[2]), "nothing is left out at random"
        mean = torch.stack([planes.mean(dim=(0, 2, 3)) for planes in inputs[:2]]).mean(dim=0)
        spread = torch.stack([planes.var(dim=(0, 2, 3)) for planes in inputs[:2]]).mean(dim=0)
        assert layer.running_mean.allclose(mean, rtol=1e-3, atol=1e-5)
        assert layer.running_var.allclose(spread, rtol=1e-3, atol=1e-5)
    assert not any(part.training for part in network.modules())


def test_frozen_levels_and_weights_stay(samples) -> None:
    torch.manual_seed(0)
    network = Vivid(LITE).eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    recalibrate(network, samples, 8)
    changed = {
        name for name, value in network.state_dict().items() if not value.equal(before[name])
    }
    assert changed
    assert all("running" in name or "num_batches" in name for name in changed)
    assert not any(name.startswith("encoder.body.bn1.") for name in changed)


def test_a_validation_is_of_the_recalibrated_network_and_leaves_the_other(
    samples, tmp_path
) -> None:
    torch.manual_seed(0)
    network, photos = Vivid(LITE).eval(), samples.photos
    before = {name: value.clone() for name, value in network.state_dict().items()}
    scores = []
    for count in (0, 8):
        task = Colorization(
            network, photos, photos, samples.config, LossConfig(), 1.0, tmp_path, recalibrated=count
        )
        scores.append(task.validate(network, 1))
    assert scores[0] != scores[1]
    assert all(value.equal(before[name]) for name, value in network.state_dict().items())


@pytest.mark.slow
def test_an_exported_run_has_recalibrated_statistics(tmp_path) -> None:
    (tmp_path / "data").mkdir()
    Image.fromarray(skimage.data.astronaut()[:200, :200]).save(tmp_path / "data" / "a.png")
    config = tmp_path / "vivid.toml"
    config.write_text(
        'network = "vivid"\n[model]\nencoder = "tf_efficientnet_lite0"\nweights = "none"\n'
        "[data]\nsize = 32\n"
        "[loop]\nsteps = 2\nbatch = 2\nworkers = 0\n"
        "compile = false\n[export]\nsize = 64\n"
    )
    run, data = str(tmp_path / "run"), str(tmp_path / "data")
    trained = CliRunner().invoke(main, ["train", str(config), "--data", data, "--out", run])
    assert trained.exit_code == 0, trained.output
    settled = tmp_path / "settled.onnx"
    words = ["export", run, "--data", data, "-o", str(settled), "--settle", "8"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    ramp = np.linspace(0, 100, 4096).reshape(64, 64)
    models = [Model(path, threads=1) for path in (tmp_path / "run/model.onnx", settled)]
    plain, other = (model.predict(ramp, vividness=1) for model in models)
    assert abs(plain - other).max() > 0.1
