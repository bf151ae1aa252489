import shutil

import pytest
import skimage.data
import torch
from click.testing import CliRunner
from PIL import Image

from photochrom import zoo
from photochrom.cli.main import main
from photochrom.errors import DataError
from photochrom.models import registry
from photochrom.models.alpha import AlphaConfig
from photochrom.models.beta import BetaConfig
from photochrom.models.full import FullConfig
from photochrom.training.export import export

CONFIGS = {
    "alpha": AlphaConfig(),
    "beta": BetaConfig(),
    "full": FullConfig(classifier="tf_efficientnet_lite0", weights="none"),
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    Image.fromarray(skimage.data.astronaut()).resize((96, 64)).save(tmp_path / "in/a.png")
    Image.fromarray(skimage.data.camera()).resize((64, 64)).save(tmp_path / "in/grey.png")
    (tmp_path / "in/broken.jpg").write_text("no picture")
    return tmp_path


def make_runs(out) -> None:
    """Untrained networks in the place of trained ones: the page does not know."""
    for name, config in CONFIGS.items():
        (out / name).mkdir(parents=True)
        network = registry.find(name).network(config).eval()
        about = {"name": name, "size": 64, "parameters": 1_000_000}
        about["curve"] = [[16, 1.0, 0.1], [32, 0.9, 0.3]]
        export(network, out / name / "model.onnx", about, [torch.rand(3, 64, 64) * 100])


def test_every_rung_is_on_the_page(folder) -> None:
    make_runs(folder / "out")
    arguments = ["ladder", "--data", str(folder / "in"), "--out", str(folder / "out")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "skipped" in result.output
    assert "truth" in result.output
    page = (folder / "out/ladder.html").read_text()
    for word in ("a.png: alpha", "a.png: truth", "grey.png: vivid", "1.00 M", "CIEDE2000"):
        assert word in page
    assert "grey.png: truth" not in page
    assert "How they learnt" in page


def test_alpha_learns_the_first_picture_that_has_colours(folder, monkeypatch) -> None:
    (folder / "in/a.png").rename(folder / "in/z.png")
    learnt = []

    def learn(config, data, *rest, **options) -> None:
        learnt.append(data)
        raise DataError("that is enough")

    monkeypatch.setattr("photochrom.ladder.train", learn)
    CliRunner().invoke(main, ["ladder", "--data", str(folder / "in"), "--out", str(folder / "out")])
    assert learnt == [folder / "in/z.png"]


def test_a_missing_rung_needs_photographs(folder, monkeypatch) -> None:
    make_runs(folder / "out")
    shutil.rmtree(folder / "out/beta")
    monkeypatch.setattr(zoo, "names", lambda: ["vivid"])
    arguments = ["ladder", "--data", str(folder / "in"), "--out", str(folder / "out")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "no model of beta: name photographs to train it on with --photos" in result.output
