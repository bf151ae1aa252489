import numpy as np
import pytest

from photochrom.evaluation.metrics import colourfulness, mean_ciede2000, psnr

GREY = np.full((8, 8, 3), 0.5)


def test_grey_has_no_colourfulness_and_red_has() -> None:
    assert colourfulness(GREY) == 0
    assert colourfulness(np.tile([1.0, 0, 0], (8, 8, 1))) == pytest.approx(0.3 * 255 * 1.25**0.5)


def test_known_errors() -> None:
    assert psnr(GREY, GREY + 0.1) == pytest.approx(20)
    assert mean_ciede2000(GREY * 100, GREY * 100) == 0
