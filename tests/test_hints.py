import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from photochrom import Colorizer, HintError, ModelError
from photochrom.cli.main import main
from photochrom.hints import MOST, parse, read, to_ab, to_planes
from photochrom.models.vivid import Vivid, VividConfig
from photochrom.training.export import export


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """An untrained Vivid: it takes hints, whatever it makes of them."""
    torch.manual_seed(0)
    network = Vivid(VividConfig(encoder="tf_efficientnet_lite0", weights="none")).train()
    with torch.no_grad():
        for _ in range(20):  # so that normalisation knows what it sees, and signals pass through
            network(torch.rand(4, 1, 64, 64) * 100, torch.rand(4, 3, 64, 64) * 50)
    network.head.weight.data *= 20
    network.eval()
    path = tmp_path_factory.mktemp("model") / "hinted.onnx"
    export(network, path, {"name": "hinted", "size": 64}, [torch.rand(3, 64, 64) * 100])
    return path


def test_colours_and_places() -> None:
    np.testing.assert_allclose(to_ab("#ff0000"), [80.09, 67.20], atol=0.02)
    planes = to_planes([(100, 50, "#ff0000")], (200, 100), (40, 20))
    assert planes.shape == (3, 20, 40)
    assert planes[2].sum() == 9
    assert planes[2, 10, 20] == 1
    np.testing.assert_allclose(planes[:2, 10, 20], to_ab("#ff0000"))
    assert planes[:2, planes[2] == 0].max() == 0
    assert to_planes([(0, 0, "#00ff00"), (199, 99, "#00ff00")], (200, 100), (40, 20))[2].sum() == 8


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        ([(200, 5, "#ffffff")], "200,5 is outside the picture of 200 x 100"),
        ([(-1, 5, "#ffffff")], "outside"),
        ([(5, 5, "crimsonish")], "is no colour; write it as #rrggbb"),
        ([(5, 5, "#ffffff")] * (MOST + 1), f"at most {MOST}"),
    ],
)
def test_wrong_hints_are_explained(hints, message) -> None:
    with pytest.raises(HintError, match=message):
        to_planes(hints, (200, 100), (40, 20))


def test_hints_are_read(tmp_path) -> None:
    assert parse("3, 4.5, #a03020") == (3, 4.5, "#a03020")
    for text in ("3,4", "a,b,#000000"):
        with pytest.raises(HintError, match=r"x,y,#rrggbb such as"):
            parse(text)
    (tmp_path / "h.json").write_text('[[1, 2, "#aabbcc"]]')
    assert read(tmp_path / "h.json") == [(1, 2, "#aabbcc")]
    (tmp_path / "h.json").write_text("[[1, 2]]")
    with pytest.raises(HintError, match="no JSON list of hints"):
        read(tmp_path / "h.json")
    with pytest.raises(HintError, match="no file of hints"):
        read(tmp_path / "none.json")


def test_a_model_takes_hints_or_says_that_it_does_not(model, tmp_path) -> None:
    colorizer = Colorizer(model)
    grey = np.full((64, 96), 120, np.uint8)
    plain = colorizer.colorize(grey)
    np.testing.assert_array_equal(colorizer.colorize(grey, hints=[]), plain)
    hinted = colorizer.colorize(grey, hints=[(40, 30, "#c02020")])
    assert (hinted != plain).any()
    Image.fromarray(grey).save(tmp_path / "in.png")
    words = ["colorize", str(tmp_path / "in.png"), "-m", str(model), "--hint", "40,30,#c02020"]
    assert CliRunner().invoke(main, [*words, "-o", str(tmp_path / "o.png")]).exit_code == 0
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "o.png")), hinted)
    outside = CliRunner().invoke(main, [*words, "--hint", "900,1,#000000", "--overwrite"])
    assert outside.exit_code == 1
    assert "outside the picture" in outside.output


def test_hints_are_for_one_picture(tmp_path) -> None:
    for name in "ab":
        Image.new("L", (40, 40), 90).save(tmp_path / f"{name}.png")
    words = ["colorize", str(tmp_path), "--hint", "1,1,#000000"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "hints belong to one picture, and there are 2" in result.output


def test_models_without_hints_say_so(tmp_path) -> None:
    from photochrom.models.alpha import Alpha, AlphaConfig

    path = tmp_path / "alpha.onnx"
    export(Alpha(AlphaConfig()).eval(), path, {"name": "a", "size": 64}, [torch.rand(3, 64, 64)])
    with pytest.raises(ModelError, match="the model a takes no hints"):
        Colorizer(path).colorize(np.zeros((64, 64), np.uint8), hints=[(1, 1, "#ffffff")])
