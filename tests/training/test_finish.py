"""The finish: pictures compared by features, a discriminator, chroma, and recoloured things."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from photochrom.cli.main import main
from photochrom.networks.vivid import Vivid, VividConfig
from photochrom.training.adversarial import Discriminator, discriminator_loss, realism_loss
from photochrom.training.checkpoint import load_checkpoint
from photochrom.training.config import DataConfig, FinishConfig, LossConfig
from photochrom.training.data.crops import Photographs
from photochrom.training.data.sources import find_photos
from photochrom.training.finish import FinishLoss, average_gradients, chroma_gap
from photochrom.training.lab import lab_to_rgb
from photochrom.training.perceptual import FeaturePyramid, feature_distance
from photochrom.training.run import load_config, train
from photochrom.training.task import Colorization

PLAIN = FinishConfig(perceptual=1.0, adversarial=1.0, chroma=1.0, weights="none")
CONFIG = """
network = "vivid"
[model]
encoder = "tf_efficientnet_lite0"
weights = "none"
bottleneck = 32
widths = [16, 16, 16]
drop_path = 0.2
dropout = 0.2
[data]
size = 64
recolored = 0.5
sharp = "*.png"
[finish]
perceptual = 1.0
adversarial = 1.0
chroma = 1.0
weights = "none"
[loop]
steps = 4
batch = 2
warmup = 0.0
cooldown = 0.0
workers = 0
validate_every = 10
checkpoint_minutes = 0.0
compile = false
[export]
size = 64
"""


def drawn(color, side=64):
    """A grey field with a square of one colour, as Lab (1, 3, S, S)."""
    lab = torch.zeros(1, 3, side, side)
    lab[:, 0] = 60
    lab[:, 1:, 16:48, 16:48] = torch.tensor(color, dtype=torch.float32).view(2, 1, 1)
    return lab


def test_colours_beyond_srgb_have_a_slope_that_leads_back() -> None:
    lab = torch.tensor([60.0, 120.0, 90.0]).view(1, 3, 1, 1).requires_grad_()
    rgb = lab_to_rgb(lab)
    assert 1 < rgb.max() < 1.1
    rgb.max().backward()
    assert torch.isfinite(lab.grad).all()
    assert lab.grad.abs().max() > 0


def test_features_are_nearer_where_the_picture_is() -> None:
    torch.manual_seed(0)
    pyramid = FeaturePyramid(weights="none")
    truth, near, far = (pyramid(lab_to_rgb(drawn(c))) for c in ((40, 20), (36, 18), (0, 0)))
    assert len(truth) == 5
    assert feature_distance(truth, truth) == 0
    assert 0 < feature_distance(near, truth) < feature_distance(far, truth)
    assert not pyramid.train().body.training
    assert not any(parameter.requires_grad for parameter in pyramid.parameters())


def test_a_discriminator_learns_to_tell_colour_from_grey() -> None:
    torch.manual_seed(0)
    pyramid = FeaturePyramid(weights="none")
    discriminator = Discriminator(pyramid.channels)
    real, fake = (pyramid(lab_to_rgb(drawn(color))) for color in ((40, 20), (0, 0)))
    lightness = torch.full((1, 1, 64, 64), 60.0)
    optimizer = torch.optim.Adam(discriminator.parameters(), 3e-3)
    losses = []
    for _ in range(30):
        loss = discriminator_loss(discriminator, real, fake, lightness, 0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    assert realism_loss(discriminator(real, lightness)) < realism_loss(
        discriminator(fake, lightness)
    )


def test_the_penalty_is_the_squared_slope_at_photographs() -> None:
    """A discriminator whose scores are twice the mean of its features has a slope that is known."""

    class Twice(nn.Module):
        def forward(self, features, lightness):
            return [2 * level.mean(dim=1, keepdim=True) for level in features[1:]]

    features = [torch.ones(3, 4, 8, 8) for _ in range(5)]
    lightness = torch.zeros(3, 1, 8, 8)
    plain, punished = (
        discriminator_loss(Twice(), features, features, lightness, penalty) for penalty in (0, 1)
    )
    slope = 2 / (4 * 8 * 8)  # of the mean score over each of 4 * 8 * 8 features
    assert (punished - plain).item() == pytest.approx(4 * 8 * 8 * slope**2, rel=1e-3)


def test_the_chroma_of_pictures_without_hints_is_compared() -> None:
    truth = torch.cat([drawn((40, 20)), drawn((40, 20))])[:, 1:]
    painted = truth * torch.tensor([0.5, 1.5]).view(2, 1, 1, 1)
    hints = torch.zeros(2, 3, 64, 64)
    assert chroma_gap(truth, truth, hints) == 0
    assert chroma_gap(painted, truth, hints).item() == pytest.approx(0, abs=1e-3)
    hints[1, 2, 5, 5] = 1  # the vivid one is told its colours
    alone = chroma_gap(painted, truth, hints).item()
    assert alone == pytest.approx(0.5 * np.hypot(40, 20) / 4 / 10, rel=0.01)
    hints[:, 2, 5, 5] = 1
    assert chroma_gap(painted, truth, hints).item() == pytest.approx(0, abs=1e-3)


def test_the_chroma_gap_is_the_mean_over_those_that_are_chosen() -> None:
    torch.manual_seed(0)
    predicted, truth = 40 * torch.randn(2, 4, 2, 8, 8)
    for hinted in ([], [0], [1, 3], [0, 1, 2, 3]):
        hints = torch.zeros(4, 3, 8, 8)
        hints[hinted, 2, 3, 3] = 1
        chosen = [one for one in range(4) if one not in hinted] or [0, 1, 2, 3]
        chroma = [(ab[chosen].square().sum(dim=1) + 1e-2).sqrt() for ab in (predicted, truth)]
        expected = (chroma[0].mean() - chroma[1].mean()).abs() / 10
        torch.testing.assert_close(chroma_gap(predicted, truth, hints), expected)


class Unread(TorchDispatchMode):
    """Refuse what makes a processor wait for its device: reading, and choosing by a mask."""

    WAITS = ("_local_scalar_dense", "nonzero", "masked_select", "is_nonzero", "equal")

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        assert function.overloadpacket.__name__ not in self.WAITS, function
        if function.overloadpacket.__name__.startswith("index"):
            chosen = [one for arg in args if isinstance(arg, list) for one in arg]
            assert not any(one is not None and one.dtype == torch.bool for one in chosen), function
        return function(*args, **kwargs or {})


def test_no_figure_is_read_from_the_device_in_a_step(folder) -> None:
    one, photos = network(), find_photos(folder / "data")
    data = DataConfig(size=64, hints=0.5, aged=0.5, recolored=0.5, rotation=9, flip="both")
    finish = FinishLoss(one, PLAIN)
    finish.optimizer.step = lambda: None  # the number of its steps is on the processor
    task = Colorization(
        one, photos, photos, data, LossConfig(), 1.0, folder, seed=1, whole_loss=finish
    )
    batch = task.collate([task.samples[number] for number in range(8)])
    assert 0 < len(batch.authentic) < 8
    with Unread():
        loss, figures = task.loss(one, batch)
        loss.backward()
    assert all(isinstance(value, torch.Tensor) for value in figures.values())
    assert {"entropy", "error", "realism"} <= figures.keys()


def test_a_step_looks_for_nothing_outside_its_device(folder) -> None:
    """On a pretended CUDA device: what is left on the processor, or read, is refused."""
    one, photos = network(), find_photos(folder / "data")
    data = DataConfig(size=64, hints=0.5, aged=0.5, recolored=0.5, rotation=9, flip="both")
    finish = FinishLoss(one, dataclasses.replace(PLAIN, adversarial=0.0))
    config = LossConfig(difference="CIEDE2000")
    task = Colorization(one, photos, photos, data, config, 1.0, folder, whole_loss=finish)
    crops = task.collate([task.samples[number] for number in range(8)])
    assert len(crops.thing_crops)
    assert len(crops.degraded)
    with FakeTensorMode(allow_non_fake_inputs=True):
        for module in (*one.modules(), *finish.pyramid.modules()):
            for kept in (module._parameters, module._buffers):
                for name, value in kept.items():
                    kept[name] = None if value is None else torch.empty_like(value, device="cuda")
        task.objective.weights = torch.empty(len(task.objective.bins), device="cuda")
        on_device = dataclasses.replace(
            crops,
            **{
                field.name: torch.empty_like(getattr(crops, field.name), device="cuda")
                for field in dataclasses.fields(crops)
                if isinstance(getattr(crops, field.name), torch.Tensor)
            },
        )
        with torch.no_grad():
            loss, figures = task.loss(one, on_device)
    assert {value.device.type for value in (loss, *figures.values())} == {"cuda"}


def batch_of(folder, count=3, **changes):
    config = DataConfig(size=64, **changes)
    samples = Photographs(find_photos(folder / "data"), config, seed=1)
    return samples.batch(range(count))


def network() -> Vivid:
    torch.manual_seed(0)
    config = VividConfig(encoder="tf_efficientnet_lite0", weights="none", widths=(16, 16, 16))
    return Vivid(dataclasses.replace(config, bottleneck=32))


def test_the_network_learns_from_the_loss_and_the_discriminator_from_its_own(folder) -> None:
    one, batch = network(), batch_of(folder)
    painted = FinishLoss(one, PLAIN)
    before = {name: value.clone() for name, value in painted.discriminator.state_dict().items()}
    loss, figures = painted(one(batch.lab[:, :1], batch.hints), batch)
    assert figures.keys() == {"features", "chroma", "discriminator", "realism"}
    assert 1.5 < figures["discriminator"] < 3  # it knows nothing yet: 2 by chance
    learnt = painted.discriminator.state_dict()
    changed = {name for name, value in learnt.items() if not value.equal(before[name])}
    assert changed
    assert not any("projection" in name for name in changed)
    painted.optimizer.zero_grad()
    loss.backward()
    assert one.head.weight.grad.abs().max() > 0
    assert all(value.grad is None for value in painted.discriminator.parameters())


def test_only_authentic_pictures_are_shown_to_the_discriminator(folder) -> None:
    one = network()
    for changes in ({"sharp": "*.webp"}, {"recolored": 1.0}):
        batch = batch_of(folder, **changes)
        assert not len(batch.authentic)
        painted = FinishLoss(one, PLAIN)
        before = {name: value.clone() for name, value in painted.discriminator.state_dict().items()}
        _, figures = painted(one(batch.lab[:, :1], batch.hints), batch)
        assert figures["discriminator"] == figures["realism"] == 0
        learnt = painted.discriminator.state_dict()
        assert all(value.equal(before[name]) for name, value in learnt.items())
    assert batch_of(folder, sharp="*.png").authentic.tolist() == [0, 1, 2]


def test_alone_gradients_stay_as_they_are() -> None:
    parameter = nn.Parameter(torch.ones(2))
    average_gradients([parameter])
    assert parameter.grad is None


def command(folder, run):
    words = ["train", folder / "finish.toml", "--data", folder / "data", "--out", folder / run]
    return CliRunner().invoke(main, [str(word) for word in words])


def learn(folder, run) -> None:
    """Train as the command does, without the export."""
    config = load_config(folder / "finish.toml")
    train(config, folder / "data", folder / run, report=lambda progress: None)


@pytest.mark.slow
def test_a_finish_goes_on_exactly_with_its_discriminator(folder) -> None:
    (folder / "finish.toml").write_text(CONFIG)
    learn(folder, "whole")
    lines = [json.loads(line) for line in (folder / "whole/log.jsonl").read_text().splitlines()]
    assert {"features", "chroma", "discriminator", "realism"} <= lines[0].keys()
    assert "middle edges missed" in lines[-1]
    (folder / "finish.toml").write_text(CONFIG.replace("steps = 4", "steps = 2"))
    learn(folder, "part")
    shutil.copytree(folder / "part", folder / "on")
    config = json.loads((folder / "whole/config.json").read_text())
    (folder / "on/config.json").write_text(json.dumps(config))
    (folder / "finish.toml").write_text(CONFIG)
    on = command(folder, "on")
    assert on.exit_code == 0, on.output
    one, two = (load_checkpoint(folder / run) for run in ("whole", "on"))
    for name in ("network", "average"):
        assert all(value.equal(two[name][key]) for key, value in one[name].items())
    first, second = (found["beside"]["discriminator"] for found in (one, two))
    assert all(value.equal(second[key]) for key, value in first.items())
    assert (folder / "on/model.onnx").exists()
