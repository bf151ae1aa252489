import numpy as np
import pytest
import skimage.data
import torch
from click.testing import CliRunner
from PIL import Image

from photochrom import Colorizer, HintError, ModelError
from photochrom.cli.main import main
from photochrom.guidance.hints import MAX_HINTS, parse, read, to_ab, to_planes
from photochrom.networks.vivid import Vivid, VividConfig
from photochrom.training.export import export

CAMERA = skimage.data.camera()


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
        ([(5, 5, "#ffffff")] * (MAX_HINTS + 1), f"at most {MAX_HINTS}"),
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
    assert "hints and proposals are for one picture, not for 2" in result.output


def test_colours_are_suggested_for_a_place(model) -> None:
    colours = Colorizer(model).suggest(CAMERA, 20, 30, 4)
    assert 1 <= len(colours) <= 4
    assert len(set(colours)) == len(colours)
    to_planes([(20, 30, colour) for colour in colours], (512, 512), (64, 64))
    with pytest.raises(HintError, match="900,3 is outside the picture of 512 x 512"):
        Colorizer(model).suggest(CAMERA, 900, 3)


def test_proposals_are_written_side_by_side_and_differ(model, tmp_path) -> None:
    Image.fromarray(CAMERA).save(tmp_path / "in.png")
    words = ["colorize", str(tmp_path / "in.png"), "-m", str(model), "--proposals", "3"]
    assert CliRunner().invoke(main, [*words, "-o", str(tmp_path / "o.png")]).exit_code == 0
    made = [np.asarray(Image.open(tmp_path / f"o-{number}.png")) for number in (1, 2, 3)]
    np.testing.assert_array_equal(made[0], Colorizer(model).colorize(CAMERA)[..., :3])
    assert all((made[one] != made[two]).any() for one, two in ((0, 1), (0, 2), (1, 2)))
    first, second = (Colorizer(model).propose(CAMERA, 3) for _ in range(2))
    assert first == second
    assert first[0] == []
    both = CliRunner().invoke(main, [*words, "--hint", "1,1,#000000"])
    assert both.exit_code == 2


def test_a_reference_gives_its_colours(model, tmp_path) -> None:
    colorizer = Colorizer(model)
    hints = colorizer.match(CAMERA, skimage.data.astronaut())
    assert 0 < len(hints) <= 60
    painted = colorizer.colorize(CAMERA, reference=skimage.data.astronaut())
    np.testing.assert_array_equal(painted, colorizer.colorize(CAMERA, hints=hints))
    Image.fromarray(CAMERA).save(tmp_path / "in.png")
    words = ["colorize", str(tmp_path / "in.png"), "-m", str(model), "-o", str(tmp_path / "o.png")]
    refused = CliRunner().invoke(main, [*words, "--reference", str(tmp_path / "in.png")])
    assert refused.exit_code == 1
    assert "the reference has no colours to take" in refused.output
    assert not (tmp_path / "o.png").exists()


def test_models_without_hints_say_so(tmp_path) -> None:
    from photochrom.networks.alpha import Alpha, AlphaConfig

    path = tmp_path / "alpha.onnx"
    export(Alpha(AlphaConfig()).eval(), path, {"name": "a", "size": 64}, [torch.rand(3, 64, 64)])
    with pytest.raises(ModelError, match="the model a takes no hints"):
        Colorizer(path).colorize(np.zeros((64, 64), np.uint8), hints=[(1, 1, "#ffffff")])
    with pytest.raises(ModelError, match="the model a has no proposals, suggestions"):
        Colorizer(path).propose(np.zeros((64, 64), np.uint8))
