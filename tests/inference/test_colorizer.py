import os
import subprocess
import sys

import numpy as np
import pytest
import skimage.data
from onnx import TensorProto, helper
from PIL import Image

from helpers import echo_model
from photochrom import Colorizer, ImageError, Limits, ModelError, Stopped, colorize
from photochrom.color.spaces import samples_to_lightness, srgb_to_lab
from photochrom.evaluation.metrics import colorfulness
from photochrom.image import Picture
from photochrom.image.profiles import checked_array


@pytest.fixture(scope="module")
def colorizer():
    return Colorizer("vivid")


@pytest.fixture
def grey():
    return skimage.data.astronaut()[:256, :256, 1]


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import photochrom, sys; "
        "assert not {'torch', 'onnxruntime', 'pyvips'} & set(sys.modules), 'too much loaded'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_is_noted_for_others(tmp_path) -> None:
    home = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), str(tmp_path))
    silencing = {"CI", "ORT_DISABLE_TELEMETRY", "GITHUB_ACTIONS", "TF_BUILD"}
    environment = {key: value for key, value in os.environ.items() if key not in silencing}
    code = "from photochrom import Colorizer; Colorizer()"
    subprocess.run([sys.executable, "-c", code], check=True, env=environment | home)
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.uint16, np.float16, np.float32, np.float64, np.longdouble]
)
def test_arrays_come_back_in_colour_and_in_their_type(colorizer, grey, dtype) -> None:
    white = {np.uint8: 255, np.uint16: 65535}.get(dtype, 1)
    out = colorizer.colorize((grey / 255 * white).round(6).astype(dtype))
    assert out.shape == (256, 256, 3)
    assert out.dtype == dtype
    lightness = samples_to_lightness(np.rint(out / white * 255).astype(np.uint8))
    assert np.abs(lightness - samples_to_lightness(grey)).mean() < 0.4


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_white_stays_white_in_every_type_of_floats(dtype) -> None:
    samples = checked_array(np.array([[0, 0.5, 1]], dtype))
    assert samples.dtype == np.uint16
    assert samples.tolist() == [[0, 32768, 65535]]
    with pytest.raises(ImageError, match=r"floats from 0 to 2; give them in 0\.\.1"):
        checked_array(np.array([[0, 2]], dtype))


def test_lightness_is_kept_and_colour_added(colorizer, grey) -> None:
    out = colorizer.colorize(grey)
    assert np.abs(samples_to_lightness(out) - samples_to_lightness(grey)).mean() < 0.25
    assert colorfulness(out / 255) > 8


@pytest.mark.parametrize("quality", ["good", "best"])
def test_a_mirrored_picture_has_mirrored_colours(colorizer, grey, quality) -> None:
    colours, mirrored = (
        colorizer.colorize(one, quality=quality).astype(int) for one in (grey, grey[:, ::-1])
    )
    assert np.abs(mirrored[:, ::-1] - colours).max() <= 2
    once = colorizer.colorize(grey, quality="fast").astype(int)
    assert np.abs(once - colours).mean() > 0.1


def test_what_is_seen_is_bounded_in_pixels(tmp_path) -> None:
    colorizer = Colorizer(echo_model.write(tmp_path / "plain.onnx", hints=False))
    long = np.tile(np.arange(256, dtype=np.uint8), (2100, 33))
    coloured = colorizer.colorize(Picture(long), size=2048, quality="fast")
    width, height = map(int, coloured.note["Size"].split("x"))
    assert width * height <= 1.05 * 2048**2
    assert width / height == pytest.approx(4, rel=0.02)


def test_an_unknown_quality_names_the_nearest(colorizer, grey) -> None:
    with pytest.raises(
        ModelError, match=r"no quality 'bests' \(did you mean best\?\); " "choose fast"
    ):
        colorizer.colorize(grey, quality="bests")


def test_vivid_is_more_colourful_than_natural(colorizer, grey) -> None:
    natural, vivid = (colorizer.colorize(grey, vividness=v) / 255 for v in (0.0, 1.0))
    assert colorfulness(vivid) > 1.3 * colorfulness(natural)


