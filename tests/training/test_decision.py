"""Which colour is painted: a decision that learns from what an evaluation prints."""

import json
import shutil

import numpy as np
import pytest
import skimage.data
import torch
from click.testing import CliRunner

from photochrom.cli.main import main
from photochrom.color.upsampling import unsharp_mask
from photochrom.evaluation import metrics
from photochrom.evaluation.color_errors import color_errors
from photochrom.networks.bins import ColorBins
from photochrom.networks.decision import Decision
from photochrom.networks.vivid import SHARPENED, Vivid, VividConfig
from photochrom.training.config import DecisionConfig
from photochrom.training.decision_loss import DecisionLoss, colorfulness, sharpened, soft_shares
from photochrom.training.export import export
from photochrom.training.lab import samples_to_lab
from photochrom.training.warm_start import start_from

ASKED = DecisionConfig(edges_missed=0.3, false_edges=0.3, left_grey=1.0, false_color=1.0)
CONFIG = """
network = "vivid"
[model]
encoder = "tf_efficientnet_lite0"
weights = "none"
bottleneck = 32
widths = [16, 16, 16]
decision = "alone"
[data]
size = 64
[loss]
regression = 0.0
[decision]
left_grey = 1.0
false_color = 1.0
[loop]
steps = 3
batch = 2
warmup = 0.0
cooldown = 0.0
workers = 0
validate_every = 10
compile = false
[export]
size = 64
"""


def build(decision="learnt") -> Vivid:
    torch.manual_seed(0)
    return Vivid(
        VividConfig(
            encoder="tf_efficientnet_lite0",
            weights="none",
            bottleneck=32,
            widths=(16, 16, 16),
            decision=decision,
        )
    )


def two_worlds(bins):
    """Logits of a place that is surely pale, and of one that is grey or red, and the red itself."""
    ab = torch.tensor([[15.0, 0.0], [0.0, 0.0], [60.0, 0.0]]).view(3, 2, 1, 1)
    index, weight = bins.encode(ab)
    shares = torch.zeros(3, len(bins), 1, 1).scatter_add(1, index, weight)
    pale, grey, red = shares.unbind()
    doubtful = 0.75 * grey + 0.25 * red
    return (torch.stack([pale, doubtful]) + 1e-6).log()


def test_a_decision_is_the_sharpened_mean_at_first() -> None:
    bins = ColorBins()
    logits = 3 * torch.randn(2, len(bins), 5, 7)
    for decided in Decision(bins, SHARPENED)(logits):
        torch.testing.assert_close(decided, bins.mean(logits / SHARPENED), atol=1e-3, rtol=1e-4)


def test_a_decision_tells_places_apart_that_have_the_same_mean() -> None:
    torch.manual_seed(0)
    bins = ColorBins()
    logits = two_worlds(bins)
    torch.testing.assert_close(bins.mean(logits)[0], bins.mean(logits)[1], atol=0.1, rtol=0)
    decision = Decision(bins, SHARPENED)
    optimizer = torch.optim.Adam(decision.parameters(), 1e-2)
    wanted = torch.tensor([[15.0, 0.0], [0.0, 0.0]]).view(2, 2, 1, 1)
    for _ in range(150):
        optimizer.zero_grad()
        middle, natural = decision(logits)
        ((middle - wanted).square().mean() + (natural - 5).square().mean()).backward()
        optimizer.step()
    middle, natural = decision(logits)
    assert middle[0, 0].item() > 10
    assert middle[1].norm().item() < 5
    torch.testing.assert_close(natural, torch.full_like(natural, 5), atol=1, rtol=0)


@pytest.mark.parametrize("decision", ["learnt", "alone"])
def test_what_learns_beside_a_decision_is_chosen(decision) -> None:
    network = build(decision).train()
    learning = {name.split(".")[0] for name, one in network.named_parameters() if one.requires_grad}
    assert (learning == {"decision"}) == (decision == "alone")
    assert network.bottleneck.training == (decision == "learnt")
    assert network.decision.training
    assert not network.eval().decision.training


def test_a_decision_that_learns_alone_leaves_the_distribution_as_it_is() -> None:
    network = build("alone").train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    batch = type("Batch", (), {"lab": 100 * torch.rand(2, 3, 64, 64) - torch.tensor(50.0)})()
    batch.lab[:, 0] += 50
    optimizer = torch.optim.SGD([v for v in network.parameters() if v.requires_grad], 1e-2)
    loss, _ = DecisionLoss(network, ASKED)(network(batch.lab[:, :1]), batch)
    loss.backward()
    optimizer.step()
    found = network.state_dict()
    changed = {name.split(".")[0] for name in before if not before[name].equal(found[name])}
    assert changed == {"decision"}


