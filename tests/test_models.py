import pytest
import timm
import torch

from photochrom.errors import ConfigError, ModelError
from photochrom.models import registry
from photochrom.models.encoder import Encoder, imagenet_weights

LITE = "tf_efficientnet_lite0"


@pytest.mark.parametrize("name", registry.NETWORKS)
def test_every_network_paints_in_lab_units(name) -> None:
    entry = registry.find(name)
    network = entry.network(entry.config(encoder=LITE, weights="none", frozen=2)).eval()
    with torch.no_grad():
        ab = network.paint(network(torch.rand(2, 1, 64, 96) * 100), torch.tensor(0.5))
    assert ab.shape == (2, 2, 16, 24)
    assert ab.dtype == torch.float32
    assert ab.abs().max() <= 110


def test_unknown_networks_and_encoders_are_explained() -> None:
    with pytest.raises(ConfigError, match=r"did you mean vivid\?"):
        registry.find("vivd")
    with pytest.raises(ModelError, match="did you mean tf_efficientnet_lite0"):
        Encoder("tf_efficientnet_lite00", weights="none")


def test_frozen_levels_stay_as_they_are() -> None:
    encoder = Encoder(LITE, weights="none", frozen=2).train()
    sum(feature.sum() for feature in encoder(torch.rand(2, 1, 64, 64))).backward()
    assert encoder.body.conv_stem.weight.grad is None
    assert not encoder.body.bn1.training
    assert encoder.body.blocks[2][0].conv_pw.weight.grad is not None


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
    with pytest.raises(ModelError, match="cannot read encoder weights"):
        imagenet_weights(LITE, str(tmp_path / "x.pth"))
    torch.save({"a": torch.zeros(3)}, tmp_path / "y.pth")
    with pytest.raises(ModelError, match="are not those of"):
        imagenet_weights(LITE, str(tmp_path / "y.pth"))