def test_files_bytes_and_pil(colorizer, grey, tmp_path) -> None:
    Image.fromarray(grey).save(tmp_path / "in.png")
    colorizer.colorize(tmp_path / "in.png").save(tmp_path / "a.png")
    data = colorizer.colorize((tmp_path / "in.png").read_bytes()).encode(".png")
    assert data == (tmp_path / "a.png").read_bytes()
    colorize(tmp_path / "in.png", tmp_path / "b.png")
    assert (tmp_path / "b.png").read_bytes() == data
    image = colorizer.colorize(Image.fromarray(grey))
    with Image.open(tmp_path / "a.png") as saved:
        np.testing.assert_array_equal(np.asarray(image), np.asarray(saved))


def test_a_part_has_the_colours_of_the_whole(colorizer) -> None:
    picture = Picture(skimage.data.camera())
    whole = colorizer.colorize(picture).array()
    small = colorizer.colorize(Picture(picture.thumbnail(256, 256)))
    cut = np.s_[100:180, 200:330]
    part = colorizer.colorize(picture).region(200, 100, skimage.data.camera()[cut])
    assert (part == whole[cut]).all()
    laid = small.over(picture).array()
    assert laid.shape == whole.shape
    assert np.abs(samples_to_lightness(laid) - samples_to_lightness(whole)).max() < 0.8
    assert np.abs(laid.astype(int) - whole).mean() < 3


@pytest.mark.parametrize(("quality", "looks"), [("fast", 1), ("best", 4)])
def test_work_stops_before_the_next_look_or_band(echo, grey, quality, looks) -> None:
    colorizer, picture, asked = Colorizer(echo), np.tile(grey, (24, 1)), []

    def to_ab(most: int) -> bytes:
        limits = Limits(stop=lambda: asked.append(most) or len(asked) > most)
        return colorizer.colorize(Picture(picture, limits), quality=quality).encode(".png")

    bands = -(-picture.size // (1 << 18))
    steps = looks + bands
    assert to_ab(100)
    assert len(asked) == steps > looks + 2
    for most in (0, looks - 1, looks + 1, steps - 1):
        asked.clear()
        with pytest.raises(Stopped, match="nobody waits"):
            to_ab(most)
        assert len(asked) == most + 1


def test_bad_options_and_inputs(colorizer, grey) -> None:
    with pytest.raises(ModelError, match="vividness goes from 0 to 1"):
        colorizer.colorize(grey, vividness=2)
    with pytest.raises(ModelError, match="size goes from 32"):
        colorizer.colorize(grey, size=5)
    with pytest.raises(ImageError, match="cannot colour a int"):
        colorizer.colorize(3)


def test_bad_models(tmp_path) -> None:
    with pytest.raises(ModelError, match=r"did you mean vivid\?"):
        Colorizer("vivd")
    with pytest.raises(ModelError, match="no model file"):
        Colorizer(tmp_path / "x.onnx")
    (tmp_path / "x.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="damaged, or not an ONNX model"):
        Colorizer(tmp_path / "x.onnx")
    identity = helper.make_node("Identity", ["x"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
    graph = helper.make_graph([identity], "g", ends[:1], ends[1:])
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
    (tmp_path / "x.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match="this ONNX model is not a colorizer of Photochrom"):
        Colorizer(tmp_path / "x.onnx")


def test_the_tint_of_paper_stays_if_wanted() -> None:
    grey = skimage.data.camera()[:96, 300:428] / 255
    sepia = (grey[..., None] * [1.0, 0.92, 0.75] * 255).astype(np.uint8)
    colorizer = Colorizer()
    plain, toned = (srgb_to_lab(colorizer.colorize(sepia, tone=t) / 255) for t in (False, True))
    paper = plain[..., 0] > 75
    wanted = srgb_to_lab(sepia / 255)[paper, 2].mean()
    assert toned[paper, 2].mean() - plain[paper, 2].mean() == pytest.approx(wanted, rel=0.25)
    np.testing.assert_allclose(toned[..., 0], plain[..., 0], atol=0.6)