def test_a_decision_is_exported_and_started_from(tmp_path) -> None:
    network = build().eval()
    for value in (*network.decision.parameters(), *network.decision.buffers()):
        if value.dtype == torch.float32 and value.shape != network.decision.table.shape:
            value.data += 0.2 * torch.rand_like(value)
    assert network.outputs[:2] == ("ab", "natural")
    pictures = [torch.rand(3, *size) * 100 for size in ((64, 64), (96, 160))]
    assert export(network, tmp_path / "m.onnx", {"name": "x", "size": 64}, pictures) < 0.5
    other = build().eval()
    start_from(other, tmp_path / "m.onnx")
    logits = network(torch.rand(1, 1, 64, 64) * 100)
    for found, wanted in zip(other.ends(logits), network.ends(logits), strict=True):
        torch.testing.assert_close(found, wanted, atol=0.05, rtol=0)
    plain = build("none")
    start_from(plain, tmp_path / "m.onnx")  # without a decision, which can be learnt again
    torch.testing.assert_close(plain.head.weight, network.head.weight, atol=1e-3, rtol=0)
    export(build("none"), tmp_path / "m.onnx", {"name": "x", "size": 64}, pictures)
    start_from(other, tmp_path / "m.onnx")  # which has none


def as_planes(picture):
    return samples_to_lab(torch.tensor(np.moveaxis(picture, -1, 0)))


def test_what_it_learns_from_is_what_an_evaluation_prints() -> None:
    """The shares with slopes are near those that count, at the size where both look."""
    truth = skimage.data.coffee()[::6, ::6][:64, :64]
    grey = np.repeat(truth.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    swapped = truth[..., ::-1].copy()
    for picture in (truth, grey, swapped):
        found = soft_shares(as_planes(picture)[None, 1:], as_planes(truth)[None, 1:])
        for name, share in color_errors(picture, truth).items():
            if name in found and share.whole:
                assert found[name].item() == pytest.approx(share.amount / share.whole, abs=0.08)
        both = [torch.tensor(np.moveaxis(one / 255, -1, 0))[None] for one in (picture, truth)]
        wanted = metrics.colorfulness(picture / 255) / metrics.colorfulness(truth / 255)
        ratio = colorfulness(both[0]) / colorfulness(both[1])
        assert ratio.item() == pytest.approx(wanted, abs=0.01)


def test_it_is_sharpened_as_pictures_are() -> None:
    ab = 20 * np.random.default_rng(0).standard_normal((2, 12, 17)).astype(np.float32)
    found = sharpened(torch.tensor(ab)[None], 0.4)[0].numpy()
    np.testing.assert_allclose(found, unsharp_mask(ab, 0.4), atol=1e-3)


def run(folder, config):
    (folder / "run.toml").write_text(config)
    arguments = ["train", folder / "run.toml", "--data", folder / "data", "--out", folder / "run"]
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_a_run_of_a_decision_logs_what_it_learns_from(folder) -> None:
    result = run(folder, CONFIG)
    assert result.exit_code == 0, result.output
    last = json.loads((folder / "run/log.jsonl").read_text().splitlines()[0])
    assert last.keys() >= {
        "painted error",
        "natural error",
        "edges missed",
        "left grey",
        "false colour",
    }
    assert (folder / "run/model.onnx").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[loop]", "[finish]\nchroma = 1.0\n[loop]", "weights of finish or of decision, not both"),
        ('network = "vivid"', 'network = "beta"', "decision is for vivid; beta has none"),
        ('decision = "alone"', 'decision = "never"', "decision"),
        ("left_grey = 1.0", "left_grey = -1.0", "left_grey"),
        ("left_grey = 1.0\nfalse_color = 1.0", "", "learns from [decision]; give its weights"),
    ],
)
def test_what_cannot_be_decided_is_said(old, new, said, folder) -> None:
    config = CONFIG.replace(old, new)
    if "beta" in new:
        start, end = config.index("[model]"), config.index("[data]")
        config = config[:start] + config[end:]
    result = run(folder, config)
    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output
    shutil.rmtree(folder / "run", ignore_errors=True)


def test_natural_colours_learn_to_be_near_and_the_middle_ones_what_is_asked() -> None:
    """How colourful the middle ones should be is no matter of natural colours."""
    network = build("alone").train()
    lab = torch.rand(1, 3, 64, 64) * 60 - torch.tensor([0.0, 30.0, 30.0]).view(3, 1, 1)
    batch = type("Batch", (), {"lab": lab})()
    slopes = []
    for asked in (0.0, 50.0):
        network.zero_grad()
        loss, _ = DecisionLoss(network, DecisionConfig(colorfulness=asked))(
            network(lab[:, :1]), batch
        )
        loss.backward()
        slopes.append(network.decision.layers[-1].bias.grad.clone())
    assert not torch.allclose(slopes[0][:3], slopes[1][:3], rtol=0.01)
    torch.testing.assert_close(slopes[0][3:], slopes[1][3:])
    assert slopes[0][3:].abs().max() > 0
