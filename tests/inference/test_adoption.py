"""Models of other authors: each kind of network keeps the contract once it is adopted."""

import json
import sys

import numpy as np
import platformdirs
import pytest
from click.testing import CliRunner

from photochrom import Colorizer, ModelError, list_models
from photochrom.cli.main import main
from photochrom.color.spaces import lab_to_srgb, samples_to_lightness, srgb_to_lab

onnx = pytest.importorskip("onnx")

from helpers import networks  # noqa: E402
from photochrom.inference.adoption import Adoption, adopt  # noqa: E402
from photochrom.inference.families import FAMILIES, VALUES  # noqa: E402
from photochrom.inference.model import Model  # noqa: E402

COLOR = np.array(networks.COLOR, np.float32)
RAMP = np.tile(np.linspace(0, 100, 320, dtype=np.float32), (192, 1))


@pytest.fixture(autouse=True)
def data_directory(tmp_path, monkeypatch):
    directory = tmp_path / "data/photochrom"
    monkeypatch.setenv("XDG_DATA_HOME", str(directory.parent))  # for processes, on Linux
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: directory)
    return directory


def adopted(path, family: str, **how) -> Model:
    return Model(adopt(path, Adoption(family, "CC0", **how)).name, threads=1)


def answer(model: Model, lightness=RAMP, **how):
    (ab,) = model.answer(["ab"], lightness, **how)
    return ab


def grey(lightness=RAMP):
    lab = np.stack([lightness, 0 * lightness, 0 * lightness], axis=-1)
    return np.clip(lab_to_srgb(lab), 0, 1)


def test_lightness_goes_in_and_ab_comes_out(tmp_path) -> None:
    model = adopted(networks.ab(tmp_path / "eccv.onnx", 1), "eccv16")
    expected = COLOR[:, None, None] + 10 * RAMP
    np.testing.assert_allclose(answer(model), expected, atol=1e-3)
    assert (model.size, model.takes_hints, model.info["licence"]) == (256, False, "CC0")


@pytest.mark.parametrize("values", VALUES)
def test_grey_rgb_goes_in_as_the_network_has_it(tmp_path, values) -> None:
    model = adopted(networks.ab(tmp_path / "m.onnx", 3), "rgb-to-ab", values=values)
    mean, deviation = (one[0] for one in VALUES[values])
    expected = COLOR[:, None, None] + 10 * (grey()[..., 0] - mean) / deviation
    np.testing.assert_allclose(answer(model), expected, atol=2e-4 * np.abs(expected).max())


@pytest.mark.parametrize("values", VALUES)
def test_rgb_that_comes_out_becomes_its_ab(tmp_path, values) -> None:
    deviation = np.array(VALUES[values].deviation) * np.ones(3)
    path = networks.rgb(tmp_path / "m.onnx", shift=0.1 / deviation[0])
    rgb = np.clip(grey() + 0.1 / deviation[0] * deviation, 0, 1)
    expected = np.moveaxis(srgb_to_lab(rgb)[..., 1:], -1, 0)
    model = adopted(path, "deoldify", values=values)
    np.testing.assert_allclose(answer(model), expected, atol=0.05)


def test_colors_of_rgb_are_those_of_their_lab(tmp_path) -> None:
    tint = (0.9, 0.6, 0.3)
    model = adopted(networks.rgb(tmp_path / "m.onnx", tint), "rgb-to-rgb")
    expected = np.moveaxis(srgb_to_lab(grey() * np.float32(tint))[..., 1:], -1, 0)
    np.testing.assert_allclose(answer(model), expected, atol=0.05)


def test_a_network_of_one_size_sees_stretched_pictures(tmp_path) -> None:
    path = networks.ab(tmp_path / "m.onnx", 3, sides=(64, 96))
    found = adopt(path, Adoption("ddcolor", "CC0")).found
    assert found["sizes"] == "96 x 64 alone, to which pictures are stretched"
    model = Model("m", threads=1)
    assert model.size == 64
    expected = COLOR[:, None, None] + 10 * grey()[..., 0]
    assert np.abs(answer(model) - expected).mean() < 0.1


def test_sizes_that_vary_by_word_alone_are_fixed(tmp_path) -> None:
    path = networks.one_size(tmp_path / "m.onnx", 512)
    found = adopt(path, Adoption("ddcolor", "CC0")).found
    assert found["sizes"].startswith(
        "512 x 512 alone, to which pictures are stretched; it fails at"
    )
    assert answer(Model("m", threads=1)).shape == (2, 192, 320)


