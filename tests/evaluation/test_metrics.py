import re
import sys
from types import ModuleType
from urllib.error import URLError

import numpy as np
import pytest
import skimage.data
import torch
import torchvision
from scipy.ndimage import gaussian_filter
from skimage.metrics import peak_signal_noise_ratio
from torchmetrics.functional.image import learned_perceptual_image_patch_similarity

from photochrom.color.spaces import srgb_to_lab
from photochrom.evaluation.learned import LearnedMetrics
from photochrom.evaluation.metrics import (
    area_under_errors,
    colorfulness,
    mean_ciede2000,
    psnr,
    ssim,
)
from photochrom.evaluation.scores import FIGURES, SHARES, Scores, ratio, score, to_grey

GREY = np.full((8, 8, 3), 0.5)


def test_grey_has_no_colourfulness_and_red_has() -> None:
    assert colorfulness(GREY) == 0
    assert colorfulness(np.tile([1.0, 0, 0], (8, 8, 1))) == pytest.approx(0.3 * 255 * 1.25**0.5)


def test_colourfulness_of_halves_in_two_colours() -> None:
    """Red is 255 and 127.5 on the two opponent axes, blue 0 and -255."""
    halves = np.zeros((8, 8, 3))
    halves[:4, :, 0] = halves[4:, :, 2] = 1
    expected = np.hypot(127.5, 191.25) + 0.3 * np.hypot(127.5, 63.75)
    assert colorfulness(halves) == pytest.approx(expected)


def test_known_errors() -> None:
    assert psnr(GREY, GREY + 0.1) == pytest.approx(20)
    assert mean_ciede2000(GREY * 100, GREY * 100) == 0


def wang(one: np.ndarray, two: np.ndarray) -> float:
    """Equation 13 of Wang et al. 2004, for one channel in 0..1."""

    def blur(plane: np.ndarray) -> np.ndarray:
        return gaussian_filter(plane, 1.5, truncate=3.5)

    mean, other = blur(one), blur(two)
    variance, other_variance = blur(one**2) - mean**2, blur(two**2) - other**2
    covariance = blur(one * two) - mean * other
    value = (2 * mean * other + 1e-4) * (2 * covariance + 9e-4)
    value /= (mean**2 + other**2 + 1e-4) * (variance + other_variance + 9e-4)
    return float(value[5:-5, 5:-5].mean())


def test_similarity_agrees_with_other_computations() -> None:
    truth = skimage.data.astronaut()[:64, :64] / 255
    noisy = np.clip(truth + np.random.default_rng(0).normal(0, 0.1, truth.shape), 0, 1)
    assert psnr(noisy, truth) == pytest.approx(peak_signal_noise_ratio(truth, noisy, data_range=1))
    by_hand = np.mean([wang(noisy[..., channel], truth[..., channel]) for channel in range(3)])
    assert ssim(noisy, truth) == pytest.approx(by_hand, abs=1e-4)
    assert ssim(truth, truth) == 1
    assert np.isnan(ssim(GREY, GREY))


def test_area_under_errors_by_hand() -> None:
    truth = np.zeros((1, 2, 3))
    painted = truth.copy()
    painted[0, 1, 1] = 60.0  # one pixel right, one wrong by 60: half below 60, all from it on
    by_hand = (0.5 * 59.5 + 90.5) / 150  # the trapezoid between 59 and 60 lies on the step
    assert area_under_errors(truth, truth) == 1
    assert area_under_errors(painted, truth) == pytest.approx(by_hand, abs=0.002)
    weights = np.array([[0.0, 1.0]])
    assert area_under_errors(painted, truth, weights) == pytest.approx(90.5 / 150, abs=0.004)


def test_scores_of_grey_and_of_the_truth() -> None:
    truth = skimage.data.coffee()[:90, :120]
    grey = to_grey(truth)
    difference = (
        srgb_to_lab(truth / 255)[..., 0] - srgb_to_lab(grey[..., None].repeat(3, 2) / 255)[..., 0]
    )
    assert abs(difference).mean() < 0.15
    same = score(truth, truth)
    assert tuple(same) == FIGURES + SHARES
    assert same["CIEDE2000"] == 0
    far = score(grey[..., None].repeat(3, 2), truth, np.ones(truth.shape[:2], np.float32))
    assert far["CIEDE2000"] > 5
    assert far["rebalanced AuC"] == pytest.approx(far["AuC"])


def test_means_intervals_and_ratios() -> None:
    one, two = Scores("one"), Scores("two")
    for value in range(100):
        one.add({"PSNR": float(value)}, 0.001)
        two.add({"PSNR": 2.0 * value}, 0.002)
    assert one.mean("PSNR") == 49.5
    low, high = one.interval("PSNR")
    error = np.std(range(100)) / 10
    assert low == pytest.approx(49.5 - 1.96 * error, abs=1)
    assert high == pytest.approx(49.5 + 1.96 * error, abs=1)
    assert ratio(one, two, "PSNR") == 0.5


def test_lpips_comes_from_torchmetrics_once_its_weights_are_there(monkeypatch) -> None:
    """Weights made up for the test, in the place of those that would be downloaded."""
    torch.manual_seed(0)
    made_up = torchvision.models.alexnet(weights=None).state_dict()
    monkeypatch.setattr(
        "torchvision.models._api.load_state_dict_from_url", lambda *_, **__: made_up
    )
    picture = skimage.data.astronaut()[:256, :256]
    other = skimage.data.astronaut()[256:, 256:]
    same, far = LearnedMetrics(download=True), LearnedMetrics(download=True)
    same.add(picture, picture)
    far.add(picture, other)
    assert same.values()["LPIPS"] == pytest.approx(0, abs=1e-6)
    planes = [torch.from_numpy(one.copy()).permute(2, 0, 1)[None] / 255 for one in (picture, other)]
    by_itself = learned_perceptual_image_patch_similarity(*planes, net_type="alex", normalize=True)
    assert far.values()["LPIPS"] == pytest.approx(float(by_itself), rel=1e-4)


def test_what_cannot_be_had_is_said_in_a_sentence(monkeypatch) -> None:
    def unreachable(*_, **__):
        raise URLError("no network")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", unreachable)
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    assert LearnedMetrics(download=True).values() == {
        "LPIPS": "LPIPS: its weights cannot be fetched or read (<urlopen error no network>)",
        "FID": "FID needs other libraries: pip install torchmetrics torch-fidelity",
    }


def test_weights_are_not_fetched_unasked(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("torch.hub.get_dir", lambda: str(tmp_path))
    inception = ModuleType("torch_fidelity.feature_extractor_inceptionv3")
    inception.URL_INCEPTION_V3 = "https://example.org/weights-inception.pth"
    monkeypatch.setitem(sys.modules, "torch_fidelity", ModuleType("torch_fidelity"))
    monkeypatch.setitem(sys.modules, inception.__name__, inception)
    assert LearnedMetrics().values() == {
        "LPIPS": "LPIPS: its weights are not here; pass download=True to fetch them, 233 MB",
        "FID": "FID: its weights are not here; pass download=True to fetch them, 91 MB",
    }
    (tmp_path / "checkpoints").mkdir()
    for name in ("alexnet-owt-7be5be79.pth", "weights-inception.pth"):
        (tmp_path / "checkpoints" / name).write_bytes(b"damaged")
    for name, value in LearnedMetrics().values().items():
        assert re.match(rf"{name}: its weights cannot be|{name} needs other libraries", value)
