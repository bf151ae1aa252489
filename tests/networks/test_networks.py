import dataclasses

import numpy as np
import onnx
import pytest
import skimage.data
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

from photochrom import Colorizer
from photochrom.errors import ConfigError, DataError, ModelError
from photochrom.inference.devices import Session
from photochrom.inference.model import chroma_gain
from photochrom.networks import registry
from photochrom.networks.alpha import AlphaConfig
from photochrom.networks.beta import BetaConfig
from photochrom.networks.encoder import Encoder
from photochrom.networks.full import Classifier, Full, FullConfig
from photochrom.networks.imagenet import imagenet_weights
from photochrom.networks.vivid import VividConfig, shrink_hints
from photochrom.training.config import LossConfig
from photochrom.training.data.embeddings import embeddings
from photochrom.training.data.sources import find_photos
from photochrom.training.distillation import Teacher, divergence
from photochrom.training.export import export
from photochrom.training.objectives import objective
from photochrom.training.warm_start import start_from

LITE = "tf_efficientnet_lite0"


CONFIGS = {
    "alpha": AlphaConfig(),
    "beta": BetaConfig(),
    "full": FullConfig(classifier=LITE, weights="none"),
    "vivid": VividConfig(encoder=LITE, weights="none", frozen=2),
}


def build(name):
    torch.manual_seed(0)
    return registry.find(name).network(CONFIGS[name])


@pytest.mark.parametrize("name", registry.NETWORKS)
def test_every_network_paints_in_lab_units(name) -> None:
    network = build(name).eval()
    with torch.no_grad():
        ab = network.to_ab(network(torch.rand(2, 1, 64, 96) * 100))
    assert ab.shape[:2] == (2, 2)
    assert 64 % ab.shape[2] == 0
    assert ab.shape[3] * 2 == ab.shape[2] * 3
    assert ab.dtype == torch.float32
    assert ab.abs().max() <= 128


LEARNT = [
    *((name, "ab") for name in registry.NETWORKS),
    ("beta", "CIEDE2000"),
    ("vivid", "CIEDE2000"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "difference"), LEARNT)
