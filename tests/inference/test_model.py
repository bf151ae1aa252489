import numpy as np
import pytest

from helpers import echo_model
from photochrom.color.upsampling import unsharp_mask
from photochrom.errors import ModelError
from photochrom.guidance.palette import ColorPrior
from photochrom.inference.model import MIDDLE, Model, chroma_gain


class Counting:
    """A session that counts how often it is run."""

    def __init__(self, session) -> None:
        self.session, self.runs = session, 0

    def run(self, names, feeds):
        self.runs += 1
        return self.session.run(names, feeds)


def counted(model: Model) -> Counting:
    model._session = Counting(model._session)
    return model._session


@pytest.fixture
def lightness():
    return np.random.default_rng(0).uniform(0, 100, (64, 96)).astype(np.float32)


def test_gain_goes_from_the_least_to_the_most() -> None:
    assert [chroma_gain((0.5, 2.0), vividness) for vividness in (0, 0.5, 1)] == [0.5, 1.0, 2.0]


def test_vividness_is_a_gain_of_chroma(echo, lightness) -> None:
    model = Model(echo, threads=1)
    (natural,), (vivid,) = (model.answer(["ab"], lightness, vividness) for vividness in (0, 1))
    np.testing.assert_allclose(vivid, 4 * natural, rtol=1e-5)


def test_natural_colours_give_way_to_the_middle_ones(tmp_path, lightness) -> None:
    model = Model(echo_model.write(tmp_path / "m.onnx", natural=True), threads=1)
    colors = {
        vividness: model.answer(["ab"], lightness, vividness)[0]
        for vividness in (0.0, 0.25, MIDDLE, 1.0)
    }
    np.testing.assert_allclose(colors[0.0], 0.5 * colors[MIDDLE][::-1], rtol=1e-5)
    np.testing.assert_allclose(colors[0.25], (colors[0.0] + colors[MIDDLE]) / 2, rtol=1e-5)
    np.testing.assert_allclose(colors[1.0], 2 * colors[MIDDLE], rtol=1e-5)


def test_natural_colours_are_not_sharpened(tmp_path, lightness) -> None:
    path = echo_model.write(tmp_path / "m.onnx", natural=True)
    plain, sharp = Model(path, threads=1), Model(path, threads=1)
    sharp.info = sharp.info | {"unsharp": 0.3}
    for vividness, same in ((0.0, True), (0.3, False), (1.0, False)):
        (one,), (two,) = (model.answer(["ab"], lightness, vividness) for model in (plain, sharp))
        assert (np.abs(one - two).max() < 1e-4) == same


def test_a_palette_chooses_from_the_distribution_at_any_vividness(tmp_path, lightness) -> None:
    model = Model(echo_model.write(tmp_path / "m.onnx", natural=True), threads=1)
    prior = ColorPrior(warmth=0.5)
    natural, vivid = (model.answer(["ab"], lightness, at, prior=prior)[0] for at in (0.0, 1.0))
    np.testing.assert_allclose(vivid, 4 * natural, rtol=1e-4)


@pytest.mark.parametrize("prior", [None, ColorPrior(warmth=0.5)])
def test_colours_stand_out_as_far_as_the_model_says(echo, lightness, prior) -> None:
    model = Model(echo, threads=1)
    (plain,) = model.answer(["ab"], lightness, prior=prior)
    model.info["unsharp"] = 0.3
    (sharp,) = model.answer(["ab"], lightness, prior=prior)
    np.testing.assert_allclose(sharp, unsharp_mask(plain, 0.3), atol=1e-4)
    assert np.abs(sharp - plain).max() > 1


def test_what_was_answered_is_kept_and_the_same(echo, lightness) -> None:
    plain, keeping = Model(echo, threads=1), Model(echo, threads=1, memory=1 << 20)
    session = counted(keeping)
    hints = np.zeros((3, 64, 96), np.float32)
    hints[:, 30:34, 40:44] = np.array([40, -30, 1])[:, None, None]
    for given, runs in ((None, 1), (hints, 2)):
        for vividness in (0.0, 0.7):
            asked = (["ab", "likelihood"], lightness, vividness, given)
            for one, two in zip(plain.answer(*asked), keeping.answer(*asked), strict=True):
                np.testing.assert_array_equal(one, two)
        assert session.runs == runs


def test_no_more_is_kept_than_was_allowed(echo, lightness) -> None:
    model = Model(echo, threads=1, memory=1)
    session = counted(model)
    for one in (lightness, lightness / 2, lightness):
        model.answer(["ab"], one)
    assert session.runs == 3
    model.answer(["ab"], lightness)
    assert session.runs == 3, "the last one stays, however large"


def test_a_model_of_another_format_is_refused(echo, tmp_path) -> None:
    data = echo.read_bytes()
    assert b'"format": 2' in data
    (tmp_path / "old.onnx").write_bytes(data.replace(b'"format": 2', b'"format": 1'))
    with pytest.raises(ModelError, match="another version of Photochrom; export its run again"):
        Model(tmp_path / "old.onnx", threads=1)