def test_hints_reach_a_network_that_takes_them(tmp_path) -> None:
    for sides in (("h", "w"), (96, 96)):
        path = networks.hinted(tmp_path / "m.onnx", sides=sides)
        adopt(path, Adoption("siggraph17", "CC0"), overwrite=True)
        model = Model("m", threads=1)
        assert model.takes_hints
        assert not model.gives_suggestions
        hints = np.zeros((3, *RAMP.shape), np.float32)
        hints[:, 100:116, 200:216] = np.array([-30, 40, 1])[:, None, None]
        ab = answer(model, hints=hints)
        np.testing.assert_allclose(ab[:, 108, 208], [-30, 40], atol=0.01)
        np.testing.assert_allclose(ab[:, 20, 20], COLOR, atol=0.01)


def test_half_floats_and_other_units_fit(tmp_path) -> None:
    half = onnx.TensorProto.FLOAT16
    path = networks.ab(tmp_path / "m.onnx", 3, scale=1 / 110, element=half)
    model = adopted(path, "rgb-to-ab", scale=110)
    expected = COLOR[:, None, None] + 10 * grey()[..., 0]
    np.testing.assert_allclose(answer(model), expected, atol=0.1)


def test_a_picture_is_colored_at_its_size_with_its_lightness(tmp_path) -> None:
    adopt(networks.rgb(tmp_path / "m.onnx", (1, 0.8, 0.6)), Adoption("rgb-to-rgb", "CC0"))
    picture = np.tile(np.linspace(20, 235, 301).astype(np.uint8), (201, 1))
    colored = Colorizer("m").colorize(picture)
    assert colored.shape == (201, 301, 3)
    assert (colored[..., 0].astype(int) - colored[..., 2]).mean() > 20
    difference = samples_to_lightness(colored) - samples_to_lightness(picture)
    assert np.abs(difference).max() < 0.25


def test_adopted_models_are_listed_used_by_name_and_removed(tmp_path, data_directory) -> None:
    path = networks.rgb(tmp_path / "warm.onnx", (1, 0.8, 0.6))
    run = CliRunner().invoke
    result = run(main, ["adopt", str(path), "--kind", "rgb-to-rgb", "--licence", "CC BY 4.0"])
    assert result.exit_code == 0, result.output
    lines = dict(line.split(": ", 1) for line in result.output.splitlines())
    assert lines["input 1"] == "image, 1 x 3 x ? x ?, float"
    assert lines["output"] == "out, 1 x 3 x ? x ?, float, RGB"
    assert lines["sees"] == "grey RGB, 0..1"
    assert lines["grey"].startswith("ab is finite, from ")
    assert lines["licence"] == "CC BY 4.0"
    assert lines["kept"] == str(data_directory / "models/warm.onnx")
    assert "warm" in list_models()
    assert "warm  adopted: rgb-to-rgb, CC BY 4.0" in run(main, ["models"]).output
    facts = json.loads(run(main, ["info", "warm", "--json"]).output)
    assert (facts["kind"], facts["licence"]) == ("model", "CC BY 4.0")
    assert run(main, ["models", "--remove", "warm"]).exit_code == 0
    assert "warm" not in list_models()
    result = run(main, ["models", "--remove", "warm"])
    assert "there is no adopted model 'warm'; see: photochrom models" in result.output
    assert "comes with Photochrom, and stays" in run(main, ["models", "--remove", "vivid"]).output


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="names the data directory as Linux does")
def test_an_adopted_model_is_evaluated_by_its_name(tmp_path) -> None:
    pytest.importorskip("skimage")
    from PIL import Image

    adopt(networks.rgb(tmp_path / "warm.onnx", (1, 0.8, 0.6)), Adoption("rgb-to-rgb", "CC0"))
    rng = np.random.default_rng(0)
    (tmp_path / "val").mkdir()
    for number in range(2):
        pixels = rng.integers(0, 255, (64, 64, 3)).astype(np.uint8)
        Image.fromarray(pixels).resize((128, 128)).save(tmp_path / f"val/{number}.png")
    result = CliRunner().invoke(main, ["evaluate", "warm", "--data", str(tmp_path / "val")])
    assert result.exit_code == 0, result.output
    assert "warm" in result.output


def test_rgb_of_another_range_is_doubted(tmp_path) -> None:
    path = networks.rgb(tmp_path / "m.onnx", (0.001, 0.001, 0.001), shift=0.5)
    found = adopt(path, Adoption("rgb-to-rgb", "CC0")).found
    assert found["lightness"].endswith("its RGB may be of another range")
    exact = adopt(networks.rgb(tmp_path / "n.onnx"), Adoption("rgb-to-rgb", "CC0")).found
    assert exact["lightness"] == "0.0 Lab units from what it is shown, in the mean"