def test_every_network_learns(name, difference) -> None:
    network = build(name).train()
    learn = objective(network, LossConfig(difference=difference))
    optimizer = torch.optim.Adam((p for p in network.parameters() if p.requires_grad), 1e-3)
    lightness, ab = torch.rand(4, 1, 32, 32) * 100, torch.tensor([30.0, -20.0]).view(1, 2, 1, 1)
    losses = []
    for _ in range(12):
        output = network(lightness)
        loss, _ = learn(output, ab.expand(4, 2, *output.shape[2:]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.95 * losses[0]


BITS = {"beta": 8, "vivid": 8}  # of one that gives ab, and of one that gives a distribution


@pytest.mark.parametrize(("name", "bits"), [(one, BITS.get(one, 16)) for one in registry.NETWORKS])
def test_every_network_is_exported_as_it_is(name, bits, tmp_path) -> None:
    network = build(name).eval()
    about = {"name": name, "size": 64}
    lab = torch.rand(3, 96, 64) * 100
    assert export(network, tmp_path / "m.onnx", about, [lab], bits=bits) < 0.5
    colorizer = Colorizer(tmp_path / "m.onnx")
    assert colorizer.info["name"] == name
    assert colorizer.colorize(np.full((40, 70), 90, np.uint8)).shape == (40, 70, 3)


def test_weights_that_eight_bits_would_ruin_keep_sixteen(tmp_path) -> None:
    network = build("beta").eval()
    before, ruined = network.encoder[5][0], network.encoder[6][0]
    with torch.no_grad():
        before.weight[0] = before.bias[0] = 0  # nothing comes from there,
        ruined.weight[:, 0] = 50  # so that this only makes the steps of eight bits too large
        network.decoder[-1].layer.weight.mul_(3)
    path = tmp_path / "m.onnx"
    assert export(network, path, {"size": 64}, [torch.rand(3, 96, 64) * 100], bits=8) < 0.5
    stored = [one.data_type for one in onnx.load(path).graph.initializer]
    assert stored.count(onnx.TensorProto.FLOAT16) == 1
    assert stored.count(onnx.TensorProto.INT8) > 3


@pytest.mark.parametrize("name", [*registry.NETWORKS, "queries"])
def test_every_exported_network_takes_several_pictures_at_once(name, tmp_path) -> None:
    network = (with_queries() if name == "queries" else build(name)).eval()
    for value in network.parameters():
        value.data += 0.02 * torch.randn_like(value)
    lab = torch.rand(3, 64, 96) * 100
    export(network, tmp_path / "m.onnx", {"name": name, "size": 64}, [lab])
    session = Session(tmp_path / "m.onnx", threads=1)
    assert session.takes_batches
    feeds = {"lightness": (torch.rand(3, 1, 64, 32) * 100).numpy()}
    if "hints" in session.inputs:
        feeds["hints"] = np.zeros((3, 3, 64, 32), np.float32)
        feeds["hints"][1, :, 10:14, 20:24] = np.array([50, -30, 1])[:, None, None]
    names = sorted(session.outputs)
    together = session.run(names, feeds)
    for number in range(3):
        alone = session.run(names, {key: value[[number]] for key, value in feeds.items()})
        for output, one, all_of_them in zip(names, alone, together, strict=True):
            wanted = all_of_them if output == "centres" else all_of_them[[number]]
            np.testing.assert_allclose(one, wanted, atol=1e-3)


def test_full_is_told_by_the_embedding() -> None:
    network = build("full").eval()
    network.fusion.picture.weight.data *= 100
    lightness = torch.rand(1, 1, 64, 64) * 100
    with torch.no_grad():
        one, two = (network(lightness, torch.full((1, 1000), value)) for value in (0.0, 1.0))
        torch.testing.assert_close(one, two)  # an even embedding is normalised away
        assert not torch.allclose(network(lightness, torch.randn(1, 1000)), one)
        whole = network(lightness)
    torch.testing.assert_close(whole, network(lightness, network.classifier(lightness)))


def test_the_classifier_sees_the_scale_that_its_weights_expect() -> None:
    classifier = Classifier("inception_resnet_v2", "none")
    for lightness, wanted in ((0.0, -1.0), (50.0, 0.0), (100.0, 1.0)):
        scaled = lightness * classifier.scale + classifier.shift
        torch.testing.assert_close(scaled, torch.full((1, 3, 1, 1), wanted))


def test_unknown_classifiers_are_explained() -> None:
    with pytest.raises(ModelError, match=r"did you mean inception_resnet_v2\?"):
        Classifier("inception_resnet_v3", "none")


@pytest.mark.slow
def test_embeddings_are_computed_once_and_belong_to_a_classifier(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("photochrom.training.data.embeddings._BATCH", 2)
    for name in range(3):
        Image.fromarray(skimage.data.chelsea()[: 200 + name]).save(tmp_path / f"{name}.png")
    pictures = find_photos(tmp_path)
    classifier = Classifier(LITE, "none").eval()
    first = embeddings(classifier, LITE, pictures, tmp_path / "e.npz")
    assert first.shape == (3, 1000)
    told: list[int] = []
    again = embeddings(classifier, LITE, pictures, tmp_path / "e.npz", lambda n, of: told.append(n))
    assert torch.equal(again, first)
    assert told == []
    with np.load(tmp_path / "e.npz") as whole:  # as if it had been killed after one picture
        np.savez(tmp_path / "e.npz", key=whole["key"], embeddings=whole["embeddings"][:1])
    rest = embeddings(classifier, LITE, pictures, tmp_path / "e.npz", lambda n, of: told.append(n))
    torch.testing.assert_close(rest, first)
    assert told == [3]
    with pytest.raises(DataError, match="was made with the classifier tf_efficientnet_lite0, not"):
        embeddings(classifier, "resnet18", pictures, tmp_path / "e.npz")
    with pytest.raises(DataError, match="was made for other pictures"):
        embeddings(classifier, LITE, pictures[1:], tmp_path / "e.npz")
    for damaged in (b"", b"PK and then no archive"):
        (tmp_path / "e.npz").write_bytes(damaged)
        with pytest.raises(DataError, match=r"e\.npz holds no embeddings; remove it"):
            embeddings(classifier, LITE, pictures, tmp_path / "e.npz")


def test_weights_may_come_from_a_safetensors_file(tmp_path) -> None:
    wanted = timm.create_model(LITE).state_dict()
    save_file(wanted, tmp_path / "model.safetensors")
    found = imagenet_weights(LITE, str(tmp_path / "model.safetensors"))
    assert all(torch.equal(found[name], value) for name, value in wanted.items())
    (tmp_path / "half.safetensors").write_bytes(b"half")
    with pytest.raises(ModelError, match="the file holds no weights"):
        imagenet_weights(LITE, str(tmp_path / "half.safetensors"))


def test_unknown_networks_and_encoders_are_explained() -> None:
    with pytest.raises(ConfigError, match=r"did you mean vivid\?"):
        registry.find("vivd")
    with pytest.raises(ModelError, match="did you mean tf_efficientnet_lite0"):
        Encoder("tf_efficientnet_lite00", weights="none")
    with pytest.raises(ModelError, match="vit_tiny_patch16_224 gives no features at 1/4, 1/8"):
        Encoder("vit_tiny_patch16_224", weights="none")


def test_a_prediction_of_one_colour_has_twice_the_chroma_at_most() -> None:
    network, output = build("beta"), torch.tensor([[[[12.0]], [[-7.0]]]])
    assert torch.equal(network.to_ab(output), output)
    assert [chroma_gain(network.gains, vividness) for vividness in (0, 1)] == [1, 2]


def test_the_encoder_of_full_may_see_less_than_its_classifier() -> None:
    network = Full(FullConfig(classifier=LITE, weights="none", shrink=2)).eval()
    with torch.no_grad():
        assert network(torch.rand(1, 1, 96, 64) * 100).shape == (1, 2, 24, 16)


def test_frozen_levels_stay_as_they_are() -> None:
    encoder = Encoder(LITE, weights="none", frozen=2).train()
    sum(feature.sum() for feature in encoder(torch.rand(2, 1, 64, 64))).backward()
    assert encoder.body.conv_stem.weight.grad is None
    assert not encoder.body.bn1.training
    assert encoder.body.blocks[2][0].conv_pw.weight.grad is not None


def test_depthwise_filters_may_stay_as_they_are() -> None:
    encoder = Encoder(LITE, weights="none", depthwise=False).train()
    sum(feature.sum() for feature in encoder(torch.rand(2, 1, 64, 64))).backward()
    block = encoder.body.blocks[2][0]
    assert block.conv_dw.weight.grad is None
    assert block.conv_pw.weight.grad is not None
    assert encoder.body.conv_stem.weight.grad is not None


def test_a_checkpoint_in_the_layout_of_timm_is_loaded(tmp_path) -> None:
    whole = timm.create_model(LITE)
    torch.save(whole.state_dict(), tmp_path / "w.pth")
    encoder = Encoder(LITE, weights=str(tmp_path / "w.pth"))
    stem = whole.conv_stem.weight.sum(dim=1, keepdim=True)
    torch.testing.assert_close(encoder.body.conv_stem.weight, stem)


def test_the_packaged_weights_are_those_of_the_encoder() -> None:
    weights = imagenet_weights("tf_efficientnet_lite2")
    assert weights.keys() == timm.create_model("tf_efficientnet_lite2").state_dict().keys()


def test_other_files_are_refused(tmp_path) -> None:
    (tmp_path / "x.pth").write_text("nothing")
    with pytest.raises(ModelError, match="the file holds no weights"):
        imagenet_weights(LITE, str(tmp_path / "x.pth"))
    torch.save({"a": torch.zeros(3)}, tmp_path / "y.pth")
    with pytest.raises(ModelError, match="are not those of"):
        imagenet_weights(LITE, str(tmp_path / "y.pth"))


def test_hints_change_what_vivid_sees_and_none_are_zeros() -> None:
    network = build("vivid").eval()
    lightness, hints = torch.rand(1, 1, 64, 64) * 100, torch.zeros(1, 3, 64, 64)
    with torch.no_grad():
        without = network(lightness)
        torch.testing.assert_close(network(lightness, hints), without)
        hints[:, :, 10:14, 20:24] = torch.tensor([50.0, -30.0, 1.0]).view(1, 3, 1, 1)
        assert (network(lightness, hints) - without).abs().amax(dim=1).min() > 0


def test_small_hints_are_means_over_what_was_hinted() -> None:
    hints = torch.zeros(1, 3, 8, 8)
    hints[0, :, 1, 1] = torch.tensor([22.0, -55.0, 1.0])
    hints[0, :, 2, 3] = torch.tensor([66.0, -55.0, 1.0])
    small = shrink_hints(hints, 4)
    torch.testing.assert_close(small[0, :, 0, 0], torch.tensor([2.2, -2.75, 1.0]))
    assert small[0, :, 1, 1].tolist() == [0, 0, 0]


@pytest.mark.parametrize(("bits", "near"), [(16, 0.05), (8, 1.0)])
def test_training_starts_from_an_exported_model(bits, near, tmp_path) -> None:
    network = build("vivid")
    for value in network.parameters():
        value.data += 0.01 * torch.randn_like(value)
    path = tmp_path / "m.onnx"
    lightness = torch.rand(1, 1, 64, 64) * 100
    export(network.eval(), path, {"size": 64}, [lightness[0].expand(3, -1, -1)], bits=bits)
    other = registry.find("vivid").network(CONFIGS["vivid"])
    start_from(other, path)
    with torch.no_grad():
        one, two = (each.to_ab(each(lightness)) for each in (network, other.eval()))
    torch.testing.assert_close(one, two, atol=near, rtol=0)
    with pytest.raises(ModelError, match="is not a model to start from"):
        start_from(build("beta"), path)


def with_queries():
    torch.manual_seed(0)
    return registry.find("vivid").network(dataclasses.replace(CONFIGS["vivid"], queries=5))


def test_colour_queries_change_nothing_at_first_and_learn(tmp_path) -> None:
    plain, network = build("vivid").eval(), with_queries().eval()
    lightness = torch.rand(1, 1, 64, 96) * 100
    export(plain, tmp_path / "m.onnx", {"size": 64}, [lightness[0, :, :64, :64].expand(3, -1, -1)])
    start_from(network, tmp_path / "m.onnx")  # which has none
    with torch.no_grad():
        torch.testing.assert_close(network(lightness), plain(lightness), atol=0.05, rtol=0)
    optimizer = torch.optim.Adam(network.queries.parameters(), 1e-2)
    for _ in range(3):
        optimizer.zero_grad()
        network(lightness)[:, 0].mean().neg().backward()
        optimizer.step()
    gained = (network(lightness) - plain(lightness))[:, 0].mean()
    assert gained > 0.1
    assert all(one.grad is not None for one in network.queries.parameters())


def test_colour_queries_are_exported_and_started_from(tmp_path) -> None:
    network = with_queries().eval()
    for value in network.queries.parameters():
        value.data += 0.05 * torch.randn_like(value)
    lightness = torch.rand(1, 1, 64, 96) * 100
    pictures = [torch.rand(3, *size) * 100 for size in ((64, 64), (96, 160))]
    assert export(network, tmp_path / "m.onnx", {"name": "x", "size": 64}, pictures) < 0.5
    other = with_queries().eval()
    start_from(other, tmp_path / "m.onnx")
    with torch.no_grad():
        torch.testing.assert_close(other(lightness), network(lightness), atol=0.05, rtol=0)
    with pytest.raises(ModelError, match=r"has more layers; set model\.queries"):
        start_from(build("vivid"), tmp_path / "m.onnx")


def test_vivid_takes_encoders_of_other_families(tmp_path) -> None:
    torch.manual_seed(0)
    whole = timm.create_model("convnext_atto")
    torch.save(whole.state_dict(), tmp_path / "w.pth")
    config = VividConfig(encoder="convnext_atto", weights=str(tmp_path / "w.pth"))
    network = registry.find("vivid").network(config).eval()
    deepest = network.encoder.body.state_dict()["stages_3.blocks.1.mlp.fc2.weight"]
    torch.testing.assert_close(deepest, whole.stages[3].blocks[1].mlp.fc2.weight)
    lab = torch.rand(3, 96, 64) * 100
    assert export(network, tmp_path / "m.onnx", {"name": "x", "size": 64}, [lab]) < 0.5


@pytest.mark.slow
def test_the_classifier_is_exported_with_its_own_padding(tmp_path) -> None:
    """299 pixels are odd: padding as for even sizes would give another embedding."""
    network = build("full").eval()
    network.fusion.picture.weight.data *= 30  # an embedding that matters
    pictures = [torch.rand(3, *size) * 100 for size in ((64, 64), (96, 160))]
    assert export(network, tmp_path / "m.onnx", {"name": "full", "size": 64}, pictures) < 0.5
    assert all(network(lab[None, :1]).abs().max() > 5 for lab in pictures)


def test_a_teacher_says_of_each_place_what_its_classifier_does(tmp_path) -> None:
    path = tmp_path / "w.pth"
    torch.save(timm.create_model(LITE).state_dict(), path)
    teacher = Teacher(LITE, str(path)).train()
    colour = torch.rand(2, 3, 64, 96)
    said = teacher(colour)
    assert said.shape == (2, 1000, 2, 3)
    with torch.no_grad():
        whole = teacher.body((colour - 0.5) / 0.5)  # what timm says that Lite expects
    assert said.mean(dim=(2, 3)).allclose(whole, atol=1e-4)
    assert divergence(said, said).item() == pytest.approx(0, abs=1e-6)
    other = torch.zeros_like(said).requires_grad_()
    share = said.softmax(dim=1)
    expected = (share * (share.log() + np.log(1000))).sum(dim=1).mean()
    assert divergence(other, said).item() == pytest.approx(expected.item(), abs=1e-5)
