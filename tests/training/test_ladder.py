from pathlib import Path

import pytest
import skimage.data
import torch
from click.testing import CliRunner
from PIL import Image

from photochrom.cli.main import main
from photochrom.inference import zoo
from photochrom.networks import registry
from photochrom.networks.alpha import AlphaConfig
from photochrom.networks.beta import BetaConfig
from photochrom.networks.full import FullConfig
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


def climb(*words, data="in", out="out"):
    return CliRunner().invoke(main, ["ladder", "--data", data, "--out", out, *words])


@pytest.fixture
def learnt(monkeypatch):
    """Pretend to train; what is learnt from what, and with which config."""
    lessons = []

    def learn(config, data, *rest, **options) -> None:
        lessons.append((config.network, data))

    monkeypatch.setattr("photochrom.training.ladder.train", learn)
    monkeypatch.setattr(
        "photochrom.training.ladder.export_run", lambda run, data: (zoo.find("beta"), 0.0)
    )
    return lessons


@pytest.mark.slow
def test_every_rung_is_on_the_page(folder, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    make_runs(folder / "out")
    result = climb()
    assert result.exit_code == 0, result.output
    assert "skipped" in result.output
    assert "CIEDE2000" in result.output
    assert "truth" not in result.output
    page = (folder / "out/ladder.html").read_text()
    for word in ("a.png: alpha", "a.png: truth", "grey.png: vivid", "1.00 M", "CIEDE2000"):
        assert word in page
    assert "grey.png: truth" not in page
    assert "left out" not in page
    assert "How they learnt" in page


@pytest.mark.slow
def test_by_default_photographs_that_come_along_are_coloured(tmp_path, monkeypatch, learnt) -> None:
    monkeypatch.chdir(tmp_path)  # anywhere: configs and photographs are in the packages
    result = CliRunner().invoke(main, ["ladder"])
    assert result.exit_code == 0, result.output
    assert learnt == [("alpha", Path("runs/ladder/pictures/astronaut.png"))]
    page = (tmp_path / "runs/ladder/ladder.html").read_text()
    assert "coffee.png: truth" in page
    assert "left out" not in page
    assert "chelsea.png: full" in page


def test_grey_pictures_have_a_page_without_figures(folder, monkeypatch, learnt) -> None:
    monkeypatch.chdir(folder)
    (folder / "in/a.png").unlink()
    result = climb()
    assert result.exit_code == 0, result.output
    assert "alpha is left out: it learns from a picture with colours, and all are grey" in (
        result.output
    )
    assert not learnt
    page = (folder / "out/ladder.html").read_text()
    assert "grey.png: vivid" in page
    assert "The figures" not in page


@pytest.mark.slow
def test_alpha_learns_the_first_picture_with_colours_and_others_photographs(
    folder, monkeypatch, learnt
) -> None:
    monkeypatch.chdir(folder)
    (folder / "in/a.png").rename(folder / "in/z.png")
    assert climb("--photos", "in").exit_code == 0
    assert learnt == [
        ("alpha", Path("in/z.png")),
        *((rung, Path("in")) for rung in ("beta", "full")),
    ]


def test_photographs_that_are_not_there_are_named_before_any_training(
    folder, monkeypatch, learnt
) -> None:
    monkeypatch.chdir(folder)
    result = climb("--photos", "nowhere")
    assert result.exit_code == 1
    assert "nowhere: there is no such file or folder" in result.output
    assert not learnt