def bad_files(tmp_path):
    """Give a file, how it is to be adopted, and what is said, of each way to be wrong."""
    ab, rgb = networks.ab, networks.rgb
    (tmp_path / "text.onnx").write_text("no model")
    sized = ab(tmp_path / "sized.onnx", 3, sides=(64, 64))
    other = networks.write(
        tmp_path / "other.onnx",
        {"x": 7},
        7,
        [onnx.helper.make_node("Identity", ["x"], ["out"])],
        {},
    )
    return [
        (
            ab(tmp_path / "l.onnx", 1),
            Adoption("ddcolor", "CC0"),
            r"not of the kind ddcolor: it has the input image, 1 x 1 x \? x \?, float, not 1 x 3 x "
            r"height x width of floats; give eccv16 or siggraph17",
        ),
        (
            other,
            Adoption("eccv16", "CC0"),
            r"of no kind that can be adopted \(ddcolor: it has the input x, 1 x 7 .*rgb-to-rgb: ",
        ),
        (
            networks.not_numbers(tmp_path / "nan.onnx"),
            Adoption("rgb-to-rgb", "CC0"),
            "gives values that are not numbers for grey; export it again",
        ),
        (
            sized,
            Adoption("ddcolor", "CC0", size=640),
            "sees 64 x 64 pixels alone, not 640; leave the size out, or export the file with dynam",
        ),
        (
            networks.one_size(tmp_path / "one.onnx", 96),
            Adoption("ddcolor", "CC0", size=128),
            "the network fails on grey pictures of 128 x 128 pixels",
        ),
        (tmp_path / "text.onnx", Adoption("ddcolor", "CC0"), r"not a whole ONNX model \(.*export"),
        (tmp_path / "gone.onnx", Adoption("ddcolor", "CC0"), "there is no model file .*check the"),
        (
            rgb(tmp_path / "old.onnx", opset=10),
            Adoption("rgb-to-rgb", "CC0"),
            "the file has opset 10; export it again with 11 or later",
        ),
        (sized, Adoption("ddcolor", "CC0", "vivid"), "vivid comes with Photochrom; choose another"),
        (sized, Adoption("ddcolor", "CC0", "a/b"), "'a/b' cannot be a model's name; use letters"),
    ]


@pytest.mark.parametrize("number", range(10))
def test_what_cannot_be_adopted_is_told_and_nothing_is_kept(tmp_path, number) -> None:
    path, how, message = bad_files(tmp_path)[number]
    with pytest.raises(ModelError, match=message):
        adopt(path, how)
    assert not [*(tmp_path / "data").rglob("*.onnx")]


def test_a_model_of_ours_is_used_by_its_path(tmp_path, echo) -> None:
    with pytest.raises(ModelError, match="a model of Photochrom already; use it by its path"):
        adopt(echo, Adoption("eccv16", "CC0"))


def test_another_model_of_the_name_is_replaced_when_asked_alone(tmp_path) -> None:
    path = networks.rgb(tmp_path / "m.onnx")
    adopt(path, Adoption("rgb-to-rgb", "CC0"))
    with pytest.raises(ModelError, match="there is a model m already; pass overwrite=True to re"):
        adopt(path, Adoption("rgb-to-rgb", "CC0"))
    assert adopt(path, Adoption("rgb-to-rgb", "CC1"), overwrite=True).found["licence"] == "CC1"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"family": "ddcolour"}, r"no kind 'ddcolour' \(did you mean ddcolor\?\); choose ddcolor"),
        ({"family": "ddcolor", "values": "0..2"}, r"no range '0..2' .*choose 0..1, 0..255"),
        ({"family": "eccv16", "values": "0..1"}, "sees lightness, not RGB; leave the range out"),
        ({"family": "eccv16", "licence": " "}, "the licence is empty; state the one that"),
    ],
)
def test_what_is_asked_is_checked(how, message) -> None:
    with pytest.raises(ModelError, match=message):
        Adoption(**{"licence": "CC0", **how})


def test_every_family_has_a_range_that_is_known() -> None:
    assert all(one.values in ("", *VALUES) for one in FAMILIES.values())


def test_the_extra_is_named(monkeypatch) -> None:
    import importlib.util

    whole = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "onnx" else whole(name)
    )
    words = ["adopt", "m.onnx", "--kind", "ddcolor", "--licence", "CC0"]
    output = CliRunner().invoke(main, words).output
    assert "adopting models needs an extra: pip install 'photochrom[adopt]'" in output
